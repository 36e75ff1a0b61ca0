package policy_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/policy"
)

func ExampleRead() {
	p, findings := policy.Read("policy.yaml", []byte(`version: 1
bands:
  - {below: 25%, do: slow down, forbid: [upgrades]}
  - {below: 0, do: freeze, note: until the budget is whole, forbid: [releases]}
`))
	terms := p.For(policy.Subject{SLO: "checkout"})
	fmt.Println(findings, terms.Wanted(policy.Upgrades, 0.1, 0.05), terms.Wanted(policy.Upgrades, 0.3, 0.05),
		terms.Wanted(policy.Releases, 0, 0))
	for _, left := range []float64{0.9, 0.25, 0.2, 0, -0.1} {
		b, ok := terms.Band(left)
		_, upgrades := terms.Forbidden(policy.Upgrades, left)
		_, releases := terms.Forbidden(policy.Releases, left)
		fmt.Printf("%g %v %q %q %v %v\n", left, ok, b.Do, b.Note, upgrades, releases)
	}
	// Output:
	// [] 0.25 0.35 0
	// 0.9 false "" "" false false
	// 0.25 false "" "" false false
	// 0.2 true "slow down" "" true false
	// 0 true "slow down" "" true false
	// -0.1 true "freeze" "until the budget is whole" true true
}

func TestPoliciesAreChecked(t *testing.T) {
	for text, want := range map[string]string{
		"version: 2\nbands: []\n": "1:10: error: version 1 is known",
		"version: 1\nbands: [{below: 25%, do: a}, {below: 0.25, do: b}]\n":                                             "two bands are below 25%",
		"version: 1\nbands: [{below: 250%, do: a}]\n":                                                                  "at most 100%",
		"version: 1\nbands: [{below: x, do: a}]\n":                                                                     "is not a number",
		"version: 1\nbands: [{below: 5%, so: a}]\n":                                                                    "so",
		"version: 1\nbands: [{below: 5%, do: a, forbid: [upgrade]}]\n":                                                 "did you mean \"upgrades\"",
		"version: 1\nupgrades: {keep: -5%}\n":                                                                          "at least 0%",
		"version: 1\nupgrades: {maxBurn: 0}\n":                                                                         "above 0",
		"version: 1\nperiod: 1m\n":                                                                                     "want a period",
		"version: 1\nfor: [{upgrades: {keep: 5%}}]\n":                                                                  "neither slos nor match",
		"version: 1\nfor: [{match: {a: b}, period: 7d}]\n":                                                             "of a whole SLO",
		"version: 1\nfor: [{slos: [\"[a\"]}]\n":                                                                        "is not closed",
		"version: 1\nexemptions: [{name: a, until: 2026-12-01}]\n":                                                     "reason",
		"version: 1\nexemptions: [{name: a, reason: b}]\n":                                                             "until",
		"version: 1\nexemptions: [{name: a, reason: \" \", until: 2026-12-01}]\n":                                      "a reason that others understand",
		"version: 1\nexemptions: [{name: a, reason: b, until: soon}]\n":                                                "want a day",
		"version: 1\nexemptions: [{name: a, reason: b, from: 2026-12-03, until: 2026-12-01}]\n":                        "ends before it begins",
		"version: 1\ncorrections: [{name: a, reason: b, from: 2026-12-03T10:00:00Z, to: 2026-12-03T09:00:00+00:00}]\n": "ends before it begins",
		"": "want one document",
	} {
		p, findings := policy.Read("p.yaml", []byte(text))
		if !strings.Contains(fmt.Sprint(findings), want) || !p.Broken {
			t.Errorf("%q: %v, want %s", text, findings, want)
		}
	}
}

// A day counts as a whole: an exemption until a day holds on that day, and is told to be over on the next.
func TestExemptionsEnd(t *testing.T) {
	p, findings := policy.Read("p.yaml", []byte(`version: 1
approved: {by: [a], on: 2026-01-01, until: 2026-11-30}
exemptions: [{name: fix, reason: urgent, until: 2026-11-30, clusters: [prod-*]}]
`))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	at := func(text string) time.Time {
		x, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	last, over := at("2026-11-30T23:59:59Z"), at("2026-12-01T00:00:00Z")
	eu := policy.Subject{SLO: "s", Cluster: "prod-eu"}
	if len(p.Exempt(eu, policy.Upgrades, last)) != 1 || len(p.Exempt(eu, policy.Upgrades, over)) != 0 {
		t.Error("the exemption does not end with its day")
	}
	for _, other := range []policy.Subject{{SLO: "s"}, {SLO: "s", Cluster: "dev"}} {
		if len(p.Exempt(other, policy.Upgrades, last)) != 0 {
			t.Errorf("%+v is exempt", other)
		}
	}
	if got := p.Check(last); len(got) != 0 {
		t.Error(got)
	}
	got := fmt.Sprint(p.Check(over))
	if strings.Count(got, "policy/expired") != 2 || !strings.Contains(got, "p.yaml:3:14: warning: the exemption fix ended on 2026-11-30") {
		t.Error(got)
	}
}

// The example policy of the Site Reliability Workbook can be written, and says what that says.
func TestThePublishedPolicy(t *testing.T) {
	text, err := os.ReadFile("../../testdata/example/budget-policy.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, findings := policy.Read("budget-policy.yaml", text)
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	if findings = append(findings, p.Check(now)...); len(findings) > 0 {
		t.Fatal(findings)
	}
	x := policy.Subject{SLO: "payments-availability"}
	terms := p.For(x)
	if terms.Period != 28*slo.Day {
		t.Errorf("the window is %s, not four weeks", terms.Period)
	}
	for _, a := range []policy.Action{policy.Releases, policy.Upgrades} {
		if _, within := terms.Forbidden(a, 0); within {
			t.Errorf("%s are forbidden within the SLO", a)
		}
		if _, missed := terms.Forbidden(a, -0.01); !missed {
			t.Errorf("%s go on when the budget is exceeded", a)
		}
	}
	if e := p.Exempt(x, policy.Releases, now); len(e) != 1 || len(p.Exempt(x, policy.Upgrades, now)) != 0 {
		t.Errorf("fixes of security: %v", e)
	}
	if terms.After(0.19) != "" || !strings.Contains(terms.After(0.2), "postmortem") {
		t.Errorf("after an incident: %q", terms.After(0.2))
	}
	if c := p.Corrected(x); len(c) != 1 || len(p.Corrected(policy.Subject{SLO: "search-latency"})) != 0 {
		t.Errorf("outages of others: %v", c)
	}
}

func TestWhoSigned(t *testing.T) {
	for text, want := range map[string]string{
		"version: 1\n":                                                            "info: the policy does not say who has agreed to it",
		"version: 1\napproved: {by: [a]}\n":                                       "does not say who has agreed to it and when",
		"version: 1\napproved: {by: [a], on: 2027-01-01}\n":                       "warning: the policy is signed from",
		"version: 1\napproved: {by: [a], on: 2026-01-01, until: 2026-02-01}\n":    "warning: the policy was agreed until 2026-02-01",
		"version: 1\napproved: {by: [a, b], on: 2026-01-01, until: 2026-12-31}\n": "",
	} {
		p, findings := policy.Read("p.yaml", []byte(text))
		got := p.Check(time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
		if len(findings) > 0 || diag.Any(got, diag.Error) || (want == "") != (len(got) == 0) ||
			want != "" && !strings.Contains(fmt.Sprint(got), want) {
			t.Errorf("%q: %v %v, want %q", text, findings, got, want)
		}
	}
}
