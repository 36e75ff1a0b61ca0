//go:build e2e

package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestE2EPromtoolReadsTheExport has promtool check the metrics of the example's plan and the alert rules on them, and run their unit tests.
func TestE2EPromtoolReadsTheExport(t *testing.T) {
	metrics := treadmill(t, "upgrade", "export", "-f", "../../testdata/example/fleet.yaml", "--now", "2026-11-23")
	c := exec.CommandContext(t.Context(), os.Getenv("PROMTOOL"), "check", "metrics")
	c.Stdin = bytes.NewReader(metrics)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
	dir := t.TempDir()
	rules := filepath.Join(dir, "cmd", "internal", "export", "rules.yaml") // where the unit tests look for them
	tests := filepath.Join(dir, "testdata", "export", "alerts_test.yaml")
	text, err := os.ReadFile("../../testdata/export/alerts_test.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{rules: treadmill(t, "upgrade", "export", "--rules", "--format", "prometheus"), tests: text} {
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Log(promtool(t, "check", "rules", "--lint-fatal", rules))
	t.Log(promtool(t, "test", "rules", tests))
}
