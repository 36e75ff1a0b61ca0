package plan

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/plan/place"
	"treadmill/upgrade/plan/solver"
)

// FindingBudget is the ID of the finding that a cluster waits for an error budget.
const FindingBudget = "plan/budget"

// spending is a step that spends a reserve of a budget.
type spending struct {
	at      time.Time
	unit    *model.Unit
	budget  Budget
	reserve float64
}

// spend lists the steps of guarded clusters in the order in which they draw on each budget.
func spend(p *model.Problem) map[string][]spending {
	out := map[string][]spending{}
	for _, u := range p.Units {
		for _, b := range p.Guards(u) {
			for _, w := range u.Work {
				for _, i := range w.Slots {
					out[b.SLO] = append(out[b.SLO], spending{model.TimeOf(u.Slots.All[i].Start, time.UTC), u, b, b.Reserve})
				}
			}
		}
	}
	for _, all := range out {
		slices.SortFunc(all, func(a, b spending) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.unit.Index, b.unit.Index)) })
	}
	return out
}

// left is what a budget has at a time when earlier steps have spent their reserves.
func (s spending) left(at time.Time, earlier []spending) float64 {
	left := s.budget.At(at)
	for _, e := range earlier {
		if at.Sub(e.at) < s.budget.Period {
			left -= e.reserve
		}
	}
	return left
}

// crowded finds steps for which steps before them leave too little of a budget: their clusters lack it until there is enough again.
func crowded(p *model.Problem) map[string][]calendar.Span {
	out := map[string][]calendar.Span{}
	for _, all := range spend(p) {
		var kept []spending
		for _, s := range all {
			if s.left(s.at, kept) >= s.budget.Needed-model.Tolerance {
				kept = append(kept, s)
				continue
			}
			name := s.unit.Cluster.Name.V
			out[name] = append(out[name], calendar.Span{From: s.at, To: recovered(p, s, kept)})
		}
	}
	return out
}

// recovered is when enough is left for a step: at a level of the forecast, or when a reserve has left the period.
func recovered(p *model.Problem, s spending, earlier []spending) time.Time {
	var times []time.Time
	for _, l := range s.budget.Forecast {
		times = append(times, l.At)
	}
	for _, e := range earlier {
		times = append(times, e.at.Add(s.budget.Period))
	}
	slices.SortFunc(times, time.Time.Compare)
	for _, t := range times {
		if t.After(s.at) && s.left(t, earlier) >= s.budget.Needed-model.Tolerance {
			return t
		}
	}
	return p.Span.To
}

// patience is how often hops are moved apart that draw on one budget, before those that still come too close are left out of the rest of
// the plan; and above how many clusters that is done with less effort.
const patience, manyUnits = 40, 50

// apart solves the problem again until no step takes the budget of another. The bound stays that of the first solution: it holds for
// all plans by the forecast alone, and so for those that keep apart too.
func apart(ctx context.Context, p *model.Problem, o Options, s solver.Solution) (*model.Problem, solver.Solution) {
	bound, effort := s.Bound, o.Effort
	if len(p.Units) > manyUnits {
		effort = solver.Effort{Rounds: 20, Moves: 2, Seed: 1}
	}
	for round := 0; ; round++ {
		more := crowded(p)
		if len(more) == 0 {
			break
		}
		taken := map[string][]calendar.Span{}
		for name, spans := range p.Taken {
			taken[name] = append(taken[name], spans...)
		}
		for name, spans := range more {
			if round >= patience || ctx.Err() != nil {
				spans[0].To = p.Span.To
			}
			taken[name] = append(taken[name], spans...)
		}
		o.companions, o.taken = p.Addons, taken
		p, _ = begin(p.Fleet, p.Table, o)
		s = place.Solve(ctx, p, effort)
	}
	s.Bound, s.Proven = min(bound, s.Bound), s.Proven && s.Cost <= bound
	return p, s
}

// waited is how long before a hop a shortage of budget may have ended that is told as a reason of its date.
const waited = 14 * 24 * time.Hour

