package defaults_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/defaults"
)

func audit(t *testing.T, text string) defaults.Report {
	t.Helper()
	files, findings := rules.Read("r.yaml", []byte(text))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	table, problems := defaults.Known()
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return defaults.Audit(files, table, defaults.Platform{})
}

func TestKnownTableIsSound(t *testing.T) {
	table, problems := defaults.Known()
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	rules := 0
	for name, rows := range table {
		for _, r := range rows {
			rules += len(r.Expr)
			if (r.Disposition == defaults.Replaced) != (len(r.ReplacedBy) > 0) {
				t.Errorf("%s %s: disposition %s with replacedBy %v", name, r.Severity, r.Disposition, r.ReplacedBy)
			}
			if len(r.Reason) < 20 || strings.HasSuffix(r.Reason, ".") {
				t.Errorf("%s %s: reason %q", name, r.Severity, r.Reason)
			}
			for _, f := range r.Expr {
				if !regexp.MustCompile(`^[0-9a-f]{12}$`).MatchString(f) {
					t.Errorf("%s %s: fingerprint %q", name, r.Severity, f)
				}
			}
		}
	}
	lines := 0
	for _, rows := range table {
		lines += len(rows)
	}
	if date, n := defaults.Stamp(); n != lines || date != "2026-08-22" {
		t.Errorf("stamp %s, %d rows; the table has %d", date, n, lines)
	}
	if rules != 156+3 {
		t.Errorf("the table knows %d rules, want the 155 of kube-prometheus-stack 88.5.3, 1 of kube-prometheus and 3 that are tuned", rules)
	}
}

func TestAuditOfAStack(t *testing.T) {
	data, err := os.ReadFile("../../testdata/rules/kube-prometheus.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := audit(t, string(data))
	for d, want := range map[defaults.Disposition]int{defaults.Page: 7, defaults.Ticket: 7, defaults.Info: 2, defaults.Replaced: 2,
		defaults.Dropped: 2, defaults.Unknown: 2} {
		if got.Count(d) != want {
			t.Errorf("%d alerts are %s, want %d", got.Count(d), d, want)
		}
	}
	if !slices.IsSortedFunc(got.Alerts, func(a, b defaults.Alert) int {
		order := defaults.Dispositions()
		return slices.Index(order, a.Disposition) - slices.Index(order, b.Disposition)
	}) {
		t.Error("alerts are not in the order of dispositions")
	}
}

func TestSeverityVariantsAreApart(t *testing.T) {
	got := audit(t, `groups:
- name: g
  rules:
  - {alert: NodeFileDescriptorLimit, expr: '(node_filefd_allocated{job="x"} * 100 / node_filefd_maximum{job="x"} > 70)', labels: {severity: warning}}
  - {alert: NodeFileDescriptorLimit, expr: '(node_filefd_allocated * 100 / node_filefd_maximum > 90)', labels: {severity: critical}}
  - {alert: NodeFileDescriptorLimit, expr: '(node_filefd_allocated * 100 / node_filefd_maximum > 90)', labels: {severity: p1}}
  - {alert: NodeFileDescriptorLimit, expr: 'node_filefd_allocated > 1e6', labels: {severity: p1}}
`)
	var lines []string
	for _, a := range got.Alerts {
		lines = append(lines, fmt.Sprintf("%s %s %s", a.Severity, a.Disposition, a.Match))
	}
	if s := strings.Join(lines, "; "); s != "critical page same; p1 page same; warning ticket same; p1 unknown none" {
		t.Error(s)
	}
}

func TestFingerprintForgetsTheInstallation(t *testing.T) {
	fingerprint := func(expr string) string {
		e, err := rules.ParseExpr(expr)
		if err != nil {
			t.Fatal(err)
		}
		return defaults.Fingerprint(e)
	}
	base := fingerprint(`sum by (pod) (rate(x{a="1", b="2"}[5m])) > 1`)
	for expr, same := range map[string]bool{
		"# why\nsum by(pod, cluster) (rate(x{job=\"kps\", b=\"2\", a=\"1\", namespace=~\".*\"}[5m])) > 1": true,
		`sum by (pod) (rate(x{a="1", b="2"}[5m])) > 2`:                                                    false,
		`sum by (pod) (rate(x{a="1"}[5m])) > 1`:                                                           false,
		`max by (pod) (rate(x{a="1", b="2"}[5m])) > 1`:                                                    false,
	} {
		if (fingerprint(expr) == base) != same {
			t.Errorf("%s: same = %v, want %v", expr, !same, same)
		}
	}
}

func TestDefects(t *testing.T) {
	for expr, want := range map[string]string{
		`up{job!~".*"} == 0`:                                                 defaults.NeverMatches,
		`up{job="a", job="b"} == 0`:                                          defaults.NeverMatches,
		`up{job="a", job=~"b.*"} == 0`:                                       defaults.NeverMatches,
		`up{job!~"a.*"} == 0`:                                                "",
		`up{job="a", job=~"a|b"} == 0`:                                       "",
		`absent(up{job="a"})`:                                                defaults.AbsentUp,
		`absent(up{job="a"} == 1)`:                                           "",
		`absent(other{job="a"})`:                                             "",
		`vector(1)`:                                                          defaults.AlwaysFires,
		`vector(1) > 0`:                                                      defaults.AlwaysFires,
		`hour() > 3`:                                                         "",
		`ALERTS{severity="info"} == 1`:                                       defaults.PendingCount,
		`ALERTS{alertstate="firing"} == 1`:                                   "",
		`sum by (a) (x) > 0`:                                                 defaults.LostLabel,
		`sum by (instance) (x) > 0`:                                          "",
		`sum by (instance) (rate(a[5m]) / rate(b[5m])) > 1`:                  defaults.NaNWhenIdle,
		`sum by (instance) (rate(a[5m]) / (rate(b[5m]) > 0)) > 1`:            "",
		`rate(a[5m]) / rate(b[5m]) > 1`:                                      "",
		`rate(a[5m]) / rate(b[5m]) != 1`:                                     defaults.NaNWhenIdle,
		`min by (instance) (rate(a[5m]) / rate(b[5m])) > 1`:                  "",
		`up and rate(a[5m]) / sum(rate(b[5m]))`:                              "",
		`container_memory_swap > 0`:                                          defaults.DroppedMetric,
		`apiserver_request_sli_duration_seconds_bucket{le="0.4"} > 0`:        defaults.DroppedMetric,
		`apiserver_request_sli_duration_seconds_bucket{le="5.0"} > 0`:        "",
		`apiserver_request_sli_duration_seconds_bucket{le=~"30(\\.0)?"} > 0`: "",
		`apiserver_request_sli_duration_seconds_bucket > 0`:                  "",
		`count(x) by (a) > on (a) group_left (x) y > 0`:                      defaults.LostLabel,
	} {
		text := "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: '" + expr +
			"'\n    for: 5m\n    labels: {severity: warning}\n    annotations: {runbook_url: https://wiki.example.com/x, " +
			"summary: '{{ with $labels.optional }}{{ . }}{{ end }}"
		if want == defaults.LostLabel || strings.Contains(expr, "instance") {
			text += " {{ $labels.instance }}"
		}
		var got []string
		for _, f := range audit(t, text+"'}\n").Findings {
			got = append(got, f.ID)
		}
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%s: found %q, want %q", expr, s, want)
		}
	}
}

