package defaults_test

import (
	"os"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/defaults"
)

func replaced(t *testing.T, o defaults.ReplaceOptions) (defaults.Replacement, map[string]rules.Rule) {
	t.Helper()
	data, err := os.ReadFile("../../testdata/rules/kube-prometheus.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := rules.Read("r.yaml", data)
	table, _ := defaults.Known()
	r := defaults.Replace(files, table, o)
	left := map[string]rules.Rule{}
	for _, p := range rules.Rules(r.Files) {
		left[p.Rule.Name()+" "+p.Rule.Labels["severity"]] = *p.Rule
	}
	return r, left
}

func TestReplaceGivesDispositionsTheirSeverities(t *testing.T) {
	r, left := replaced(t, defaults.ReplaceOptions{})
	if got := left["KubeAPIDown critical"].Expr; got != `absent(up{job="apiserver"} == 1)` {
		t.Errorf("not mended: %s", got)
	}
	for name, stays := range map[string]bool{
		"KubeNodeNotReady info":                         true, // replaced: information until the SLO has proved itself
		"KubeNodeNotReady warning":                      false,
		"KubeAPIErrorBudgetBurn info":                   true,
		"etcdHighFsyncDurations info":                   true,
		"Watchdog none":                                 true, // the dead-man switch keeps its severity
		"apiserver_request:burnrate5m ":                 true, // recordings stay
		"CheckoutQueueStuck critical":                   true, // unknown: left alone
		"AlertmanagerClusterFailedToSendAlerts warning": true, // changed: left alone
		"CPUThrottlingHigh info":                        true, // changed: left alone
	} {
		if _, ok := left[name]; ok != stays {
			t.Errorf("%s: %v, want %v", name, ok, stays)
		}
	}
	if got := left["KubeNodeNotReady info"].Labels["shipped_severity"]; got != "warning" {
		t.Errorf("what it was is forgotten: %q", got)
	}
	if len(r.Fates) != 22 {
		t.Errorf("%d fates of 22 alerts", len(r.Fates))
	}
}

func TestReplaceFinallyDropsWhatSLOsReplace(t *testing.T) {
	_, left := replaced(t, defaults.ReplaceOptions{Final: true, Changed: true})
	for name := range left {
		if strings.HasPrefix(name, "KubeNodeNotReady") || strings.HasPrefix(name, "CPUThrottlingHigh") || strings.HasPrefix(name, "KubeAPIErrorBudgetBurn") {
			t.Errorf("%s is left", name)
		}
	}
	if _, ok := left["PrometheusNotIngestingSamples critical"]; !ok {
		t.Errorf("a ticket that should page does not: %v", left)
	}
}

// TestWhatNobodyAcceptedIsInformation: an update of the chart must not enrol its new alerts into waking people.
func TestWhatNobodyAcceptedIsInformation(t *testing.T) {
	if _, left := replaced(t, defaults.ReplaceOptions{Accepted: []rules.File{}}); left["CheckoutQueueStuck info"].Labels["shipped_severity"] != "critical" {
		t.Errorf("%v", left["CheckoutQueueStuck info"])
	}
	before := []rules.File{{Groups: []rules.Group{{Rules: []rules.Rule{{Alert: "CheckoutQueueStuck", Labels: map[string]string{"severity": "critical"}}}}}}}
	if _, left := replaced(t, defaults.ReplaceOptions{Accepted: before}); left["CheckoutQueueStuck critical"].Alert == "" {
		t.Error("what was accepted is information")
	}
}

// TestReplacingTwiceIsReplacingOnce: what was replaced is recognised and stays.
func TestReplacingTwiceIsReplacingOnce(t *testing.T) {
	once, _ := replaced(t, defaults.ReplaceOptions{})
	table, _ := defaults.Known()
	twice := defaults.Replace(once.Files, table, defaults.ReplaceOptions{})
	write := func(files []rules.File) string {
		var b []byte
		for _, f := range files {
			b = rules.Prometheus.Append(b, rules.Set{Name: f.Object, Groups: f.Groups})
		}
		return string(b)
	}
	if write(once.Files) != write(twice.Files) {
		t.Error("the second time changes something")
	}
}

func TestGuardsAreSound(t *testing.T) {
	files, findings := defaults.Guards()
	if len(findings) > 0 || len(rules.Rules(files)) != 4 {
		t.Fatal(findings)
	}
	table, _ := defaults.Known()
	for _, f := range defaults.Audit(files, table, nil).Findings {
		if f.Severity >= diag.Warning {
			t.Error(f)
		}
	}
}

// Rules may have no labels at all, which nothing that gives them a severity may stumble over.
func TestReplaceTakesAlertsWithoutLabels(t *testing.T) {
	files, problems := rules.Read("r.yaml", []byte(`groups:
- name: x
  rules:
  - {alert: Mine, expr: up == 0}
  - {alert: KubeAPIDown, expr: 'absent(up{job="apiserver"})', for: 15m}
  - {alert: Watchdog, expr: vector(1)}
`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	table, _ := defaults.Known()
	for name, one := range map[string]struct {
		accepted []rules.File
		want     string
	}{
		"all accepted":  {nil, ""},
		"none accepted": {[]rules.File{}, "info"},
	} {
		r := defaults.Replace(files, table, defaults.ReplaceOptions{Accepted: one.accepted})
		got := map[string]defaults.Fate{}
		for _, f := range r.Fates {
			got[f.Name] = f
		}
		if mine := got["Mine"]; mine.Gone || mine.Became != one.want || mine.Touched != (one.want != "") {
			t.Errorf("%s: an unknown alert without severity: %+v", name, mine)
		}
		if known := got["KubeAPIDown"]; known.Gone || known.Became != "critical" || strings.Contains(strings.Join(known.What, " "), "shipped") {
			t.Errorf("%s: a known alert without severity: %+v", name, known)
		}
		if dead := got["Watchdog"]; dead.Gone || dead.Became != "" || dead.Disposition != defaults.Page {
			t.Errorf("%s: a dead-man switch without severity would page for ever: %+v", name, dead)
		}
		if n := len(rules.Rules(r.Files)); n != 3 {
			t.Errorf("%s: %d of 3 rules are left", name, n)
		}
	}
}
