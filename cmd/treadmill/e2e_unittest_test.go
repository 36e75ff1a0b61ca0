//go:build e2e

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestE2EPromtoolAgreesOnUnitTests runs the test files that both can read through both and compares the verdicts.
func TestE2EPromtoolAgreesOnUnitTests(t *testing.T) {
	promtool := os.Getenv("PROMTOOL")
	files, err := filepath.Glob("../../testdata/unittest/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		if name == "objects.yaml" || name == "object.yaml" || name == "plain.yaml" || name == "up.yaml" {
			continue // objects are read here only, and rules are not tests
		}
		t.Run(name, func(t *testing.T) {
			_, theirs := exec.CommandContext(t.Context(), promtool, "test", "rules", file).CombinedOutput()
			_, ours := exec.CommandContext(t.Context(), "treadmill", "rules", "test", file).CombinedOutput()
			if (theirs == nil) != (ours == nil) {
				t.Errorf("promtool: %v, treadmill: %v", theirs, ours)
			}
		})
	}
}