// lacks says which budgets kept a cluster from hopping in the time before one: those that were short until lately, and the last of all
// where the cluster had no opening since.
func lacks(p *model.Problem, u *model.Unit, before model.Minutes) []string {
	var out []string
	span := calendar.Span{From: p.Span.From, To: model.TimeOf(before, time.UTC)}
	last, short := shortUntil(p.Shortages(u.Cluster), span)
	if !short {
		return nil
	}
	next := u.Slots.After(model.MinutesOf(last), 0)
	none := int(next) == len(u.Slots.All) || u.Slots.All[next].Start >= before
	until := func(ss calendar.Spans) (day string, ok bool) {
		end, ok := shortUntil(ss, span)
		return end.In(p.Fleet.Policy.Zone()).Format(time.DateOnly), ok && (span.To.Sub(end) < waited || none && end.Equal(last))
	}
	taken, others := until(calendar.Union(p.Taken[u.Cluster.Name.V]))
	for _, b := range p.Guards(u) {
		if day, ok := until(b.Low(p.Span.To)); ok {
			out = append(out, fmt.Sprintf("too little of the budget of %s is left until %s: %s, and a hop needs %s", b.SLO, day,
				model.Percent(b.Left), model.Percent(b.Needed)))
		}
		if others && sharedBudget(p, u, b.SLO) {
			out = append(out, fmt.Sprintf("hops of other clusters take the budget of %s until %s", b.SLO, taken))
		}
	}
	return out
}

// sharedBudget reports whether an SLO guards another cluster too, whose hops spend the same budget.
func sharedBudget(p *model.Problem, u *model.Unit, slo string) bool {
	return slices.ContainsFunc(p.Units, func(other *model.Unit) bool {
		return other != u && slices.ContainsFunc(p.Guards(other), func(b Budget) bool { return b.SLO == slo })
	})
}

// shortUntil is the end of the last of some spans that begins within a span.
func shortUntil(short calendar.Spans, within calendar.Span) (end time.Time, ok bool) {
	for _, s := range short {
		if s.From.Before(within.To) && s.To.After(within.From) {
			end, ok = s.To, true
		}
	}
	return end, ok
}

// budgetFindings says which clusters wait for a budget.
func budgetFindings(p *model.Problem) (out []diag.Finding) {
	for _, u := range p.Units {
		for _, b := range p.Guards(u) {
			f := diag.Finding{ID: FindingBudget, Severity: diag.Warning, Position: u.Cluster.Name.Pos}
			low := b.Low(p.Span.To)
			hit, ok := low.Overlap(calendar.Span{From: p.Span.From, To: p.Span.From.Add(time.Hour)})
			needs := fmt.Sprintf("%s: no hop may start: %s of the budget of %s is left, and a hop needs %s", b.Cluster,
				model.Percent(b.Left), b.SLO, model.Percent(b.Needed))
			switch {
			case !ok:
				continue
			case !hit.To.Before(p.Span.To):
				f.Message = fmt.Sprintf("%s; at a burn of %.2f on ordinary days that does not change: "+
					"make the service reliable first, or lower the reserve of the policy", needs, b.Burn)
			default:
				f.Message = fmt.Sprintf("%s; by the forecast there is enough on %s, if days are ordinary", needs,
					hit.To.In(p.Fleet.Policy.Zone()).Format("2006-01-02 15:04 MST"))
			}
			out = append(out, f)
		}
	}
	return out
}

// budgetsOf are the budgets as the plan shows them.
func budgetsOf(p *model.Problem) []Budget {
	out := []Budget{}
	for _, u := range p.Units {
		for _, b := range p.Guards(u) {
			b.Enough = p.Span.From
			if hit, ok := b.Low(p.Span.To).Overlap(calendar.Span{From: p.Span.From, To: p.Span.From.Add(time.Minute)}); ok {
				b.Enough = hit.To
				if !hit.To.Before(p.Span.To) {
					b.Enough = time.Time{}
				}
			}
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b Budget) int {
		return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.SLO, b.SLO))
	})
	return out
}
