//go:build e2e

package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestE2EAuditRoutesAsAmtool holds who is told of an alert against what amtool says of the same configuration.
func TestE2EAuditRoutesAsAmtool(t *testing.T) {
	amtool := program(t, "amtool")
	config, err := filepath.Abs("../../testdata/noise/alertmanager.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	write(t, rules, "groups: [{name: a, rules: [{alert: A, expr: up == 0}]}]\n")
	for _, severity := range []string{"none", "critical", "warning", "info", "other"} {
		out, err := exec.CommandContext(t.Context(), amtool, "config", "routes", "test", "--config.file="+config,
			"alertname=A", "severity="+severity).
			CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		want := strings.FieldsFunc(strings.TrimSpace(string(out)), func(r rune) bool { return r == ',' || r == '\n' || r == ' ' })
		history := filepath.Join(t.TempDir(), "history.yaml")
		write(
			t,
			history,
			"start: 2026-11-17T00:00:00Z\ninterval: 1m\nseries: [{series: 'ALERTS{alertname=\"A\",alertstate=\"firing\",severity=\""+severity+"\"}', values: '1x120'}]\n",
		)
		var got struct {
			Receivers []struct{ Name string }
		}
		text := treadmill(
			t,
			"rules",
			"audit",
			rules,
			"--openmetrics",
			history,
			"--since",
			"7d",
			"--now",
			"2026-11-18",
			"--alertmanager",
			config,
			"-o",
			"json",
		)
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, r := range got.Receivers {
			names = append(names, r.Name)
		}
		slices.Sort(want)
		if !slices.Equal(names, want) {
			t.Errorf("severity %s: %v, amtool says %v", severity, names, want)
		}
	}
}
