package review

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/policy"
	"treadmill/slo/review"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/history"
)

// sloRow is what became of one group of an SLO.
type sloRow struct {
	Name       string            `json:"name"`
	Labels     map[string]string `json:"labels"`
	Objective  slo.Number        `json:"objective"`
	Attainment float64           `json:"attainment"`
	Spent      float64           `json:"budgetSpent"`
	ByHops     float64           `json:"budgetSpentByHops"` // of which incidents of hops spent so much
	Left       float64           `json:"budgetLeft"`
	Standing   float64           `json:"ownPeriodLeft"` // of the budget of the SLO's own period, at the end of the quarter: the policy decides by it
	Coverage   float64           `json:"coverage"`
	Decision   string            `json:"decision"`
	Upgrades   review.State      `json:"upgrades,omitempty"`  // whether the policy lets a hop begin at the end of the quarter; "" without one
	Releases   review.State      `json:"releases,omitempty"`  // the same for a release
	FollowUps  []review.FollowUp `json:"followUps,omitempty"` // what the policy asks for after incidents
	Incidents  []incident        `json:"incidents"`           // that spent 2 % of the budget or more
}

// incident is a span that cost budget, and whose it was.
type incident struct {
	review.Incident
	Hop string `json:"hop"` // "pay-prod-eu 1.33 to 1.34", "" where it was no hop's

	// Elsewhere says that it happened during a hop and is not of it, as groups of clusters that were not upgraded burnt too.
	Elsewhere bool `json:"elsewhere"`
}

// settles is how long after its end what a hop broke may show, as upgrade record has it.
const settles = time.Hour

// measure judges the SLOs over the quarter.
func (q *quarter) measure(ctx context.Context, a *app.App, f flags, rules policy.Policy) error {
	src, err := input.OpenHistory(a, f.Past)
	if err != nil {
		return err
	}
	results, findings := input.Compiled(a, f.SLOs)
	q.findings = append(q.findings, input.Loud(findings)...)
	since := func(s slo.SLO) (time.Time, error) {
		own, err := review.Start(s.Period, q.in.To)
		if own.After(q.in.From) {
			own = q.in.From
		}
		return own, err
	}
	type judged struct {
		rows     []sloRow
		findings []diag.Finding
	}
	for _, one := range input.Each(ctx, src.Under(rules), input.Usable(results), since, q.in.To, func(m input.Measured) judged {
		out := judged{findings: m.Seen()}
		for _, h := range m.Groups {
			out.rows = append(out.rows, q.judge(m, h, rules))
			out.findings = append(out.findings, input.Gaps(m.SLO, h, q.in.From, q.in.To)...)
		}
		return out
	}) {
		q.slos = append(q.slos, one.rows...)
		q.findings = append(q.findings, input.Loud(one.findings)...)
	}
	slices.SortStableFunc(q.slos, func(x, y sloRow) int { return cmp.Or(cmp.Compare(x.Left, y.Left), strings.Compare(x.Name, y.Name)) })
	return nil
}

func (q *quarter) judge(m input.Measured, h review.History, rules policy.Policy) sloRow {
	s := m.SLO
	j := input.Reviewed(rules, s, h, q.in, review.LeastIncident)
	out := sloRow{
		Name:       s.ID,
		Labels:     h.Labels,
		Objective:  s.Objective.Mul(slo.NewNumber(100, 1)),
		Attainment: j.Attainment,
		Spent:      j.Spent,
		Left:       j.Left,
		Standing:   j.Standing,
		Coverage:   j.Coverage,
		Decision:   j.Decision,
		Upgrades:   j.Upgrades,
		Releases:   j.Releases,
		FollowUps:  j.FollowUps,
		Incidents:  []incident{},
	}
	for _, x := range j.Incidents {
		one := incident{Incident: x}
		if one.Hop, one.Elsewhere = q.causer(m, h, x); one.Hop != "" {
			out.ByHops += x.Spent
		}
		out.Incidents = append(out.Incidents, one)
	}
	return out
}

// causer is the hop that an incident is of, "" for none: it began while a cluster that the SLO guards was upgraded, or settled, and
// groups of other clusters did not burn too.
func (q *quarter) causer(m input.Measured, h review.History, x review.Incident) (hop string, elsewhere bool) {
	for _, r := range q.records {
		if x.Start.Before(r.Start.V.Add(-5*time.Minute)) ||
			x.Start.After(r.End.V.Add(settles)) { // a step of the history may begin before the hop
			continue
		}
		for _, c := range q.fleet.Clusters {
			for _, g := range c.SLOs {
				if c.Name.V != r.Cluster.V || g.SLO.V != m.SLO.ID && g.SLO.V != m.SLO.Local() || !g.Matches(h.Labels) {
					continue
				}
				if burntElsewhere(m, h, x, g) {
					return "", true
				}
				return hopName(r), false
			}
		}
	}
	return "", false
}

// burntElsewhere reports whether half of what an incident lost, or more, was lost while groups that a guard does not match burnt too.
func burntElsewhere(m input.Measured, h review.History, x review.Incident, g fleet.Guard) bool {
	peers := slices.DeleteFunc(slices.Clone(m.Groups), func(h review.History) bool { return g.Matches(h.Labels) })
	at := review.Stretch{From: x.Start, To: x.End}
	foreign := h.Elsewhere(m.SLO.Objective, at, peers)
	sums := h.Sums()
	all, _ := sums.Cost(m.SLO.Objective, m.SLO.Period.Length, at, nil)
	own, known := sums.Cost(m.SLO.Objective, m.SLO.Period.Length, at, foreign)
	return len(foreign) > 0 && (!known || 2*own.Bad <= all.Bad)
}

func hopName(r history.Campaign) string {
	return r.Cluster.V + " " + r.From.V.String() + " to " + r.To.V.String()
}
