package review

import "treadmill/slo"

// Numbers is where a budget stands. Shares are of the period's budget.
type Numbers struct {
	Attainment float64 `json:"attainment"` // share of good events, 1 without events
	Spent      float64 `json:"budgetSpent"`
	Left       float64 `json:"budgetLeft"` // below 0 when more than all is spent
	Bad        float64 `json:"bad"`
	Total      float64 `json:"total"`
	Coverage   float64 `json:"coverage"` // share of the time of which anything is known
	// Components are what those of a composite spent of its budget.
	Components []ComponentNumbers `json:"components,omitempty"`
}

// ComponentNumbers is a component's part in the budget of the whole.
type ComponentNumbers struct {
	Name       string  `json:"name"`
	Attainment float64 `json:"attainment"`  // share of its good events
	Spent      float64 `json:"budgetSpent"` // of the whole's budget
}

// Budget is the numbers of a span within a period. The budget is that of a whole period at the traffic of what is known of
// the span: a calendar month has on its second day the budget of the month, and what is not known burnt none.
func (s Span) Budget(o slo.Objective, period slo.Window, step slo.Window) Numbers {
	n := Numbers{Attainment: s.Attainment(), Bad: s.Bad, Total: s.Total, Coverage: s.Coverage(), Left: 1}
	if events := s.PeriodEvents(period, step); events > 0 {
		n.Spent = s.loss() / (o.Budget().Float() * events)
		n.Left = 1 - n.Spent
	}
	for _, p := range s.parts {
		c := ComponentNumbers{Name: p.name, Attainment: p.Attainment()}
		if share := s.share(); share > 0 {
			c.Spent = n.Spent * p.weight * p.share() / share
		}
		n.Components = append(n.Components, c)
	}
	return n
}

// PeriodEvents is how many events a period has at the traffic of what is known of the span.
func (s Span) PeriodEvents(period, step slo.Window) float64 {
	if s.Known == 0 {
		return 0
	}
	return s.Total / float64(s.Known) * float64(period) / float64(step)
}
