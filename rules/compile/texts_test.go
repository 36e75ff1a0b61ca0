package compile_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/eval"
	"treadmill/slo"
)

// Whatever the texts of a spec hold, what is generated loads: names, descriptions and labels reach people as they were written.
func TestTextsReachPeopleAsTheyAre(t *testing.T) {
	text := rapid.StringOf(rapid.SampledFrom([]rune("{}`\"'$ a.|%\\\n<é")))
	rapid.Check(t, func(rt *rapid.T) {
		s := availability(t, "99.9")
		s.DisplayName, s.Description = text.Draw(rt, "name"), text.Draw(rt, "description")
		s.Labels = map[string]string{"team": text.Draw(rt, "label")}
		s.Service = "shop"
		r := compile.Compile(s, compile.Options{Runbook: "https://r.example.org/{slo}?{severity}"})
		if diag.Any(r.Findings, diag.Error) {
			rt.Fatal(r.Findings)
		}
		file := rules.Prometheus.Append(nil, rules.Set{Name: "x", Groups: r.Groups})
		read, findings := rules.Read("x.yaml", file)
		if len(findings) > 0 || len(read) != 1 {
			rt.Fatalf("%v\n%s", findings, file)
		}
		for _, p := range rules.Rules(read) {
			if p.Rule.Alert == "" {
				continue
			}
			for _, x := range []string{p.Rule.Labels["team"], p.Rule.Annotations["slo_description"], p.Rule.Annotations["summary"]} {
				if err := rules.CheckTemplate(x); err != nil {
					rt.Fatalf("%q: %v", x, err)
				}
			}
			if got := p.Rule.Annotations["runbook_url"]; got != "https://r.example.org/web-availability?"+p.Rule.Labels["slo_severity"] {
				rt.Fatalf("runbook %s", got)
			}
		}
	})
}

// fired is the annotations of the page of an SLO of which every tenth event fails.
func fired(t *testing.T, s slo.SLO) map[string]string {
	t.Helper()
	r := compiled(t, s, compile.Options{})
	store := eval.NewStore()
	e := eval.New(store, r.Groups[:1], eval.Options{Interval: 30 * time.Second})
	for at := time.Duration(0); at <= 70*time.Minute; at += 30 * time.Second {
		for code, n := range map[string]float64{"200": 90, "500": 10} {
			if err := store.Append(metric("requests_total", "code", code),
				eval.Sample{Millis: start.Add(at).UnixMilli(), Value: n * at.Seconds()}); err != nil {
				t.Fatal(err)
			}
		}
		if problems := e.Eval(context.Background(), start.Add(at)); len(problems) > 0 {
			t.Fatal(problems[0].Err)
		}
	}
	for _, a := range e.Alerts() {
		if a.Labels.Get("slo_severity") == "page" {
			return a.Annotations.Map()
		}
	}
	t.Fatal("no page")
	return nil
}

// An alert says which pairs burn, and texts come out as they were written.
func TestAlertSaysWhichPairFired(t *testing.T) {
	s := availability(t, "99.9")
	s.DisplayName, s.Labels = "{{ web }} `x`", map[string]string{"team": "{{ bad"}
	got := fired(t, s)
	if !strings.HasPrefix(got["summary"], "{{ web }} `x` burns its error budget 100.0 times faster") ||
		!strings.Contains(got["description"], "above now: 1h and 5m 6h and 30m.") {
		t.Errorf("%q", got)
	}
}

// In specs of Sloth and Pyrra $value is the share of bad events, and stays it.
func TestValueOfSpecsThatCameFromElsewhere(t *testing.T) {
	s := availability(t, "99.9")
	s.Alerting.Annotations = map[string]string{
		"share": "{{ $value | humanizePercentage }}",
		"twice": "{{ printf \"%.2f\" $value }} {{ $value | humanize }}",
	}
	if got := fired(t, s); got["share"] != "1e+04%" {
		t.Errorf("the burn: %q", got["share"])
	}
	s.Alerting.Ratio = true
	if got := fired(t, s); got["share"] != "10%" || got["twice"] != "0.10 100m" {
		t.Errorf("%q", got)
	}
}

func TestTemplatesThatDoNotParse(t *testing.T) {
	s := availability(t, "99.9")
	bad := "{{ nope }}"
	s.Alerting.Page.Annotations, s.Alerting.Places = map[string]string{
		"summary": bad,
	}, map[string]diag.Position{
		bad: {File: "f.yaml", Line: 9, Column: 4},
	}
	s.Alerting.Labels = map[string]string{"x": "{{ open"}
	got := compile.Compile(s, compile.Options{}).Findings
	if len(got) != 2 || got[1].ID != "slo/template" || got[1].Line != 9 || !strings.Contains(got[1].Message, `function "nope" not defined`) {
		t.Errorf("%v", got)
	}
}

func TestRunbookWords(t *testing.T) {
	for template, ok := range map[string]bool{"": true, "https://x/{slo}/{severity}#{alert}": true, "https://x/{team}": false,
		"https://x/{slo": false} {
		if err := compile.CheckRunbook(template); (err == nil) != ok {
			t.Errorf("%s: %v", template, err)
		}
	}
}
