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
		t.Errorf("not corrected: %s", got)
	}
	for name, stays := range map[string]bool{
		"KubeNodeNotReady warning":                      true,  // one node of many: a share of nodes would not see it
		"KubeAPIErrorBudgetBurn critical":               false, // replaced
		"KubeAPIErrorBudgetBurn warning":                false,
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
	if got := left["etcdHighFsyncDurations info"].Labels["shipped_severity"]; got != "warning" {
		t.Errorf("what it was is forgotten: %q", got)
	}
	if len(r.Fates) != 22 {
		t.Errorf("%d fates of 22 alerts", len(r.Fates))
	}
}

func TestReplaceFinallyDropsWhatSLOsReplace(t *testing.T) {
	_, left := replaced(t, defaults.ReplaceOptions{Changed: true})
	for name := range left {
		if strings.HasPrefix(name, "CPUThrottlingHigh") || strings.HasPrefix(name, "KubeAPIErrorBudgetBurn") {
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
	before := []rules.File{
		{Groups: []rules.Group{{Rules: []rules.Rule{{Alert: "CheckoutQueueStuck", Labels: map[string]string{"severity": "critical"}}}}}},
	}
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
	if len(findings) > 0 || len(rules.Rules(files)) != 9 {
		t.Fatal(len(rules.Rules(files)), findings)
	}
	table, _ := defaults.Known()
	for _, f := range defaults.Audit(files, table, defaults.Platform{}).Findings {
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
			t.Errorf("%s: a dead-man switch without severity would page forever: %+v", name, dead)
		}
		if n := len(rules.Rules(r.Files)); n != 3 {
			t.Errorf("%s: %d of 3 rules are left", name, n)
		}
	}
}

// TestASuccessorMustBeWritten: where the platform lacks what an SLO needs, the alert that it would replace stays at its severity.
func TestASuccessorMustBeWritten(t *testing.T) {
	none := defaults.Preset{Name: "ours", Lacks: []string{"apiserver-metrics"}, Because: "nothing scrapes it"}
	r, left := replaced(t, defaults.ReplaceOptions{Platform: defaults.Platform{Presets: []defaults.Preset{none}}})
	for _, name := range []string{"KubeAPIErrorBudgetBurn critical", "KubeAPIErrorBudgetBurn warning"} {
		if _, ok := left[name]; !ok {
			t.Errorf("%s is gone, and nothing watches in its stead", name)
		}
	}
	for _, f := range r.Fates {
		if f.Name == "KubeAPIErrorBudgetBurn" &&
			(f.Disposition == defaults.Replaced || !strings.Contains(f.Reason, "is not written: needs apiserver-metrics, which ours lacks")) {
			t.Errorf("%s because %s", f.Disposition, f.Reason)
		}
	}
}

// TestEveryAlertHasAWatcher or nobody, and it is said.
func TestEveryAlertHasAWatcher(t *testing.T) {
	r, _ := replaced(t, defaults.ReplaceOptions{})
	for _, f := range r.Fates {
		want := f.Name
		switch {
		case f.Gone && f.Disposition == defaults.Replaced:
			want = strings.Join(f.ReplacedBy, " ")
		case f.Gone || f.Became == "info":
			want = defaults.Nobody
		}
		if got := strings.Join(f.Watched, " "); got != want || got == "" {
			t.Errorf("%s (%s): watched by %q, want %q", f.Name, f.Severity, got, want)
		}
	}
}

func TestDispositionsOfAPlatform(t *testing.T) {
	text := `groups:
- name: g
  rules:
  - {alert: KubeClientCertificateExpiration, expr: 'histogram_quantile(0.01, sum without (namespace, service, endpoint) (rate(apiserver_client_certificate_expiration_seconds_bucket{job="apiserver"}[5m]))) < 86400 and on (job, cluster, instance) apiserver_client_certificate_expiration_seconds_count{job="apiserver"} > 0', for: 5m, labels: {severity: critical}}
  - {alert: PrometheusRemoteWriteBehind, expr: 'x > 120', for: 15m, labels: {severity: critical}}
`
	files, _ := rules.Read("r.yaml", []byte(text))
	table, _ := defaults.Known()
	eks, _ := defaults.FindPreset("eks")
	for want, platform := range map[string]defaults.Platform{
		"critical warning":  {},
		"warning warning":   {Presets: []defaults.Preset{eks}},
		"critical critical": {Has: []string{"remote-ruler"}},
	} {
		r := defaults.Replace(files, table, defaults.ReplaceOptions{Platform: platform, Changed: true})
		got := map[string]string{}
		for _, f := range r.Fates {
			got[f.Name] = f.Became
		}
		if s := got["KubeClientCertificateExpiration"] + " " + got["PrometheusRemoteWriteBehind"]; s != want {
			t.Errorf("%s, want %s", s, want)
		}
	}
}
