package cli_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"treadmill/slo/review"
)

// The present of the situations, and what a group may lose in the SLO's three days: 600 requests a minute at 99.9 %.
const (
	situationNow = "2026-11-23T12:00:00Z"
	budgetOf3d   = 2592.0
)

// outage is what a group lost: a share of its budget, over minutes that began so long ago.
type outage struct {
	group   string
	share   float64
	ago     time.Duration
	minutes int
}

// situation is what happened, what the policy says, and whether a hop may begin.
type situation struct {
	name   string
	happen []outage
	policy string
	want   review.State
	silent bool // for two hours nothing is known
}

func lost(share float64, ago time.Duration) []outage { return []outage{{"eu", share, ago, 10}} }

const (
	noKeep = "upgrades: {keep: 0%, reserve: 0%}\n"
	exempt = "exemptions:\n  - {name: urgent, reason: a hole in the kubelet, until: 2026-11-30"
	repair = "corrections:\n  - {name: drill, reason: announced to all, from: 2026-11-22T09:00:00Z, to: "
	day    = 24 * time.Hour
)

// The outages of 27 hours ago began at 2026-11-22T09:00Z.
func situations() []situation {
	us := outage{"us", 0.3, 27 * time.Hour, 10}
	return []situation{
		{"nothing was lost", nil, "", review.Open, false},
		{"enough is left", lost(0.4, day), "", review.Open, false},
		{"too little is left", lost(0.7, day), "", review.Closed, false},
		{"the policy keeps less", lost(0.7, day), "upgrades: {keep: 10%}\n", review.Open, false},
		{"the policy keeps more", lost(0.4, day), "upgrades: {keep: 60%}\n", review.Closed, false},
		{"the policy takes a hop to spend more", lost(0.4, day), "upgrades: {reserve: 50%}\n", review.Closed, false},
		{"nothing need be kept", lost(0.99, day), noKeep, review.Open, false},
		{"all is spent", lost(1.01, day), noKeep, review.Closed, false},
		{"a band forbids hops", lost(0.55, day), "bands: [{below: 50%, do: wait, forbid: [upgrades]}]\n", review.Closed, false},
		{"a band forbids releases alone", lost(0.55, day), "bands: [{below: 50%, do: wait, forbid: [releases]}]\n", review.Open, false},
		{"a band only advises", lost(0.55, day), "bands: [{below: 50%, do: be careful}]\n", review.Open, false},
		{"a lower band forbids what a higher one does", lost(0.95, day),
			noKeep + "bands: [{below: 10%, do: freeze, forbid: [releases]}, {below: 50%, do: wait, forbid: [upgrades]}]\n", review.Closed, false},
		{"no band is reached", lost(0.85, day), noKeep + "bands: [{below: 0%, do: freeze, forbid: [upgrades, releases]}]\n", review.Open, false},
		{"what was lost is too old", lost(0.9, 4*day), "", review.Open, false},
		{"the policy looks at less time", lost(0.9, 2*day), "period: 1d\n", review.Open, false},
		{"the policy looks at less time, of which much was lost", lost(0.3, 12*time.Hour), "period: 1d\n", review.Closed, false},
		{"the policy looks at more time", lost(0.9, 4*day), "period: 5d\n", review.Open, false},
		{"the policy looks at more time, of which much was lost", lost(1.5, 4*day), "period: 5d\n", review.Closed, false},
		{"an exemption holds", lost(0.9, day), exempt + "}\n", review.Open, false},
		{"an exemption has ended", lost(0.9, day), strings.Replace(exempt, "11-30", "11-22", 1) + "}\n", review.Closed, false},
		{"an exemption is to begin", lost(0.9, day), exempt + ", from: 2026-11-25}\n", review.Closed, false},
		{"an exemption is for releases", lost(0.9, day), exempt + ", allow: [releases]}\n", review.Closed, false},
		{"an exemption is for another SLO", lost(0.9, day), exempt + ", slos: [cart]}\n", review.Closed, false},
		{"an exemption is for SLOs of such names", lost(0.9, day), exempt + ", slos: [check*]}\n", review.Open, false},
		{"a correction takes out what was lost", lost(0.9, 27*time.Hour), repair + "2026-11-22T09:30:00Z}\n", review.Open, false},
		{"a correction takes out a part", lost(1.4, 27*time.Hour), repair + "2026-11-22T09:03:00Z}\n", review.Closed, false},
		{"a correction is for another SLO", lost(0.9, 27*time.Hour), repair + "2026-11-22T09:30:00Z, slos: [cart]}\n", review.Closed, false},
		{"it burns", []outage{{"eu", 0.2, 30 * time.Minute, 30}}, "", review.Closed, false},
		{"it burns, which the policy accepts", []outage{{"eu", 0.2, 30 * time.Minute, 30}}, "upgrades: {maxBurn: 20}\n", review.Open, false},
		{"it has burnt in the hour", lost(0.2, 40*time.Minute), "", review.Closed, false},
		{"an exemption is none from burning", []outage{{"eu", 0.9, 30 * time.Minute, 30}}, exempt + "}\n", review.Closed, false},
		{"nothing is known of the present", nil, "", review.Unknown, true},
		{"an exemption does not know more", nil, exempt + "}\n", review.Unknown, true},
		{"another group needs more", []outage{us}, "for: [{match: {region: us}, upgrades: {keep: 70%}}]\n", review.Closed, false},
		{"a group needs less", lost(0.9, day), "for: [{match: {region: eu}, upgrades: {keep: 0%, reserve: 5%}}]\n", review.Open, false},
		{"an exemption is for the group", lost(0.9, day), exempt + ", match: {region: eu}}\n", review.Open, false},
		{"an exemption is for the other group", lost(0.9, day), exempt + ", match: {region: us}}\n", review.Closed, false},
		{"a correction is for one group", append(lost(0.9, 27*time.Hour), outage{"us", 0.9, 27 * time.Hour, 10}),
			repair + "2026-11-22T09:30:00Z, match: {region: eu}}\n", review.Closed, false},
	}
}

