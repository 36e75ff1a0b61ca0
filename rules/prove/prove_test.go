package prove_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"treadmill/rules"
	"treadmill/rules/noise"
	"treadmill/rules/prove"
)

func files(t *testing.T, text string) []rules.File {
	t.Helper()
	out, findings := rules.Read("r.yaml", []byte(text))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return out
}

// alert is a rule file with one alert.
func alert(expr, hold, severity string) string {
	return fmt.Sprintf("groups:\n- name: g\n  rules:\n  - {alert: A, expr: '%s', for: %s, labels: {severity: %s}}\n", expr, hold, severity)
}

const world = "version: 1\nworld:\n- {series: 'up{job=\"a\", instance=\"{n}\"}', copies: 2, gauge: 1}\n- {series: 'errors_total{job=\"a\"}', rate: 0}\n- {series: free, gauge: 100}\n- {series: stamp, clock: -60}\nscenarios:\n"

func play(t *testing.T, ruleText, scenario string) prove.Outcome {
	t.Helper()
	fs := files(t, ruleText)
	scenarios, findings := prove.Read([]prove.Source{{Name: "s.yaml", Data: []byte(world + scenario)}}, fs)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return prove.Play(context.Background(), &scenarios[0], fs, prove.DefaultRouting())
}

func TestVerdicts(t *testing.T) {
	const down = "  lasts: 20m\n  changes:\n  - {match: 'up{job=\"a\"}', gauge: 0}\n"
	for _, c := range []struct {
		rules, scenario string
		verdict         prove.Verdict
		after           string
	}{
		{alert("up == 0", "5m", "critical"), "- name: s\n  says: x\n  expect: page\n  within: 10m\n" + down, prove.Good, "5m"},
		{alert("up == 0", "12m", "critical"), "- name: s\n  says: x\n  expect: page\n  within: 10m\n" + down, prove.Late, "12m"},
		{alert("up == 0", "30m", "critical"), "- name: s\n  says: x\n  expect: page\n  within: 10m\n" + down, prove.Missed, ""},
		{alert("up == 0", "5m", "warning"), "- name: s\n  says: x\n  expect: page\n  within: 10m\n" + down, prove.Missed, ""},
		{alert("up == 0", "5m", "warning"), "- name: s\n  says: x\n  expect: ticket\n  within: 10m\n" + down, prove.Good, ""},
		{alert("up == 0", "5m", "critical"), "- name: s\n  says: x\n  expect: ticket\n  within: 10m\n" + down, prove.FalsePage, "5m"},
		{alert("up == 0", "5m", "critical"), "- name: s\n  says: x\n  expect: quiet\n" + down, prove.FalsePage, "5m"},
		{alert("up == 0", "5m", "info"), "- name: s\n  says: x\n  expect: quiet\n" + down, prove.Good, ""},
		{alert("vector(1)", "0s", "critical"), "- name: s\n  says: x\n  expect: page\n  within: 10m\n" + down, prove.Missed, ""},
		// it has nothing to do with it
		{alert("vector(1)", "0s", "critical"), "- name: s\n  says: x\n  expect: quiet\n", prove.FalsePage, "-30m"},
		{alert("up < 2", "0s", "critical"), "- name: s\n  says: x\n  expect: page\n  within: 10m\n" + down, prove.FalsePage, "-30m"},
		// What would be told without the event is no detection, even where it begins at the same time.
		{alert("count_over_time(up[40m]) > 35", "0s", "warning"), "- name: s\n  says: x\n  expect: ticket\n  within: 10m\n" + down, prove.Missed, ""},
		{alert("count_over_time(up[40m]) > 35", "0s", "critical"), "- name: s\n  says: x\n  expect: page\n  within: 10m\n" +
			down, prove.FalsePage, "5m"},
		{alert("up == 0", "5m", "warning"), "- name: s\n  says: x\n  expect: silent\n" + down, prove.FalseTicket, ""},
		{alert("up == 0", "5m", "warning"), "- name: s\n  says: x\n  expect: quiet\n" + down, prove.Good, ""},
		{alert("up == 0", "5m", "critical"), "- name: s\n  says: x\n  expect: silent\n" + down, prove.FalsePage, "5m"},
		{alert("up == 0", "5m", "info"), "- name: s\n  says: x\n  expect: silent\n" + down, prove.Good, ""},
		{alert("up{job=\"b\"} == 0", "0s", "warning"), "- name: s\n  says: x\n  expect: silent\n" + down, prove.Good, ""},
		{alert("vector(1)", "0s", "warning"), "- name: s\n  says: x\n  expect: ticket\n  within: 10m\n" + down, prove.Missed, ""},
		{alert("up * on () up", "0s", "critical"), "- name: s\n  says: x\n  expect: quiet\n", prove.Broken, ""},
	} {
		got := play(t, c.rules, c.scenario)
		after := ""
		if p := got.FirstPage(); p != nil {
			after = p.After.String()
		}
		if got.Verdict != c.verdict || c.after != "-30m" && after != c.after {
			t.Errorf("%s\n%s: %s after %q, want %s after %q", c.rules, c.scenario, got.Verdict, after, c.verdict, c.after)
		}
	}
}

