package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestInterruptedWorkIsLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	done <- 1
	var stderr strings.Builder
	if got := ending(ctx, done, time.Hour, &stderr); got != 1 || stderr.Len() > 0 {
		t.Errorf("work that ended: %d, %q", got, stderr.String())
	}
	cancel()
	if got := ending(ctx, done, 0, &stderr); got != 3 || stderr.String() != "treadmill: interrupted\n" {
		t.Errorf("work that never ends: %d, %q", got, stderr.String())
	}
	go func() { done <- 3 }()
	stderr.Reset()
	if got := ending(ctx, done, time.Hour, &stderr); got != 3 || stderr.Len() > 0 {
		t.Errorf("work that stops when it is told to: %d, %q", got, stderr.String())
	}
}

// A program that waits for its standard input ends at the second signal at the latest.
func TestSignalsEndTheProgram(t *testing.T) {
	program := programLink(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, program, "slo", "validate", "-")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for {
		select {
		case err := <-ended:
			var status *exec.ExitError
			if !errors.As(err, &status) || status.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
				t.Errorf("ended with %v", err)
			}
			return
		case <-time.After(100 * time.Millisecond):
			_ = c.Process.Signal(syscall.SIGTERM) // it may have ended meanwhile
		}
	}
}

// A run that is killed while it puts the files of a set in their places leaves each as it was or as it shall be. The next one does the
// rest, and takes away what lies beside them, though nobody may have waited for the process that was killed, and though nothing is left
// to do.
func TestKilledBetweenRenames(t *testing.T) {
	const files = 400
	const was, is = "apiVersion: policy/v1beta1\n", "apiVersion: policy/v1\n"
	const rest = "kind: PodDisruptionBudget\nmetadata: {name: web, namespace: shop}\nspec: {minAvailable: 1, selector: {matchLabels: {app: web}}}\n"
	program, folder := programLink(t), t.TempDir()
	name := func(i int) string { return filepath.Join(folder, fmt.Sprintf("%03d.yaml", i)) }
	for i := range files {
		if err := os.WriteFile(name(i), []byte(was+rest), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	fix := func() *exec.Cmd { return exec.Command(program, "upgrade", "fix", folder, "--to", "1.37", "--write") }
	c := fix()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for { // until the first file is renamed, whether the run is over by then or not
		if data, err := os.ReadFile(name(0)); err != nil || string(data) == is+rest {
			break
		}
	}
	_ = c.Process.Kill()
	for i := range files {
		if data, err := os.ReadFile(name(i)); err != nil || string(data) != was+rest && string(data) != is+rest {
			t.Fatalf("%s holds %q, %v", name(i), data, err)
		}
	}
	for range 2 { // before anybody has waited for the process, and after
		if out, err := fix().CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		_ = c.Wait()
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != files {
		t.Fatalf("%d files in the folder, want %d: %v", len(entries), files, err)
	}
	for i := range files {
		if data, err := os.ReadFile(name(i)); err != nil || string(data) != is+rest {
			t.Fatalf("%s holds %q, %v", name(i), data, err)
		}
	}
}

// programLink is the test's program under the name by which it runs as treadmill.
func programLink(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "treadmill")
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	return program
}
