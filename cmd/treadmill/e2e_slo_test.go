//go:build e2e

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// TestE2EPromtoolPassesWhatIsGenerated makes rules and their unit tests of every spec at hand and lets promtool check the
// rules: every kind of SLO, the examples, and published specs where they lie beside the repository. Of testdata/slos, which
// has each kind once, promtool runs the tests too; one SLO takes it some ten seconds.
func TestE2EPromtoolPassesWhatIsGenerated(t *testing.T) {
	promtool, dir := os.Getenv("PROMTOOL"), t.TempDir()
	for _, folder := range []string{"../../testdata/slos", "../../testdata/example/slos", "../../../shared/real/slo"} {
		specs, err := filepath.Glob(folder + "/*.y*ml")
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range specs { // one at a time: published files repeat one another's SLOs
			out := filepath.Join(dir, filepath.Base(folder)+"-"+filepath.Base(spec))
			args := []string{
				"rules",
				"generate",
				"--format",
				"prometheus",
				"--tests",
				filepath.Join(dir, filepath.Base(filepath.Dir(folder))),
				"--out",
				out,
				spec,
			}
			text, err := exec.CommandContext(t.Context(), "treadmill", args...).CombinedOutput()
			if err != nil || strings.Contains(string(text), "slo/untested") {
				t.Errorf("%s: %v\n%s", spec, err, text)
				continue
			}
			if text, err := exec.CommandContext(t.Context(), promtool, "check", "rules", "--lint=all", "--lint-fatal",
				out).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%s", spec, err, text)
			}
		}
	}
	tests, err := filepath.Glob(filepath.Join(dir, "testdata", "*_test.yaml"))
	if err != nil || len(tests) == 0 {
		t.Fatal("no tests were written", err)
	}
	slots := make(chan struct{}, runtime.NumCPU())
	var wg sync.WaitGroup
	for _, file := range tests {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if text, err := exec.CommandContext(t.Context(), promtool, "test", "rules", file).CombinedOutput(); err != nil {
				t.Errorf("%s: %v\n%.2000s", filepath.Base(file), err, text)
			}
		})
	}
	wg.Wait()
}
