package app

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// TestSweep has the files of runs that are dead, alive, of other machines, and what is no such file at all.
func TestSweep(t *testing.T) {
	run := newTemps()
	mine, parent := os.Getpid(), os.Getppid()
	dead := exec.Command("go", "version")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	name := func(machine string, pid int, run string) string {
		return fmt.Sprintf(".treadmill-%s-%d-%s-1", machine, pid, run)
	}
	folder, other := t.TempDir(), "ffffffff"
	if run.machine == other || run.run == other {
		t.Skip("the numbers of this run are those of the others")
	}
	stay := []string{
		name(run.machine, mine, run.run), name(run.machine, parent, other), name(other, dead.Process.Pid, other), ".treadmill.yaml",
		".treadmill.sha256", "treadmill-" + run.machine + "-1-00000000-1",
	}
	gone := []string{name(run.machine, mine, other), name(run.machine, dead.Process.Pid, other), name(other, parent, "00000000")}
	for _, name := range slices.Concat(stay, gone) {
		if err := os.WriteFile(filepath.Join(folder, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-2 * old)
	if err := os.Chtimes(filepath.Join(folder, gone[2]), before, before); err != nil {
		t.Fatal(err)
	}
	run.sweep(folder)
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(stay)
	if !slices.Equal(got, stay) {
		t.Errorf("left %v, want %v", got, stay)
	}
}
