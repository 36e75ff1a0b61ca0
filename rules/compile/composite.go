package compile

import (
	"maps"
	"strings"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/compile/query"
	"treadmill/slo"
)

// part is what is counted by itself: the SLO, or one component of a composite, whose series carry its name.
type part struct {
	query.Events
	component *slo.Component // nil for an SLO that is no composite
	matchers  string
	labels    map[string]string
	taken     bool   // all of its events are those of another SLO
	total, of string // the SLOs, or components, that keep the silent counters of its totals, and of what is bad or good of them
}

// ComponentLabel names the component on the series of a composite that count one.
const ComponentLabel = "component"

// partsOf puts the indicators of an SLO into PromQL.
func partsOf(s slo.SLO, matchers string, labels map[string]string, base slo.Window) []part {
	if len(s.Components) == 0 {
		return []part{{Events: query.Count(s.Indicator, base), matchers: matchers, labels: labels, total: s.ID, of: s.ID}}
	}
	var out []part
	for i := range s.Components {
		comp := &s.Components[i]
		p := part{Events: query.Count(comp.Indicator, base), component: comp, labels: maps.Clone(labels),
			matchers: strings.TrimSuffix(matchers, "}") + "," + ComponentLabel + "=" + quoted(comp.Name) + "}"}
		p.labels[ComponentLabel] = comp.Name
		p.total = s.ID + "/" + comp.Name
		p.of = p.total
		out = append(out, p)
	}
	return out
}

// together is what the parts have in common.
func together(parts []part) query.Events {
	e := query.Events{By: parts[0].By, Counted: true}
	for _, p := range parts {
		e.Findings = append(e.Findings, p.Findings...)
		e.Counted = e.Counted && p.Counted
		e.Raw = append(e.Raw, p.Raw...)
	}
	return e
}

// summedBurns reports whether the burn is the weighted sum of the components' burns. Where slices of time are counted,
// the components make one series of slices and the burn is as of any other SLO.
func (c *compiler) summedBurns() bool {
	return len(c.slo.Components) > 0 && c.slo.Indicator.Slice.Window == 0
}

// checkComponents refuses groupings that differ, and says which component alone fires no page.
func (c *compiler) checkComponents() {
	if len(c.slo.Components) == 0 {
		return
	}
	for _, p := range c.parts {
		if strings.Join(p.By, ",") != strings.Join(c.events.By, ",") {
			c.find(diag.Error, "slo/component", "the component %s is grouped by (%s) and %s by (%s); group all components alike",
				p.component.Name, strings.Join(p.By, ", "), c.parts[0].component.Name, strings.Join(c.events.By, ", "))
		}
		for _, by := range p.By {
			if by == ComponentLabel {
				c.find(diag.Error, "slo/label",
					"the queries are grouped by the label component, which names the component; rename it with label_replace")
			}
		}
	}
	if !c.summedBurns() {
		return
	}
	for _, p := range c.parts {
		alone := false
		for _, b := range c.burns {
			alone = alone || b.Severity == slo.Page && b.Rate.Div(p.component.Factor()).Cmp(slo.NewNumber(9, 10)) <= 0
		}
		if !alone {
			c.find(diag.Warning, "slo/component",
				"a full outage of %s alone pages nobody: its weight of %s and budget of %s make a burn of %s at the most; raise its weight",
				p.component.Name, p.component.Weight.Short(), p.component.Objective.Budget().Percent(), p.component.Factor().Short())
		}
	}
}

// The series of a composite: BurnSeries is its burn over a window.
const (
	BurnSeries      = "slo:burn:rate"
	componentBudget = "slo:component_budget:remaining"
)

// sumBy adds up the elements of terms over the components.
func (c *compiler) sumBy(terms []string) string {
	by := append([]string{"slo"}, c.events.By...)
	return "sum by (" + strings.Join(by, ", ") + ") (\n    " + strings.Join(terms, "\n  or\n    ") + "\n  )"
}

// share is what a component adds to the burn of the whole over a window: nothing when it is idle.
func (p part) share(w slo.Window) string {
	return p.component.Factor().String() + " * " + BadSeries + w.String() + p.matchers + " / (" + TotalSeries + w.String() +
		p.matchers + " > 0)"
}

// recordedBurns records the burn of a composite over windows; that of other SLOs is told from their two series.
func (c *compiler) recordedBurns(windows ...slo.Window) []rules.Rule {
	var out []rules.Rule
	for _, w := range windows {
		if !c.summedBurns() {
			break
		}
		var terms []string
		for _, p := range c.parts {
			terms = append(terms, p.share(w))
		}
		out = append(out, c.record(BurnSeries+w.String(), c.sumBy(terms)))
	}
	return out
}

func windowsOf(links []link) []slo.Window {
	var out []slo.Window
	for _, l := range links {
		out = append(out, l.Window)
	}
	return out
}

// composedPair is the condition of a pair of a composite: both windows burn, and so do, over the long one, the
// components whose events are enough to tell a burn from chance.
func (c *compiler) composedPair(b slo.Burn) string {
	var sure []string
	for _, p := range c.parts {
		term := p.share(b.Long)
		if p.Counted { // which holds for no idle component
			term = p.component.Factor().String() + " * " + BadSeries + b.Long.String() + p.matchers + " / " + TotalSeries + b.Long.String() +
				p.matchers + " and (" + textOf(b.Rate, p.alone(b)).enough(p.matchers, b.Long) + ")"
		}
		sure = append(sure, "("+term+")")
	}
	rate := " > " + b.Rate.String()
	return "(\n  " + BurnSeries + b.Long.String() + c.matchers + rate + "\nand\n  " + BurnSeries + b.Short.String() + c.matchers + rate +
		"\nand\n  " + c.sumBy(sure) + rate + "\n)"
}

// alone is the share of bad events at which the component alone reaches the rate of a pair. The guard's statistics want
// a share below one, so it is held at a half, where chance plays the largest part.
func (p part) alone(b slo.Burn) slo.Number {
	share, half := b.Rate.Div(p.component.Factor()), slo.NewNumber(1, 2)
	if share.Cmp(half) > 0 {
		return half
	}
	return share
}

// budgets are the rules of what is left of the period's budget: of the whole, and of each component of a composite.
func (c *compiler) budgets() []rules.Rule {
	period := c.slo.Period.Length
	if !c.summedBurns() {
		bad, total := BadSeries+period.String()+c.matchers, TotalSeries+period.String()+c.matchers
		return []rules.Rule{c.record(BudgetSeries, "1 - "+bad+" / ("+c.budget+" * "+total+" > 0) or 1 + 0 * "+total)}
	}
	by := strings.Join(append([]string{"slo"}, c.events.By...), ", ")
	none := "sum by (" + by + ") (0 * " + TotalSeries + period.String() + c.matchers + ")"
	out := append(c.recordedBurns(windowsOf(c.period)...),
		c.record(BudgetSeries, "1 - "+BurnSeries+period.String()+c.matchers+" or 1 + "+none))
	for _, p := range c.parts {
		bad, total := BadSeries+period.String()+p.matchers, TotalSeries+period.String()+p.matchers
		out = append(out, rules.Rule{Record: componentBudget, Labels: p.labels,
			Expr: "1 - " + bad + " / (" + p.component.Objective.Budget().String() + " * " + total + " > 0) or 1 + 0 * " + total})
	}
	return out
}
