package plan_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

// planned plans one cluster on EKS 1.36 that wants to be gone from it at once, with add-ons, as written in a fleet file, by a table with
// rows laid over the embedded one.
func planned(t *testing.T, installed, rows string, late bool) plan.Plan {
	t.Helper()
	calendar, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	known, err := addons.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	if rows != "" {
		over, findings := addons.Read("rows.yaml", []byte(rows))
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		known = known.Merge(over)
	}
	text := fmt.Sprintf(
		"version: 1\npolicy: {target: latest, margin: 300d}\nclusters:\n- {name: a, provider: eks, version: \"1.36\", addons: [%s]}\n",
		installed,
	)
	f, findings := fleet.Read("fleet.yaml", []byte(text), nil)
	now := time.Date(2026, time.November, 23, 0, 0, 0, 0, time.UTC)
	for _, x := range append(findings, f.Check(calendar, now)...) {
		if x.Severity > 1 {
			t.Fatal(x)
		}
	}
	return plan.Solve(context.Background(), f, calendar, plan.Options{Now: now, Addons: known, Late: late})
}

// started is when the hop to a version begins; zero when it is not planned.
func started(p plan.Plan, v upgrade.Minor) time.Time {
	for _, c := range p.Campaigns {
		for _, s := range c.Steps {
			if s.To == v {
				return s.Start
			}
		}
	}
	return time.Time{}
}

const never138 = `version: 1
addon: acme
sources: {us: {title: us, read: 2026-11-20}}
releases:
  - {version: "1.0", kubernetes: 1.30-1.37, semantics: tested, confidence: high, source: us, released: 2026-09-01}
`

// TestAddonsHoldVersionsBack: no hop begins before the add-ons of the cluster are forecast to support its version, with --late not before
// the late edge of that, and without add-ons the hop may begin as soon as the provider has it. Where the newest row does not say what
// lies outside of its range, nothing is waited for, and the plan says that it cannot tell.
func TestAddonsHoldVersionsBack(t *testing.T) {
	known, err := addons.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"cilium", "cert-manager", "keda", "kyverno"} {
		a, _ := known.Addon(name)
		installed := fmt.Sprintf("{name: %s, version: %s.1}", name, a.Newest().Version)
		for _, late := range []bool{false, true} {
			p := planned(t, installed, "", late)
			if unsure := slices.ContainsFunc(p.Findings, func(f diag.Finding) bool { return f.ID == "plan/addon-unknown" }); unsure == a.Limited() {
				t.Errorf("%s: its rows end where they end: %v; said to be unknown: %v", name, a.Limited(), unsure)
			}
			for v := upgrade.V1(37); v.Less(upgrade.V1(40)); v = v.Add(1) {
				want, _ := known.Forecast(name, v, calendar)
				day := want.Day
				if late {
					day = want.Latest()
				}
				if at := started(p, v); a.Limited() && !at.IsZero() && at.Before(day.Time()) {
					t.Errorf("%s, late %v: %s on %s, and a release is forecast for %s", name, late, v, at, day)
				}
				if free := started(planned(t, "", "", late), v); v == upgrade.V1(37) && (free.IsZero() || free.After(p.Now.AddDate(0, 0, 14))) {
					t.Errorf("without add-ons 1.37 is on %s: nothing holds it back", free)
				}
			}
		}
	}
}

// TestAddonStepsAreInThePlan: bridges, migrations and waiting stand in the campaign whose hop asks for them.
func TestAddonStepsAreInThePlan(t *testing.T) {
	p := planned(t, "{name: acme, version: 1.0.2}, {name: ingress-nginx, version: 1.15.0}, {name: karpenter, version: 1.13.0}, "+
		"{name: nobody, version: 7.1.0}", never138, false)
	got := map[string]string{}
	for _, c := range p.Campaigns {
		for _, s := range c.Addons {
			if i := len(c.Hops); i == 0 || s.Hop.Less(c.Hops[0]) || c.Hops[i-1].Less(s.Hop) {
				t.Errorf("%s asks for a step before %s in a campaign of %v", s.Addon, s.Hop, c.Hops)
			}
			got[s.Addon] += s.Hop.String() + " " + s.Kind.String() + " " + strings.Join(s.Path, ">") + ";"
			if s.Kind == addons.Blocked && !strings.Contains(c.Reason, s.Addon+" has no release for "+s.Hop.String()) {
				t.Errorf("the reason does not say that %s waits: %s", s.Addon, c.Reason)
			}
		}
	}
	for name, want := range map[string]string{"karpenter": "1.37 bridge 1.15;", "ingress-nginx": "1.37 migrate ;", "acme": "1.38 blocked ;",
		"nobody": "1.37 unknown ;"} {
		if !strings.HasPrefix(got[name], want) {
			t.Errorf("%s: %q, want %q", name, got[name], want)
		}
	}
	ids := map[string]int{}
	for _, f := range p.Findings {
		ids[f.ID]++
	}
	if ids["plan/addon-retired"] != 1 || ids["plan/addon-unknown"] != 1 {
		t.Errorf("findings: %v", p.Findings)
	}
}

// TestAPlanWithAddonsIsReadBack: the machine shape keeps the steps.
func TestAPlanWithAddonsIsReadBack(t *testing.T) {
	p := planned(t, "{name: karpenter, version: 1.13.0}", "", false)
	text, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	var again plan.Plan
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if len(p.Campaigns) == 0 || fmt.Sprint(again.Campaigns[0].Addons) != fmt.Sprint(p.Campaigns[0].Addons) {
		t.Errorf("%+v became %+v", p.Campaigns, again.Campaigns)
	}
}
