package plan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/plan/verify"
)

// ruled is a rule of docs/planning.md, and a fleet in which it costs something: with the policy as it is, and with the rule lifted.
type ruled struct {
	rule           int
	policy, lifted string
	clusters       string
	budgets        []plan.Budget
	change         func(p *plan.Plan) // breaks the rule where no policy lifts it
}

func everyRule() []ruled {
	urgent := "- {name: a, provider: upstream, version: \"1.33\"}\n- {name: b, provider: upstream, version: \"1.33\"}\n"
	guarded := budget("a", "pay", 0.1, 0.35, 9, 0.1, 0.9)
	groups := "- {name: a, provider: upstream, version: \"1.33\", environment: dev, group: g}\n- {name: b, provider: upstream, version: \"1.33\", environment: prod, group: g}\n"
	return []ruled{
		{rule: 1, policy: "target: latest", clusters: urgent, change: func(p *plan.Plan) {
			c := &p.Campaigns[first(p, 3)]
			c.Hops[0], c.Steps[0].To = c.Hops[1], c.Steps[1].To
		}},
		{
			rule:     2,
			policy:   "target: latest-2, margin: 0d, maxCampaign: 7d",
			lifted:   "target: latest-2, margin: 0d, maxCampaign: 90d",
			clusters: "- {name: a, provider: upstream, version: \"1.35\"}\n",
		},
		{rule: 3, policy: "target: latest-3", lifted: "target: latest", clusters: urgent},
		{rule: 4, policy: "environments: [dev, prod], soak: {prod: 21d}", lifted: "environments: [dev, prod]", clusters: groups},
		{rule: 5, policy: "freezes: [{name: shut, from: 2026-11-01, to: 2026-12-20}]", clusters: urgent},
		{
			rule:     5,
			policy:   `windows: [{from: "09:00", to: "12:00", timezone: UTC, during: {rrule: "FREQ=MONTHLY;BYMONTH=2,5,8,12;BYDAY=2MO", duration: 14d}}]`,
			lifted:   `windows: [{from: "09:00", to: "12:00", timezone: UTC}]`,
			clusters: urgent,
		},
		{rule: 6, policy: "capacity: {perTeamPerWeek: 1}", clusters: urgent},
		{rule: 7, policy: "target: latest", clusters: "- {name: a, provider: eks, version: \"1.33\"}\n", change: func(p *plan.Plan) {
			c := &p.Campaigns[first(p, 3)]
			c.Steps[1].Start, c.Steps[1].End = c.Steps[0].Start.AddDate(0, 0, 1), c.Steps[0].End.AddDate(0, 0, 1)
		}},
		{rule: 8, clusters: strings.Replace(urgent, "\"1.33\"", "\"1.33\", slos: [pay]", 1), budgets: []plan.Budget{guarded}},
		{rule: 9, policy: "apart: [[a, b]]", clusters: urgent},
		{rule: 9, policy: "concurrency: [{most: 1, of: account}]", clusters: strings.ReplaceAll(urgent, "\"1.33\"", "\"1.33\", account: shop")},
		{
			rule:     10,
			policy:   "margin: 0d, freezes: [{name: shut, from: 2026-11-01, to: 2027-06-30}]",
			clusters: "- {name: a, provider: gke, version: \"1.34\"}\n",
			change: func(p *plan.Plan) {
				c := &p.Campaigns[0]
				c.From = upgrade.V1(34)
			},
		},
		{
			rule: 11,
			policy: `windows: [{from: "09:00", to: "12:00", timezone: UTC}, {from: "00:00", to: "06:00", timezone: UTC, pools: disks,
				during: {rrule: "FREQ=MONTHLY;BYMONTH=4;BYDAY=1MO", duration: 14d}}]`,
			lifted:   `windows: [{from: "09:00", to: "12:00", timezone: UTC}]`,
			clusters: "- {name: a, provider: upstream, version: \"1.35\", nodes: [{name: disks, version: \"1.32\"}]}\n",
		},
	}
}

// The rules of the page, those that the search keeps and those that are checked are the same ones: each has its number on
// docs/planning.md; where it binds, plans cost more by it, or are as it says; and a plan that does not keep it is found to break the rule
// of that number.
func TestThePageTheSearchAndTheCheckHaveTheSameRules(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "planning.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "## The rules that a plan keeps")
	section, _, _ = strings.Cut(section, "\n## ")
	numbers := regexp.MustCompile(`(?m)^(\d+)\. `).FindAllStringSubmatch(section, -1)
	rules := everyRule()
	tested := 0
	for i, r := range rules {
		if i == 0 || r.rule != rules[i-1].rule {
			if tested >= len(numbers) || numbers[tested][1] != fmt.Sprint(r.rule) {
				t.Errorf("rule %d is not on the page, or in another place", r.rule)
			}
			tested++
		}
	}
	if tested != len(numbers) {
		t.Errorf("the page has %d rules, and %d are tested", len(numbers), tested)
	}
	table := embedded(t)
	for _, r := range rules {
		text := func(policy string) string { return "version: 1\npolicy: {" + policy + "}\nclusters:\n" + r.clusters }
		f := readFleet(t, table, "fleet.yaml", text(r.policy))
		o := plan.Options{Now: today, Horizon: today.AddDate(1, 0, 0), Budgets: r.budgets}
		kept := plan.Solve(t.Context(), f, table, o)
		if found := verify.Check(f, table, kept, o); len(found) > 0 {
			t.Errorf("rule %d: %v", r.rule, found)
		}
		broken := kept
		if r.change != nil {
			r.change(&broken)
		} else {
			g := readFleet(t, table, "fleet.yaml", text(r.lifted))
			broken = plan.Solve(t.Context(), g, table, plan.Options{Now: o.Now, Horizon: o.Horizon})
			if inBound := r.rule != 9 && r.rule != 11; kept.Cost.Total <= broken.Cost.Total || inBound && !kept.Proven || !broken.Proven {
				t.Errorf("rule %d: %s with it (proven %v), %s without it (proven %v)", r.rule, kept.Cost.Total, kept.Proven,
					broken.Cost.Total, broken.Proven)
			}
		}
		want := fmt.Sprintf("rule %d: ", r.rule)
		if found := verify.Check(f, table, broken, o); !strings.Contains(messages(found), want) {
			t.Errorf("a plan that breaks rule %d: %v", r.rule, found)
		}
	}
}

func messages(findings []diag.Finding) string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Message)
	}
	return strings.Join(out, "\n")
}

// Every hop of one cluster is a week after the one before where a provider can take it back for a week, and a day where nobody can.
func TestHopsFollowEachOtherAsSoonAsTheyMay(t *testing.T) {
	for provider, days := range map[string]int{"eks": 7, "upstream": 1} {
		p := solved(t, today, "target: latest, costs: {unsupportedDay: 5000}", "- {name: a, provider: "+provider+", version: \"1.33\"}\n")
		c := p.Campaigns[first(&p, 3)]
		for i := 1; i < len(c.Steps); i++ {
			if apart := int(c.Steps[i].Start.Sub(c.Steps[i-1].Start) / (24 * time.Hour)); apart < days {
				t.Errorf("%s: %d days from %s", provider, apart, c.Steps[i-1].Start)
			}
		}
	}
}
