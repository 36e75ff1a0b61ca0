package plan

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/plan/solver"
)

// Budget is the forecast of one error budget for one cluster that it guards. Shares are of the budget of a whole period.
type Budget struct {
	Cluster string    `json:"cluster"`
	SLO     string    `json:"slo"`
	Left    float64   `json:"budgetLeft"`      // now
	Burn    float64   `json:"burn"`            // of an ordinary day, as a multiple of what is allowed
	Reserve float64   `json:"reserve"`         // what a hop spends
	Basis   string    `json:"basis"`           // where the reserve comes from
	Needed  float64   `json:"needed"`          // what must be left when a hop starts: its reserve, and what must be left after it
	Enough  time.Time `json:"enough,omitzero"` // when that much is left; zero where it never is

	Period   time.Duration `json:"-"` // how long after it was spent a reserve counts
	Forecast []Level       `json:"-"` // in the order of time; a level stays until the next one, and the last for good
}

// Level is the share of a budget that is left from a time on.
type Level struct {
	At   time.Time
	Left float64
}

// FindingBudget is the ID of the finding that a cluster waits for an error budget.
const FindingBudget = "plan/budget"

// tolerance is how far shares may differ by rounding alone.
const tolerance = 1e-9

// at is the share that is forecast to be left at a time.
func (b Budget) at(t time.Time) float64 {
	i, exact := slices.BinarySearchFunc(b.Forecast, t, func(l Level, t time.Time) int { return l.At.Compare(t) })
	if !exact {
		i--
	}
	if i < 0 {
		return b.Left
	}
	return b.Forecast[i].Left
}

// low are the times up to an end at which less is left than a hop needs.
func (b Budget) low(end time.Time) calendar.Spans {
	var out []calendar.Span
	for i, l := range b.Forecast {
		to := end
		if i+1 < len(b.Forecast) {
			to = b.Forecast[i+1].At
		}
		if l.Left < b.Needed-tolerance {
			out = append(out, calendar.Span{From: l.At, To: to})
		}
	}
	return calendar.Union(out)
}

// guards are the budgets of the SLOs that a cluster names.
func (p *problem) guards(u *unit) []Budget {
	var out []Budget
	for _, b := range p.budgets {
		if b.Cluster == u.cluster.Name.V && slices.Contains(u.cluster.SLOs, b.SLO) {
			out = append(out, b)
		}
	}
	return out
}

// shortages are the times at which a cluster lacks budget: by the forecast alone, and as other hops spend their reserves.
func (p *problem) shortages(cluster string, slos []string) calendar.Spans {
	out := slices.Clone(p.taken[cluster])
	for _, b := range p.budgets {
		if b.Cluster == cluster && slices.Contains(slos, b.SLO) {
			out = append(out, b.low(p.span.To)...)
		}
	}
	return calendar.Union(out)
}

// spending is a step that spends a reserve of a budget.
type spending struct {
	at      time.Time
	unit    *unit
	budget  Budget
	reserve float64
}

// spend lists the steps of guarded clusters in the order in which they draw on each budget.
func (p *problem) spend() map[string][]spending {
	out := map[string][]spending{}
	for _, u := range p.units {
		for _, b := range p.guards(u) {
			for _, w := range u.work {
				for _, i := range w.slots {
					out[b.SLO] = append(out[b.SLO], spending{timeOf(u.slots.all[i].start, time.UTC), u, b, b.Reserve})
				}
			}
		}
	}
	for _, all := range out {
		slices.SortFunc(all, func(a, b spending) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.unit.index, b.unit.index)) })
	}
	return out
}

// left is what a budget has at a time when earlier steps have spent their reserves.
func (s spending) left(at time.Time, earlier []spending) float64 {
	left := s.budget.at(at)
	for _, e := range earlier {
		if at.Sub(e.at) < s.budget.Period {
			left -= e.reserve
		}
	}
	return left
}

// crowded finds steps for which steps before them leave too little of a budget: their clusters lack it until there is enough again.
func (p *problem) crowded() map[string][]calendar.Span {
	out := map[string][]calendar.Span{}
	for _, all := range p.spend() {
		var kept []spending
		for _, s := range all {
			if s.left(s.at, kept) >= s.budget.Needed-tolerance {
				kept = append(kept, s)
				continue
			}
			name := s.unit.cluster.Name.V
			out[name] = append(out[name], calendar.Span{From: s.at, To: p.recovered(s, kept)})
		}
	}
	return out
}