func TestBehaviours(t *testing.T) {
	for change, expr := range map[string]string{
		"{match: up, gone: true}":               "absent(up)",
		"{match: up, gauge: 0.5}":               "up == 0.5",
		"{match: '{instance=\"2\"}', gauge: 3}": "sum(up) == 4",
		"{match: errors_total, rate: 2}":        "abs(rate(errors_total[2m]) - 2) < 0.1",
		"{match: free, to: 0}":                  "free < 60 and free > 50",
		"{match: stamp, still: true}":           "time() - stamp > 300",
		"{match: stamp, clock: 5}":              "stamp > time()",
		"{series: 'new{a=\"b\"}', rate: 1}":     "new{a=\"b\"} > 0",
	} {
		got := play(
			t,
			alert(expr, "0s", "critical"),
			"- name: s\n  says: x\n  expect: page\n  within: 19m\n  lasts: 20m\n  changes:\n  - "+change+"\n",
		)
		if got.Verdict != prove.Good {
			t.Errorf("%s: %s by %s, %v", change, got.Verdict, expr, got.Told)
		}
	}
}

// TestShippedScenariosFindTheLostPage: a chart once changed the expression so that known targets that are all down count as present.
func TestShippedScenariosFindTheLostPage(t *testing.T) {
	for expr, want := range map[string]prove.Verdict{`absent(up{job="apiserver"})`: prove.Missed, `absent(up{job="apiserver"} == 1)`: prove.Good} {
		fs := files(t, alert(expr, "15m", "critical"))
		scenarios, findings := prove.Shipped(fs)
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		some, err := prove.Only(scenarios, []string{"api-servers-down", "quiet-sunday"})
		if err != nil {
			t.Fatal(err)
		}
		got := prove.PlayAll(context.Background(), some, fs, prove.DefaultRouting(), 2)
		if got[0].Verdict != want || got[1].Verdict != prove.Good {
			t.Errorf("%s: %s, %s", expr, got[0].Verdict, got[1].Verdict)
		}
		if s := prove.Count(got); s.Quiet != (prove.Tally{Good: 1, Of: 1}) || s.Page.Of != 1 || s.Verdict != (want == prove.Good) {
			t.Errorf("score %+v", s)
		}
	}
}

// TestTheWorldTakesItsNamesFromTheRules: charts put their release into the names of jobs.
func TestTheWorldTakesItsNamesFromTheRules(t *testing.T) {
	fs := files(
		t,
		alert(
			`max_over_time(alertmanager_config_last_reload_successful{job="kps-alertmanager", namespace="monitoring"}[5m]) == 0`,
			"5m",
			"critical",
		),
	)
	scenarios, _ := prove.Shipped(fs)
	some, _ := prove.Only(scenarios, []string{"alertmanager-refuses-configuration"})
	if got := prove.Play(context.Background(), &some[0], fs, prove.DefaultRouting()); got.Verdict != prove.Good {
		t.Errorf("%+v", got)
	}
}

