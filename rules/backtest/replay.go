package backtest

import (
	"slices"
	"time"

	"treadmill/rules/compile"
	"treadmill/slo"
	"treadmill/slo/review"
)

// Result is what the rules of one SLO would have done.
type Result struct {
	Alerts    []Alert
	Incidents []Incident
}

// Run replays the rules of the SLO and finds the incidents that spent at least a share of the budget. Where there are listed incidents,
// what was spent when an alert fires is counted since the beginning of those.
func (p *Past) Run(least float64, listed ...Incident) Result {
	var out Result
	for _, g := range p.groups() {
		h := p.history(g)
		sums := h.Sums()
		events := p.events(sums)
		incidents, carried := p.incidents(g, h, sums, least)
		out.Incidents = append(out.Incidents, incidents...)
		if len(listed) > 0 {
			incidents = slices.DeleteFunc(slices.Clone(listed), func(in Incident) bool { return !in.of(p.SLO.ID, p.SLO.Service, g.Labels) })
		}
		fires := Fast(&p.Replay, p.Grid, g)
		for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
			a := Alert{
				Alert:    compile.NameOf(p.SLO.Alerting, severity),
				Severity: string(severity),
				SLO:      p.SLO.ID,
				Service:  p.SLO.Service,
				Labels:   g.Labels,
				Episodes: []Episode{},
			}
			a.All = Episodes(p.Grid, fires[severity])
			for _, e := range a.All {
				switch {
				case e.Start.Before(p.Since):
					a.Already = a.Already || e.End.After(p.Since)
				case e.Start.Before(carried): // it is about what began before
					a.Already = true
				default:
					e.BudgetSpent = p.spent(g, events, e.Start, incidents)
					a.Episodes = append(a.Episodes, e)
				}
			}
			if fires[severity] != nil {
				out.Alerts = append(out.Alerts, a)
			}
		}
	}
	return out
}

// incidents are those of a group that began since the time of interest. What began before it and went on is none of them, and what fires
// until it is over, and in the grace after, is not judged: carried is when that is. It began with the history where nothing is known
// before.
func (p *Past) incidents(g Group, h review.History, sums review.Sums, least float64) (out []Incident, carried time.Time) {
	for _, in := range h.Incidents(p.SLO.Objective, p.events(sums), least) {
		known := sums.Between(p.Grid.From.Add(-time.Hour), in.Start).Known > 0
		switch {
		case !in.Start.Before(p.Since) || !known && in.End.After(p.Since):
			out = append(out, Incident{SLO: p.SLO.ID, Labels: g.Labels, Start: in.Start, End: in.End, BudgetSpent: in.Spent})
		case in.End.After(p.Since):
			carried = in.End.Add(Grace)
		}
	}
	return out, carried
}

// Charge says of the episodes of other alerts what of the budget was spent when they began, for those that are about one of the
// incidents of this SLO; of several incidents the one that had spent most counts.
func (p *Past) Charge(alerts []Alert, incidents []Incident) {
	for _, g := range p.groups() {
		events := p.events(p.history(g).Sums())
		for _, in := range incidents {
			if !in.of(p.SLO.ID, p.SLO.Service, g.Labels) {
				continue
			}
			for _, a := range alerts {
				for i := range a.Episodes {
					if e := &a.Episodes[i]; about(a, *e, in) && !e.Start.Before(p.Grid.From) && !e.Start.After(p.end()) {
						e.BudgetSpent = max(e.BudgetSpent, p.spent(g, events, e.Start, []Incident{in}))
					}
				}
			}
		}
	}
}
