//go:build e2e

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// oldThresholds are rules that are no SLOs': on raw series and on what they record, with for and keep_firing_for.
const oldThresholds = `groups:
- name: old
  rules:
  - {record: 'errors:ratio', expr: 'sum(rate(bad_total[5m])) / sum(rate(all_total[5m]))'}
  - {alert: Now, expr: 'sum(rate(bad_total[5m])) > 0', labels: {severity: page}}
  - {alert: Held, expr: 'sum(rate(bad_total[5m])) > 0', for: 150s, keep_firing_for: 200s, labels: {severity: page}}
  - {alert: Recorded, expr: 'errors:ratio > 0.1', for: 2m, keep_firing_for: 10m, labels: {severity: warning}}
`

const oldSLO = `version: prometheus/v1
service: web
slos:
- name: web
  objective: 99
  sli: {events: {error_query: 'sum(rate(bad_total[{{.window}}]))', total_query: 'sum(rate(all_total[{{.window}}]))'}}
  alerting: {page_alert: {}, ticket_alert: {}}
`

// TestE2EPromtoolFiresAsTheBacktestSays replays old rules over a history and lets promtool say, at each minute, how many of
// each alert fire: as many as the replay has.
func TestE2EPromtoolFiresAsTheBacktestSays(t *testing.T) {
	const minutes = 180
	dir, start := t.TempDir(), time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	series := "- {series: all_total, values: '0+100x180'}\n- {series: bad_total, values: '0x20 0+50x3 150x30 150+1x1 151x9 151+2x40 _x20 300+90x10 1200x45'}\n"
	files := map[string]string{"rules.yaml": oldThresholds, "slo.yaml": oldSLO,
		"history.yaml": "start: " + start.Format(time.RFC3339) + "\ninterval: 1m\nseries:\n" + series}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	out := treadmill(
		t,
		"rules",
		"backtest",
		"--openmetrics",
		at("history.yaml"),
		"--since",
		"3h",
		"--now",
		start.Add(minutes*time.Minute).Format(time.RFC3339),
		"--baseline",
		at("rules.yaml"),
		"-o",
		"json",
		at("slo.yaml"),
	)
	var got struct {
		Baseline struct {
			Rules []struct {
				Alert    string
				Episodes []struct{ Start, End time.Time }
			}
		}
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	fires := map[string][minutes + 1]int{"Now": {}, "Held": {}, "Recorded": {}}
	for _, r := range got.Baseline.Rules {
		at := fires[r.Alert]
		for _, e := range r.Episodes {
			for m := range at {
				if moment := start.Add(time.Duration(m) * time.Minute); !moment.Before(e.Start) && moment.Before(e.End) {
					at[m]++
				}
			}
		}
		fires[r.Alert] = at
	}
	var b strings.Builder
	b.WriteString(
		"rule_files: [rules.yaml]\nevaluation_interval: 1m\ntests:\n- interval: 1m\n  input_series:\n" + strings.ReplaceAll(
			series,
			"- {",
			"  - {",
		) + "  promql_expr_test:\n",
	)
	for name, at := range fires {
		if at == [minutes + 1]int{} {
			t.Errorf("%s never fires", name)
		}
		for m := 1; m <= minutes; m++ {
			fmt.Fprintf(
				&b,
				"  - {expr: 'count(ALERTS{alertname=\"%s\",alertstate=\"firing\"}) or vector(0)', eval_time: %dm, exp_samples: [{labels: '{}', value: %d}]}\n",
				name,
				m,
				at[m],
			)
		}
	}
	if err := os.WriteFile(at("test.yaml"), []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Log(promtool(t, "test", "rules", at("test.yaml")))
}
