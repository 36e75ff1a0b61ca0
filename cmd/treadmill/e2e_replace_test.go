//go:build e2e

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestE2EReplacementLoads gives what replaces the defaults to the programs that load it: rules and their tests to promtool, the
// configuration of Alertmanager to amtool, which also says where alerts go.
func TestE2EReplacementLoads(t *testing.T) {
	amtool := program(t, "amtool")
	for name, args := range map[string][]string{
		"manifests": {filepath.FromSlash("../../testdata/rules/kube-prometheus.yaml")},
		"chart":     {"--chart", filepath.FromSlash("../../testdata/charts/stack")},
	} {
		t.Run(name, func(t *testing.T) {
			out := t.TempDir()
			treadmill(t, append([]string{"rules", "replace", "--format", "prometheus", "--out", out}, args...)...)
			for _, step := range []string{"1-burn-in", "2-final"} {
				files, err := filepath.Glob(filepath.Join(out, step, "rules", "*.yaml"))
				if err != nil || len(files) != 3 {
					t.Fatalf("%v: %v", files, err)
				}
				promtool(t, append([]string{"check", "rules"}, files...)...)
			}
			promtool(t, "test", "rules", filepath.Join(out, "tests", "apiserver-availability.quick_test.yaml"))
			config := filepath.Join(out, "alertmanager.yaml")
			for alert, receiver := range map[string]string{
				"alertname=Watchdog severity=none":                                  "heartbeat",
				"alertname=KubeAPIDown severity=critical":                           "page",
				"alertname=ErrorBudgetBurn severity=critical slo_severity=page":     "page",
				"alertname=ErrorBudgetBurn severity=warning slo_severity=ticket":    "ticket",
				"alertname=KubeNodeNotReady severity=info shipped_severity=warning": "nobody",
				"alertname=SomethingOfOurs":                                         "ticket",
			} {
				args := append(
					[]string{"config", "routes", "test", "--config.file=" + config, "--verify.receivers=" + receiver},
					strings.Fields(alert)...)
				if text, err := exec.CommandContext(t.Context(), amtool, args...).CombinedOutput(); err != nil {
					t.Errorf("%s: want %s: %v\n%s", alert, receiver, err, text)
				}
			}
			if text, err := exec.CommandContext(t.Context(), amtool, "check-config", config).CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, text)
			}
		})
	}
}
