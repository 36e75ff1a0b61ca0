package slo

import "fmt"

// Component is one part of a composite SLO: an indicator with an objective of its own. Its burn counts Weight times in
// the burn of the whole.
type Component struct {
	Name      string // unique in the SLO; the label `component` of what is recorded for it
	Weight    Number // above 0
	Objective Objective
	Indicator Indicator
}

// Factor is how much the burn of the whole grows with the share of bad events of the component: weight ÷ budget.
func (c Component) Factor() Number { return c.Weight.Div(c.Objective.Budget()) }

// Whole is the objective that a composite has as a whole. Burns of components add up by weight, as OpenSLO has it for
// the budgeting method Occurrences (https://github.com/OpenSLO/OpenSLO, read 2026-11): burn = Σ weight × share ÷ budget.
// When the same share s of all components' events is bad, that is s × Σ weight ÷ budget, as for one service with a
// budget of 1 ÷ Σ (weight ÷ budget). Weights that add up to 1 make the burn of the whole an average.
func Whole(components []Component) (Objective, error) {
	var sum Number
	for _, c := range components {
		sum = sum.Add(c.Factor())
	}
	one := NewNumber(1, 1)
	if sum.Cmp(one) <= 0 {
		return Objective{}, fmt.Errorf(
			"the weights are so small that a full outage of everything spends no more than the budget; raise them, such as to 1 each",
		)
	}
	return NewObjective(one.Sub(one.Div(sum)))
}

// Strictest is the objective of a composite that counts slices of time, in which any component makes a slice bad: the
// one with the smallest budget. It reports whether the components have different ones.
func Strictest(components []Component) (o Objective, differ bool) {
	for i, c := range components {
		if i > 0 && c.Objective.Cmp(o.Number) != 0 {
			differ = true
		}
		if i == 0 || c.Objective.Cmp(o.Number) > 0 {
			o = c.Objective
		}
	}
	return o, differ
}

// Parts are the components of a composite as SLOs by themselves, each with its own objective, named after the whole and
// the component. An SLO that is no composite is its only part.
func (s SLO) Parts() []SLO {
	if len(s.Components) == 0 {
		return []SLO{s}
	}
	var out []SLO
	for _, c := range s.Components {
		part := s
		part.ID, part.Name, part.Components, part.Written = s.ID+"-"+c.Name, s.Name+"-"+c.Name, nil, Written{}
		part.Objective, part.Indicator = c.Objective, c.Indicator
		out = append(out, part)
	}
	return out
}