func TestMissingForAndRunbook(t *testing.T) {
	got := audit(t, "groups:\n- name: g\n  labels: {severity: warning}\n  rules:\n  - {alert: A, expr: up == 0}\n")
	if len(got.Findings) != 2 || got.Findings[0].ID != defaults.NoFor || got.Findings[1].ID != defaults.NoRunbook ||
		got.Findings[0].Severity != diag.Info {
		t.Error(got.Findings)
	}
	if got.Alerts[0].Severity != "warning" {
		t.Errorf("the group's label is not seen: %+v", got.Alerts[0])
	}
}

func TestBurnRatesNeedNoFor(t *testing.T) {
	for expr, want := range map[string]bool{
		"slo:sli_error:ratio_rate1h > 0.1 and slo:sli_error:ratio_rate5m > 0.1": false,
		"slo:events_bad:increase1d / slo:events_total:increase1d > 0.1":         false,
		"sum(rate(errors_total[1h])) > 1":                                       false,
		"max_over_time(x[1h:1m]) > 0":                                           false,
		"rate(errors_total[5m]) > 1":                                            true,
		"instance:node_cpu:rate5m > 1":                                          true,
		"http_requests_1h > 0":                                                  true,
	} {
		text := "groups:\n- {name: g, rules: [{alert: A, expr: '" + expr +
			"', labels: {severity: warning}, annotations: {runbook_url: https://wiki.example.com/x}}]}\n"
		found := audit(t, text).Findings
		if got := len(found) == 1 && found[0].ID == defaults.NoFor; got != want || len(found) > 1 {
			t.Errorf("%s: %v", expr, found)
		}
	}
}