func TestMistakesInScenarios(t *testing.T) {
	for text, want := range map[string]string{
		"- {name: s, says: x, expect: sleep}\n":                                                    `"sleep" is not an expectation`,
		"- {name: s, says: x, expect: page}\n":                                                     "s.yaml:8:3: error: s: within is missing",
		"- {name: s, says: x, expect: quiet, changes: [{match: up}]}\n":                            "a change has one of match and series",
		"- {name: s, says: x, expect: quiet, changes: [{match: 'up{', gone: true}]}\n":             "s.yaml:8:47: error: 1:4: parse error",
		"- {name: s, says: x, expect: quiet, change: []}\n":                                        `did you mean "changes"?`,
		"- {name: s, says: x, expect: quiet}\n---\nversion: 1\nworld: [{series: a, gone: true}]\n": "one of gauge, rate and clock",
		"- {name: s, says: x, expect: quiet}\n---\nversion: 3\n":                                   "version: want 1",
	} {
		_, findings := prove.Read([]prove.Source{{Name: "s.yaml", Data: []byte(world + text)}}, nil)
		if !strings.Contains(fmt.Sprint(findings), want) {
			t.Errorf("%s: %v, want %s", text, findings, want)
		}
	}
	_, findings := prove.Read([]prove.Source{{Name: "s.yaml", Data: []byte("# none\n")}}, nil)
	if !strings.Contains(fmt.Sprint(findings), "s.yaml: error: the file is empty: want version: 1 and scenarios") {
		t.Errorf("an empty file: %v", findings)
	}
}

// TestRoutesSayWhoIsTold: an alert that routes send to nobody, or that an inhibit rule mutes, has told nobody; when what muted it ends,
// it has.
func TestRoutesSayWhoIsTold(t *testing.T) {
	const config = `
route: {receiver: nowhere, routes: [{receiver: pager, matchers: ['severity = critical']}, {receiver: desk, matchers: ['severity = warning', 'team != b']}]}
receivers: [{name: nowhere}, {name: pager, webhook_configs: [{url: http://x}]}, {name: desk, webhook_configs: [{url: http://y}]}]
inhibit_rules: [{source_matchers: ['severity = critical'], target_matchers: ['severity = warning'], equal: [job]}]
`
	routes, problems := noise.ReadConfig("am.yaml", []byte(config))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	const ticket = "- {alert: T, expr: 'up == 0', for: 2m, labels: {severity: warning}}"
	for name, c := range map[string]struct {
		rules     string
		verdict   prove.Verdict
		told, not string
	}{
		"reaches the desk": {ticket, prove.Good, "T desk 2m", ""},
		"goes nowhere":     {strings.Replace(ticket, "warning", "warning, team: b", 1), prove.Missed, "", "T"},
		"is muted": {ticket + "\n  - {alert: P, expr: 'sum by (job) (up) < 1', labels: {severity: critical}}",
			prove.FalsePage, "P pager 0s", "T"},
		"is muted for while": {ticket + "\n  - {alert: P, expr: 'sum by (job) (up) < 1 and on (job) errors_total < 3', labels: {severity: critical}}", prove.FalsePage, "P pager 0s", "T"},
	} {
		fs := files(t, "groups:\n- name: g\n  rules:\n  "+c.rules+"\n")
		scenarios, findings := prove.Read(
			[]prove.Source{
				{
					Name: "s.yaml",
					Data: []byte(world + "- {name: s, says: x, expect: ticket, within: 10m, lasts: 20m, changes: [{match: up, gauge: 0}]}\n"),
				},
			},
			fs,
		)
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		routing := prove.DefaultRouting()
		routing.Routes = &routes
		got := prove.PlayAll(context.Background(), scenarios, fs, routing, 1)[0]
		if want := prove.Play(context.Background(), &scenarios[0], fs, routing); !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, and played alone %+v", name, got, want)
		}
		told, not := "", ""
		for _, x := range got.Told {
			told += x.Alert + " " + strings.Join(x.Receivers, ",") + " " + x.After.String()
		}
		for _, x := range got.Unheard {
			not += x.Alert
		}
		if got.Verdict != c.verdict || told != c.told || not != c.not {
			t.Errorf("%s: %s, told %q, not %q", name, got.Verdict, told, not)
		}
	}
}
