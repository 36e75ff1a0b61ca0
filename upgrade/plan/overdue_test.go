package plan_test

import (
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/upgrade/plan"
)

// A provider that should have upgraded a cluster already may do so any day: that is said with its day whether a plan fits or not, and
// what it brings on is billed without the plan.
func TestProvidersThatAreOverdue(t *testing.T) {
	for _, c := range []struct {
		cluster, to, since, not string
		billed                  bool
	}{
		{cluster: `provider: eks, version: "1.29"`, to: "1.32", since: "2026-03-23", billed: true},
		{cluster: `provider: eks, version: "1.33", channel: standard`, to: "1.35", since: "2026-07-29"},
		{cluster: `provider: eks, version: "1.12"`, to: "1.32", since: "the end of its support", billed: true}, // older than the calendar
		{cluster: `provider: gke, version: "1.32"`, to: "1.34", since: "2026-04-27"},
		{cluster: `provider: gke, version: "1.33", channel: none`, to: "1.34", since: "2026-08-12"},
		{cluster: `provider: gke, version: "1.30", channel: extended`, to: "1.32", since: "2026-07-30", billed: true},
		{cluster: `provider: aks, version: "1.30"`, to: "1.36", not: "any time, and"},
		{cluster: `provider: aks, version: "1.28", tier: lts`, to: "1.33", not: "any time, and", billed: true},
	} {
		for _, policy := range []string{"", "freezes: [{name: shut, from: 2026-11-01, to: 2028-12-31}]"} {
			p := solved(t, today, policy, "- {name: c, "+c.cluster+"}\n")
			f, event := finding(p, plan.FindingCloudFirst), plan.CloudUpgrade{}
			if len(p.Clouds) > 0 {
				event = p.Clouds[0]
			}
			if f.Severity != diag.Warning || !event.Overdue || f.Message != event.Text() || c.since != "" && !strings.Contains(f.Message, "is past "+c.since) ||
				c.not != "" && strings.Contains(f.Message, c.not) {
				t.Errorf("%s {%s}: %s, %+v", c.cluster, policy, f, event)
			}
			if policy != "" && (event.To.String() != c.to || !event.First || len(event.Freezes) != 1 || len(p.Unplanned) != 1) {
				t.Errorf("%s: %+v, unplanned %v", c.cluster, event, p.Unplanned)
			}
			if policy == "" && event.First {
				t.Errorf("%s: the provider is first though nothing is frozen: %v", c.cluster, p.Campaigns)
			}
			billed := false
			for _, m := range p.Bill {
				billed = billed || m.Without.ExtendedSupport > 0
			}
			if c.billed && !billed {
				t.Errorf("%s: without the plan nothing is billed", c.cluster)
			}
		}
	}
}
