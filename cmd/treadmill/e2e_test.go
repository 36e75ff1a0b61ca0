//go:build e2e

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// promtool runs the real promtool, which make servers builds.
func promtool(t *testing.T, args ...string) string {
	t.Helper()
	program := os.Getenv("PROMTOOL")
	if program == "" {
		t.Fatal("PROMTOOL does not name the promtool to test with: run make e2e")
	}
	out, err := exec.CommandContext(t.Context(), program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("promtool %v: %v\n%s", args, err, out)
	}
	return string(out)
}

// treadmill runs a command that must succeed, and returns what it writes to standard output.
func treadmill(t *testing.T, args ...string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(t.Context(), "treadmill", args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	if err := c.Run(); err != nil {
		t.Fatalf("treadmill %v: %v\n%s%s", args, err, stdout.String(), stderr.String())
	}
	return stdout.Bytes()
}

// TestE2EPromtoolReadsGeneratedRules checks the rules of the example's SLOs with the program that loads them in the end.
func TestE2EPromtoolReadsGeneratedRules(t *testing.T) {
	root := filepath.FromSlash("../..")
	files, err := filepath.Glob(filepath.Join(root, "testdata", "example", "slos", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no SLOs in the example: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "rules.yaml")
			treadmill(t, "rules", "generate", "--format", "prometheus", "--out", out, file)
			t.Log(promtool(t, "check", "rules", "--lint-fatal", out))
			tests := t.TempDir()
			treadmill(t, "rules", "generate", "--tests", tests, file)
			suites, err := filepath.Glob(filepath.Join(tests, "*_test.yaml"))
			if err != nil || len(suites) == 0 {
				t.Fatalf("no unit tests: %v", err)
			}
			t.Log(promtool(t, append([]string{"test", "rules"}, suites...)...))
		})
	}
}

// TestE2EPromtoolAgreesOnTests runs test files with promtool and with rules test: both must pass them, or both fail them.
func TestE2EPromtoolAgreesOnTests(t *testing.T) {
	for name, pass := range map[string]bool{"passing.yaml": true, "fuzzy.yaml": true, "failing.yaml": false} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("..", "..", "testdata", "unittest", name)
			theirs := exec.CommandContext(t.Context(), os.Getenv("PROMTOOL"), "test", "rules", file).Run()
			ours := exec.CommandContext(t.Context(), "treadmill", "rules", "test", file).Run()
			if (theirs == nil) != pass || (ours == nil) != pass {
				t.Errorf("promtool: %v, rules test: %v; want both to pass: %v", theirs, ours, pass)
			}
		})
	}
}
