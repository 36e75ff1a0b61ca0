package swap_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/contain"
	"treadmill/rules/defaults"
	"treadmill/rules/noise"
	"treadmill/rules/swap"
)

func made(t *testing.T, o defaults.ReplaceOptions) *swap.Swap {
	t.Helper()
	data, err := os.ReadFile("../../testdata/rules/kube-prometheus.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := rules.Read("installed.yaml", data)
	table, _ := defaults.Known()
	s, err := swap.New(files, table, o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func text(files []rules.File) string {
	var b []byte
	for _, f := range files {
		b = rules.Prometheus.Append(b, rules.Set{Name: f.Object, Groups: f.Groups})
	}
	return string(b)
}

// TestBurnInChangesNothingThatIsInstalled: the first step adds alerts of severity info with the label by which routes know them, and
// leaves every installed rule as it was.
func TestBurnInChangesNothingThatIsInstalled(t *testing.T) {
	s := made(t, defaults.ReplaceOptions{})
	if text(s.Kept(swap.BurnIn)) != text(s.Installed) {
		t.Error("installed rules are changed while the new ones burn in")
	}
	planned := map[string]int{}
	for _, p := range rules.Rules(s.New(swap.BurnIn)) {
		if l := p.Labels(); p.Rule.Alert != "" {
			planned[l[defaults.PlannedLabel]]++
			if l["severity"] != "info" || l[defaults.BurnInLabel] != "true" {
				t.Errorf("%s burns in with %v", p.Rule.Alert, l)
			}
		}
	}
	live := map[string]int{}
	for _, p := range rules.Rules(s.New(swap.Final)) {
		if p.Rule.Alert != "" {
			live[p.Labels()["severity"]]++
			if _, left := p.Labels()[defaults.BurnInLabel]; left {
				t.Errorf("%s burns in forever", p.Rule.Alert)
			}
		}
	}
	if fmt.Sprint(planned) != fmt.Sprint(live) || live["critical"] < 10 || live["warning"] < 10 {
		t.Errorf("planned %v, live %v", planned, live)
	}
}

// TestNoTwoSLOsShareANameOfAnAlert but for the one that says that there are no data, which pages never.
func TestNoTwoSLOsShareANameOfAnAlert(t *testing.T) {
	seen := map[string]string{}
	for _, p := range rules.Rules(made(t, defaults.ReplaceOptions{}).New(swap.Final)) {
		l := p.Labels()
		if name := p.Rule.Alert; name != "" && name != "SLONoData" {
			if before, twice := seen[name]; twice {
				t.Errorf("%s is an alert of %s and of %s", name, before, l["slo"]+l["severity"])
			}
			seen[name] = l["slo"] + l["severity"]
		}
	}
}

const shippedInhibitions = `
receivers: [{name: pager, webhook_configs: [{url: 'http://x'}]}, {name: desk, webhook_configs: [{url: 'http://y'}]}, {name: nowhere}]
inhibit_rules:
- {source_matchers: ['severity = critical'], target_matchers: ['severity =~ warning|info'], equal: [namespace, alertname]}
- {source_matchers: ['severity = warning'], target_matchers: ['severity = info'], equal: [namespace, alertname]}
`

func TestRoutesOfTheOwner(t *testing.T) {
	const bySeverity = "route:\n  receiver: nowhere\n  routes:\n  - {receiver: pager, matchers: ['severity = critical']}\n  - {receiver: desk, matchers: ['severity = warning']}\n"
	for name, c := range map[string]struct {
		config string
		want   []string
	}{
		"by severity": {bySeverity + shippedInhibitions, nil},
		"info goes somewhere": {strings.Replace(bySeverity, "receiver: nowhere", "receiver: desk", 1) + shippedInhibitions,
			[]string{swap.FindingBurnIn}},
		"its own route": {"route:\n  receiver: desk\n  routes:\n  - {receiver: nowhere, matchers: ['burn_in = \"true\"']}\n  - {receiver: pager, matchers: ['severity = critical']}\n" +
			shippedInhibitions, nil},
		"a route by a label that may be there": {"route:\n  receiver: nowhere\n  routes:\n  - {receiver: desk, matchers: ['namespace =~ \"shop.*\"']}\n" +
			"  - {receiver: pager, matchers: ['severity = critical']}\n  - {receiver: desk, matchers: ['severity = warning']}\n" +
			shippedInhibitions, []string{swap.FindingBurnIn}},
		"one mutes all": {bySeverity + strings.ReplaceAll(shippedInhibitions, "[namespace, alertname]", "[namespace]"),
			[]string{swap.FindingMuted}},
		"by alert name": {"route:\n  receiver: nowhere\n  routes:\n  - {receiver: pager, matchers: ['alertname =~ \"Kube.*|Node.*|Alertmanager.*|Prometheus.*|etcd.*|Checkout.*\"', 'severity = critical']}\n" +
			"  - {receiver: desk, matchers: ['severity = warning']}\n" + shippedInhibitions, []string{swap.FindingUnrouted}},
		"elsewhere": {"route:\n  receiver: nowhere\n  routes:\n  - {receiver: desk, matchers: ['slo != \"\"', 'severity = critical']}\n" +
			"  - {receiver: pager, matchers: ['severity = critical']}\n  - {receiver: desk, matchers: ['severity = warning']}\n" +
			shippedInhibitions, []string{swap.FindingMisrouted}},
		"nobody at all": {"route: {receiver: nowhere}\n" + shippedInhibitions, []string{swap.FindingUnrouted, swap.FindingUnrouted}},
	} {
		config, problems := noise.ReadConfig("am.yaml", []byte(c.config))
		if diag.Any(problems, diag.Error) {
			t.Fatal(name, problems)
		}
		var got []string
		for _, f := range made(t, defaults.ReplaceOptions{}).Routes("am.yaml", config) {
			got = append(got, f.ID)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v:\n%v", name, got, c.want, made(t, defaults.ReplaceOptions{}).Routes("am.yaml", config))
		}
	}
}

// TestTheWrittenRoutesAreGood: the configuration that is written beside the rules keeps what is said of it, once its receivers have
// something.
func TestTheWrittenRoutesAreGood(t *testing.T) {
	s := made(t, defaults.ReplaceOptions{})
	data := string(defaults.Alertmanager(s.By()))
	for _, receiver := range []string{"heartbeat", "page", "ticket"} {
		data = strings.Replace(data, "- name: "+receiver+"\n", "- name: "+receiver+"\n  webhook_configs: [{url: http://x}]\n", 1)
	}
	config, problems := noise.ReadConfig("am.yaml", []byte(data))
	if findings := s.Routes("am.yaml", config); len(findings)+len(problems) > 0 {
		t.Error(findings, problems)
	}
}

// TestNoObjectIsTooLargeToApply counts the bytes of every object, also of those that the chart makes of values.
func TestNoObjectIsTooLargeToApply(t *testing.T) {
	s := made(
		t,
		defaults.ReplaceOptions{
			Platform: defaults.Platform{Has: []string{"ingress-nginx", "hubble", "envoy-gateway", "component-slis", "cronjob-slo"}},
		},
	)
	for name, data := range s.Files(rules.PrometheusRule) {
		mark := "\n---\n"
		if strings.HasSuffix(name, "values.yaml") {
			_, rest, _ := strings.Cut(string(data), "additionalPrometheusRulesMap:\n")
			data, mark = []byte(rest), "\n    groups:\n"
		}
		for object := range strings.SplitSeq(string(data), mark) {
			if len(object) > swap.MaxObject {
				t.Errorf("%s: an object has %d bytes", name, len(object))
			}
		}
	}
}

// TestWhatSLOsDoNotSeeStays: an alert on each node stays although the table gives it to an SLO on their share, with the state that shows
// why.
func TestWhatSLOsDoNotSeeStays(t *testing.T) {
	files, findings := rules.Read("installed.yaml", []byte(`groups:
- name: nodes
  rules:
  - {alert: NodeIsNotReady, expr: 'kube_node_status_condition{job="kube-state-metrics", condition="Ready", status="true"} == 0', for: 15m, labels: {severity: warning}}
`))
	table, problems := defaults.ReadTable("table.yaml", []byte(`version: 1
rows:
- {alert: NodeIsNotReady, severity: warning, disposition: replaced, replacedBy: [node-readiness], reason: x, source: x, date: 2026-01-01}
`))
	s, err := swap.New(files, table, defaults.ReplaceOptions{})
	if err != nil || len(findings)+len(problems) > 0 {
		t.Fatal(err, findings, problems)
	}
	if !s.Final.Fates[0].Gone {
		t.Fatalf("%+v", s.Final.Fates[0])
	}
	s.Contain(context.Background(), contain.Options{}, 2)
	fate := s.Final.Fates[0]
	if fate.Gone || fate.Touched || fate.Became != "warning" || len(s.Searches) != 1 || s.Searches[0].Example == nil {
		t.Errorf("%+v %+v", fate, s.Searches)
	}
	if what := strings.Join(fate.What, ", "); !strings.Contains(what, `tell nobody of 1 of `) ||
		!strings.Contains(text(s.Kept(swap.Final)), "NodeIsNotReady") {
		t.Error(what)
	}
}