func TestAlertsOfOneNameAndLabelsCollide(t *testing.T) {
	rule := "- {name: %s, rules: [{alert: A, expr: %s, for: 1m, labels: {severity: %s}, annotations: {runbook_url: https://wiki.example.com/x}}]}\n"
	for second, want := range map[string]int{"y > 0": 1, "x > 0": 0} {
		text := "groups:\n" + fmt.Sprintf(rule, "g", "x > 0", "a") + fmt.Sprintf(rule, "h", second, "a") + fmt.Sprintf(rule, "i", second, "b")
		if got := audit(t, text).Findings; len(got) != want || want == 1 && (got[0].ID != defaults.Collision || got[0].Line != 3) {
			t.Errorf("%s: %v", second, got)
		}
	}
}

func TestPresetsDropWhatThePlatformLacks(t *testing.T) {
	data, err := os.ReadFile("../../testdata/rules/kube-prometheus.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := rules.Read("r.yaml", data)
	table, _ := defaults.Known()
	known := map[string]bool{}
	for _, rows := range table {
		for _, r := range rows {
			for _, n := range r.Needs {
				known[n] = true
			}
		}
	}
	slos, _ := defaults.Pack(table, defaults.Platform{})
	for _, s := range slos {
		for _, n := range s.Needs {
			known[n] = true
		}
	}
	for _, p := range defaults.Presets() {
		for _, l := range p.Lacks {
			if !known[l] {
				t.Errorf("preset %s lacks %s, which no alert and no SLO needs", p.Name, l)
			}
		}
	}
	managed, err := defaults.FindPreset("managed-control-plane")
	if err != nil {
		t.Fatal(err)
	}
	if got := defaults.Audit(files, table, defaults.Platform{Presets: []defaults.Preset{managed}}).Count(defaults.Dropped); got != 4 {
		t.Errorf("%d dropped, want 2 and both etcd alerts", got)
	}
	if _, err := defaults.FindPreset("mainframe"); err == nil || !strings.Contains(err.Error(), "want one of managed-control-plane, k3s") {
		t.Error(err)
	}
}

func TestReadTableRefuses(t *testing.T) {
	row := "- {alert: A, severity: s, disposition: page, reason: r, source: s, date: d}\n"
	for text, want := range map[string]string{
		"version: 1\nrows:\n" + row + row: "A at severity \"s\" is already on line 3",
		"# none\n":                        "the file is empty: want version: 1 and rows",
		"version: 2\nrows: []\n":          "version: want 1",
		"version: 1\nrows:\n" + strings.Replace(row, "page", "unknown", 1):             "\"unknown\" is not a disposition",
		"version: 1\nrows:\n" + strings.Replace(row, "reason: r", "because: r", 1):     "there is no field \"because\"",
		"version: 1\nrows:\n- {alert: A, severity: s, disposition: page, reason: r}\n": "\"source\" is missing",
	} {
		_, problems := defaults.ReadTable("t.yaml", []byte(text))
		if !strings.Contains(fmt.Sprint(problems), want) {
			t.Errorf("%q: %v", text, problems)
		}
	}
}

func BenchmarkAudit(b *testing.B) {
	data, err := os.ReadFile("../../testdata/rules/kube-prometheus.yaml")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		files, _ := rules.Read("r.yaml", data)
		table, _ := defaults.Known()
		defaults.Audit(files, table, defaults.Platform{})
	}
}

func TestDeadRunbooks(t *testing.T) {
	for link, want := range map[string]bool{
		"https://runbooks.prometheus-operator.dev/runbooks/kubernetes/kubeapidown":                false,
		"https://runbooks.prometheus-operator.dev/runbooks/kubernetes/KubeAPIDown/":               false,
		"https://runbooks.prometheus-operator.dev/runbooks/kubernetes/kubeapiinstanceunreachable": true,
		"https://wiki.example.com/runbooks/kubernetes/anything":                                   false,
		"https://wiki.example.com/{{ $labels.alertname }}":                                        false,
		"ask Tom": true,
		"/wiki/x": true,
	} {
		text := "groups: [{name: g, rules: [{alert: A, expr: up == 0, for: 5m, annotations: {runbook_url: '" + link + "'}}]}]"
		files, _ := rules.Read("r.yaml", []byte(text))
		found := slices.ContainsFunc(
			defaults.Audit(files, nil, defaults.Platform{}).Findings,
			func(f diag.Finding) bool { return f.ID == defaults.DeadRunbook },
		)
		if found != want {
			t.Errorf("%s: %t, want %t", link, found, want)
		}
	}
}