// recovered is when enough is left for a step: at a level of the forecast, or when a reserve has left the period.
func (p *problem) recovered(s spending, earlier []spending) time.Time {
	var times []time.Time
	for _, l := range s.budget.Forecast {
		times = append(times, l.At)
	}
	for _, e := range earlier {
		times = append(times, e.at.Add(s.budget.Period))
	}
	slices.SortFunc(times, time.Time.Compare)
	for _, t := range times {
		if t.After(s.at) && s.left(t, earlier) >= s.budget.Needed-tolerance {
			return t
		}
	}
	return p.span.To
}

// patience is how often hops are moved apart that draw on one budget, before those that still come too close are left out of the rest of
// the plan; and above how many clusters that is done with less effort.
const patience, manyUnits = 40, 50

// apart solves the problem again until no step takes the budget of another. The bound stays that of the first solution: it holds for
// all plans by the forecast alone, and so for those that keep apart too.
func (p *problem) apart(ctx context.Context, o Options, s solver.Solution) (*problem, solver.Solution) {
	bound, effort := s.Bound, o.Effort
	if len(p.units) > manyUnits {
		effort = solver.Effort{Rounds: 20, Moves: 2, Seed: 1}
	}
	for round := 0; ; round++ {
		more := p.crowded()
		if len(more) == 0 {
			break
		}
		taken := map[string][]calendar.Span{}
		for name, spans := range p.taken {
			taken[name] = append(taken[name], spans...)
		}
		for name, spans := range more {
			if round >= patience || ctx.Err() != nil {
				spans[0].To = p.span.To
			}
			taken[name] = append(taken[name], spans...)
		}
		o.companions, o.taken = p.addons, taken
		p = begin(p.fleet, p.table, o)
		s = p.solve(ctx, effort)
	}
	s.Bound = min(bound, s.Bound)
	return p, s
}

// lacks says which budgets kept a cluster from hopping in the time before one.
func (p *problem) lacks(u *unit, before minutes) []string {
	var out []string
	at := timeOf(before, time.UTC)
	for _, b := range p.guards(u) {
		low := b.low(p.span.To)
		if hit, ok := low.Overlap(calendar.Span{From: p.span.From, To: at}); ok && at.Sub(hit.To) < 14*24*time.Hour {
			out = append(out, fmt.Sprintf("too little of the budget of %s is left until %s: %s, and a hop needs %s", b.SLO, hit.To.Format(time.DateOnly), percent(b.Left), percent(b.Needed)))
		} else if hit, ok := calendar.Union(p.taken[u.cluster.Name.V]).Overlap(calendar.Span{From: p.span.From, To: at}); ok && at.Sub(hit.To) < 14*24*time.Hour {
			out = append(out, fmt.Sprintf("hops of other clusters take the budget of %s until %s", b.SLO, hit.To.Format(time.DateOnly)))
		}
	}
	return out
}

func percent(share float64) string { return fmt.Sprintf("%.1f%%", share*100) }

// budgetFindings says which clusters wait for a budget.
func (p *problem) budgetFindings() (out []diag.Finding) {
	for _, u := range p.units {
		for _, b := range p.guards(u) {
			f := diag.Finding{ID: FindingBudget, Severity: diag.Warning, Position: u.cluster.Name.Pos}
			low := b.low(p.span.To)
			hit, ok := low.Overlap(calendar.Span{From: p.span.From, To: p.span.From.Add(time.Hour)})
			needs := fmt.Sprintf("%s: no hop may start: %s of the budget of %s is left, and a hop needs %s", b.Cluster, percent(b.Left), b.SLO, percent(b.Needed))
			switch {
			case !ok:
				continue
			case !hit.To.Before(p.span.To):
				f.Message = fmt.Sprintf("%s; at a burn of %.2f on ordinary days that does not change: mend the service, or lower the reserve of the policy", needs, b.Burn)
			default:
				f.Message = fmt.Sprintf("%s; by the forecast there is enough on %s, if nothing more is lost", needs, hit.To.Format("2006-01-02 15:04"))
			}
			out = append(out, f)
		}
	}
	return out
}

// budgetsOf are the budgets as the plan shows them.
func (p *problem) budgetsOf() []Budget {
	out := []Budget{}
	for _, u := range p.units {
		for _, b := range p.guards(u) {
			b.Enough = p.span.From
			if hit, ok := b.low(p.span.To).Overlap(calendar.Span{From: p.span.From, To: p.span.From.Add(time.Minute)}); ok {
				b.Enough = hit.To
				if !hit.To.Before(p.span.To) {
					b.Enough = time.Time{}
				}
			}
			out = append(out, b)
		}
	}
	slices.SortStableFunc(out, func(a, b Budget) int { return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.SLO, b.SLO)) })
	return out
}