// One policy is obeyed by all that judge: the gate before a hop, the plan, the gate of SLOs, the report.
func TestSituationsAreJudgedAlike(t *testing.T) {
	spec := write(t, "checkout.yaml", regional)
	fleet := write(t, "fleet.yaml", "version: 1\nclusters: [{name: shop, provider: eks, version: \"1.34\", slos: [checkout]}]\n")
	all := situations()
	if len(all) < 30 {
		t.Fatalf("%d situations", len(all))
	}
	for _, s := range all {
		file := write(t, "policy.yaml", "version: 1\n"+s.policy)
		past := write(t, "history.yaml", s.history(t))
		common := []string{"--policy", file, "--openmetrics", past, "--now", situationNow, "-o", "json"}
		ask := func(args ...string) string { return run(nil, append(args, common...)...).stdout }
		got := map[string]review.State{
			"upgrade gate": gateState(t, ask("upgrade", "gate", "-f", fleet, "--cluster", "shop", "--slo", spec)),
			"upgrade plan": planState(t, ask("upgrade", "plan", "-f", fleet, "--slo", spec, "--horizon", "2027-03-01")),
			"slo gate":     sloGateState(t, ask("slo", "gate", "--upgrade", spec)),
			"slo report":   reportState(t, ask("slo", "report", "--trend", "0", spec)),
		}
		for who, state := range got {
			if state != s.want {
				t.Errorf("%s: %s says %q, want %q", s.name, who, state, s.want)
			}
		}
	}
}

const regional = `apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout}
spec:
  service: shop
  indicator: {metadata: {name: requests}, spec: {ratioMetric: {counter: true, bad: {metricSource: {type: Prometheus, spec: {query: 'sum by (region) (rate(shop_requests_total{code="500"}[5m]))'}}}, total: {metricSource: {type: Prometheus, spec: {query: 'sum by (region) (rate(shop_requests_total[5m]))'}}}}}}
  timeWindow: [{duration: 3d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.999}]
`

// history writes what happened as samples of six days, one a minute.
func (s situation) history(t *testing.T) string {
	now, err := time.Parse(time.RFC3339, situationNow)
	if err != nil {
		t.Fatal(err)
	}
	const days = 6
	end := days * 1440
	if s.silent {
		end -= 120
	}
	var b strings.Builder
	fmt.Fprintf(&b, "start: %s\ninterval: 1m\nseries:\n", now.AddDate(0, 0, -days).Format(time.RFC3339))
	for _, group := range []string{"eu", "us"} {
		fmt.Fprintf(&b, "  - {series: 'shop_requests_total{region=%q,code=\"200\"}', values: '0+600x%d'}\n", group, end)
		var values []string
		at, sum := 0, 0.0
		for _, o := range s.happen {
			if o.group != group {
				continue
			}
			from, each := days*1440-int(o.ago.Minutes()), o.share*budgetOf3d/float64(o.minutes)
			values = append(values, fmt.Sprintf("%g+0x%d %g+%gx%d", sum, from-at-1, sum, each, o.minutes-1))
			at, sum = from+o.minutes, sum+each*float64(o.minutes)
		}
		values = append(values, fmt.Sprintf("%g+0x%d", sum, end-at))
		fmt.Fprintf(&b, "  - {series: 'shop_requests_total{region=%q,code=\"500\"}', values: '%s'}\n", group, strings.Join(values, " "))
	}
	return b.String()
}

func decoded[T any](t *testing.T, text string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return v
}

func gateState(t *testing.T, text string) review.State {
	got := decoded[struct {
		Budgets []struct{ State review.State }
	}](t, text)
	if len(got.Budgets) != 1 {
		t.Fatal(text)
	}
	return got.Budgets[0].State
}

// planState is what a plan says of a hop now: that something is not known, that the budget suffices now, or later, or never.
func planState(t *testing.T, text string) review.State {
	got := decoded[struct {
		Now      time.Time
		Budgets  []struct{ Enough time.Time }
		Findings []struct{ ID string }
	}](t, text)
	switch {
	case slices.ContainsFunc(got.Findings, func(f struct{ ID string }) bool { return f.ID == "input/unread" }):
		return review.Unknown
	case len(got.Budgets) != 1:
		t.Fatal(text)
	case got.Budgets[0].Enough.Equal(got.Now):
		return review.Open
	}
	return review.Closed
}

func sloGateState(t *testing.T, text string) review.State {
	return decoded[struct{ State review.State }](t, text).State
}

// reportState is the strictest word of a report on the groups.
func reportState(t *testing.T, text string) review.State {
	got := decoded[struct {
		SLOs []struct {
			Groups []struct{ Upgrades review.State }
		}
	}](t, text)
	out := review.Open
	for _, s := range got.SLOs {
		for _, g := range s.Groups {
			if g.Upgrades == review.Unknown || g.Upgrades == review.Closed && out == review.Open {
				out = g.Upgrades
			}
		}
	}
	return out
}
