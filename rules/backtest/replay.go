package backtest

import (
	"maps"
	"math"
	"time"

	"treadmill/rules/compile"
	"treadmill/slo"
	"treadmill/slo/review"
)

// Result is what the rules of one SLO would have done.
type Result struct {
	Alerts    []Alert
	Incidents []Incident
	Coverage  float64 // share of the time of which anything is known, over all groups
}

// Warmup is how much history before the first moment of interest the rules of an SLO look back on.
func Warmup(r *compile.Replay) slo.Window {
	var out slo.Window
	for _, p := range r.Pairs {
		out = max(out, p.Long)
	}
	return out
}

// Run replays the rules of an SLO over the answers to its two queries at each evaluation and finds the incidents that spent
// at least a share of the budget. What began before since is left out.
func Run(s slo.SLO, r *compile.Replay, grid slo.Grid, total, part []slo.Series, since time.Time, least float64) Result {
	var out Result
	known, steps := 0, 0
	for _, g := range Groups(total, part, r.By, grid.N) {
		h := tiles(r, grid, g)
		sums := h.Sums()
		span := sums.Between(since, grid.At(grid.N-1))
		known, steps = known+span.Known, steps+span.Steps
		events := span.PeriodEvents(s.Period.Length, slo.Tile)
		var incidents []Incident
		for _, in := range h.Incidents(s.Objective, events, least) {
			if !in.Start.Before(since) {
				incidents = append(incidents, Incident{SLO: s.ID, Labels: g.Labels, Start: in.Start, End: in.End, BudgetSpent: in.Spent})
			}
		}
		out.Incidents = append(out.Incidents, incidents...)
		fires := Fast(r, grid, g.Total, g.Part)
		for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
			a := Alert{Alert: s.Alerting.Name, Severity: string(severity), SLO: s.ID, Labels: g.Labels, Episodes: []Episode{}}
			if a.Alert == "" {
				a.Alert = compile.AlertName
			}
			for _, e := range Episodes(grid, fires[severity]) {
				if !e.Start.Before(since) {
					if budget := s.Objective.Budget().Float() * events; budget > 0 {
						e.BudgetSpent = spentAt(r, grid, g, e.Start, incidents) / budget
					}
					a.Episodes = append(a.Episodes, e)
				}
			}
			if fires[severity] != nil {
				out.Alerts = append(out.Alerts, a)
			}
		}
	}
	if steps > 0 {
		out.Coverage = float64(known) / float64(steps)
	}
	return out
}

// Charge says of the episodes of other alerts what of the budget was spent when they began, for those that are about an incident of this SLO; of
// several incidents the one that had spent most counts. The rest is as for Run.
func Charge(alerts []Alert, s slo.SLO, r *compile.Replay, grid slo.Grid, total, part []slo.Series, since time.Time, incidents []Incident) {
	for _, g := range Groups(total, part, r.By, grid.N) {
		events := tiles(r, grid, g).Sums().Between(since, grid.At(grid.N-1)).PeriodEvents(s.Period.Length, slo.Tile)
		budget := s.Objective.Budget().Float() * events
		for _, in := range incidents {
			if !maps.Equal(in.Labels, g.Labels) || budget <= 0 {
				continue
			}
			for _, a := range alerts {
				for i := range a.Episodes {
					e := &a.Episodes[i]
					if at, ok := grid.Index(e.Start); ok && about(a, *e, in) {
						e.BudgetSpent = max(e.BudgetSpent, spentAt(r, grid, g, grid.At(at), []Incident{in})/budget)
					}
				}
			}
		}
	}
}

// spentAt is how many bad events there were when an alert fires, since its incident began, or in the hour before: the tiles
// that end at that evaluation, a tile before it, and so on.
func spentAt(r *compile.Replay, grid slo.Grid, g Group, at time.Time, incidents []Incident) float64 {
	from := at.Add(-time.Hour)
	for _, in := range incidents {
		if !in.Start.After(at) && at.Before(in.End.Add(Grace)) {
			from = in.Start
		}
	}
	i, _ := grid.Index(at)
	bad := 0.0
	for ; i >= 0 && grid.At(i).After(from); i -= int(slo.Tile / r.Every) {
		n := g.Part[i]
		if r.Good != "" {
			n = g.Total[i] - max(0, n)
		}
		if n > 0 {
			bad += n
		}
	}
	return bad
}

// tiles is the history of a group in whole tiles.
func tiles(r *compile.Replay, grid slo.Grid, g Group) review.History {
	every := int(slo.Tile / r.Every)
	first := int((-grid.From.UnixMilli()/ms(r.Every))%int64(every)+int64(every)) % every
	coarse := slo.Grid{From: grid.At(first), Step: slo.Tile, N: max(0, (grid.N-first+every-1)/every)}
	pick := func(values []float64) []slo.Series {
		one := slo.NewSeries(g.Labels, coarse.N)
		some := false
		for i := range one.Values {
			one.Values[i] = values[first+i*every]
			some = some || !math.IsNaN(one.Values[i])
		}
		if !some {
			return nil
		}
		return []slo.Series{one}
	}
	what := review.Bad
	if r.Good != "" {
		what = review.Good
	}
	hs := review.Join(coarse, r.By, pick(g.Total), pick(g.Part), what)
	if len(hs) == 0 {
		return review.Join(coarse, r.By, []slo.Series{slo.NewSeries(g.Labels, coarse.N)}, nil, what)[0]
	}
	return hs[0]
}
