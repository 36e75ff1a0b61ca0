package compile

import (
	"cmp"
	"strconv"
	"strings"

	"treadmill/rules"
	"treadmill/slo"
)

// AlertName is the name of burn-rate alerts that the SLO does not name.
const AlertName = "ErrorBudgetBurn"

// NameOf is the name of the alert of a severity.
func NameOf(a slo.Alerting, severity slo.Severity) string {
	return cmp.Or(a.Route(severity).Name, a.Name, AlertName)
}

// alert is the one alert of a severity, its pairs joined with or. Its value is the burn: how many times faster than
// allowed the budget goes over the long window.
func (c *compiler) alert(severity slo.Severity) rules.Rule {
	route := c.slo.Alerting.Route(severity)
	var pairs []string
	for i, b := range c.burns {
		if b.Severity == severity {
			pairs = append(pairs, c.pair(i))
		}
	}
	r := rules.Rule{
		Alert:  NameOf(c.slo.Alerting, severity),
		Expr:   strings.Join(pairs, "\nor\n"),
		Labels: map[string]string{"severity": string(severity)},
	}
	c.label(&r, string(severity), route)
	r.Annotations = c.annotations(severity)
	c.annotate(&r, string(severity), c.slo.Alerting.Annotations, route.Annotations)
	return r
}

// pair is the condition of a pair of windows.
func (c *compiler) pair(i int) string {
	if c.summedBurns() {
		return c.composedPair(c.burns[i])
	}
	counted := c.events.Counted
	return c.text(pairKey(i, counted), c.matchers, func() string { return c.plan.pair(i, c.matchers, counted) })
}

// pair is true where both windows burn faster than the rate and, where events are counted, they are enough to say so.
func (p *plan) pair(i int, matchers string, counted bool) string {
	b, t := p.burns[i], p.pairs[i]
	expr := "(\n  " + p.burn(b.Long, matchers) + " > " + t.rate + "\nand\n  " + p.burn(b.Short, matchers) + " > " + t.rate
	if counted {
		expr += "\nand\n  (" + t.enough(matchers, b.Long) + ")"
	}
	return expr + "\n)"
}

// burn is the ratio of a window over the budget.
func (p *plan) burn(w slo.Window, matchers string) string {
	return BadSeries + w.String() + matchers + " / (" + p.budget + " * " + TotalSeries + w.String() + matchers + ")"
}

// The guard against few events: below as many events as make ManyBad bad ones at the threshold, the lower bound of the
// bad share at 99 % Confidence (z = 2.33, one-sided) must be above the threshold too. Wilson's lower bound
// (E. B. Wilson 1927, doi:10.1080/01621459.1927.10502953) is above p exactly when bad > p·n + z·√(p(1−p)·n). At least
// two bad events are wanted: one, scaled up by increase(), counts less than 1.5.
const (
	ManyBad    = 25
	FewBad     = 1.5
	Confidence = 2.33
)

// enough is true where the events of a window are enough to tell that more than the threshold is bad.
func (t pairText) enough(matchers string, w slo.Window) string {
	bad, total := BadSeries+w.String()+matchers, TotalSeries+w.String()+matchers
	decimal := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
	return total + " > " + t.many + " or (" + bad + " > " + decimal(FewBad) + " and " + bad + " > " +
		t.threshold + " * " + total + " + " + decimal(Confidence) + " * (" + t.variance + " * " + total + ") ^ 0.5)"
}

// annotations say to a human what burns, how fast, and what is left.
func (c *compiler) annotations(severity slo.Severity) map[string]string {
	var group strings.Builder
	matchers, args := "slo="+quoted(c.slo.ID), ""
	for _, by := range c.events.By {
		group.WriteString(" " + by + "={{ $labels." + by + " }}")
		matchers += "," + by + "=%q"
		args += " $labels." + by
	}
	left := "{{ with printf `" + BudgetSeries + "{" + matchers + "}`" + args + " | query }}{{ . | first | value | humanizePercentage }} of the budget is left{{ end }}"
	gone := "{{ with printf `" + BudgetSeries + "{" + matchers + "} * " + seconds(c.slo.Period.Length) + " / %f > 0`" + args +
		" $value | query }}, gone in {{ . | first | value | humanizeDuration }} at this rate{{ end }}"
	out := map[string]string{
		"summary": rules.EscapeTemplate(c.title()) + group.String() +
			" burns its error budget {{ printf \"%.1f\" $value }} times faster than allowed",
		"description": "The objective is " + rules.EscapeTemplate(c.objective()) + " over " + c.slo.Period.Length.String() + "; windows: " +
			c.windows(severity) + c.above(severity) + ". " + left + gone + "." + c.byComponent(),
	}
	if c.slo.Description != "" {
		out["slo_description"] = rules.EscapeTemplate(c.slo.Description)
	}
	return out
}

// objective is the promise in words: of a composite, that of each component.
func (c *compiler) objective() string {
	if len(c.slo.Components) == 0 {
		return c.slo.Objective.Percent()
	}
	var out []string
	for _, comp := range c.slo.Components {
		out = append(out, comp.Objective.Percent()+" for "+comp.Name)
	}
	return strings.Join(out, ", ")
}

// byComponent tells which components of a composite burn now.
func (c *compiler) byComponent() string {
	if !c.summedBurns() {
		return ""
	}
	long, args := c.burns[0].Long, ""
	var terms []string
	for _, p := range c.parts {
		matchers := strings.TrimSuffix(p.matchers, "}")
		for _, by := range c.events.By {
			matchers += "," + by + "=%q"
		}
		terms = append(terms, strings.ReplaceAll(p.share(long), p.matchers, matchers+"}"))
		for range 2 * len(c.events.By) {
			args += " $labels." + c.events.By[len(strings.Fields(args))%len(c.events.By)]
		}
	}
	return " Burn by component over " + long.String() + ":{{ range printf `sort_desc(" + strings.Join(terms, " or ") + ")`" + args +
		" | query }} {{ .Labels.component }} {{ printf \"%.1f\" .Value }}{{ end }}."
}

// title is what people call the SLO.
func (c *compiler) title() string {
	if c.slo.DisplayName != "" {
		return c.slo.DisplayName
	}
	return c.slo.ID
}

// windows lists the pairs of a severity.
func (c *compiler) windows(severity slo.Severity) string {
	var out []string
	for _, b := range c.burns {
		if b.Severity == severity {
			out = append(out, b.Long.String()+" and "+b.Short.String()+" above "+b.Rate.String())
		}
	}
	return strings.Join(out, ", or ")
}
