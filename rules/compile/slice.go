package compile

import (
	"math"
	"strings"

	"treadmill/rules"
	"treadmill/slo"
)

// slices counts slices of time: raw series are read over one slice, and the slices of a tile by a subquery over the
// recorded ones. A slice without events is good. In a composite, a slice is bad when it is bad for any component, and
// where slices count with their shares these add up by weight, to a whole slice at the most (OpenSLO, composites).
func (c *compiler) slices() []rules.Rule {
	w, tile := c.slo.Indicator.Slice.Window.String(), slo.Tile.String()
	var out []rules.Rule
	var verdicts []string
	for _, p := range c.parts {
		bad, total := sliceBad+w+p.matchers, sliceTotal+w+p.matchers
		out = append(append(out, c.silent(p)...),
			rules.Rule{Record: sliceTotal + w, Labels: p.labels, Expr: c.kept(p)},
			rules.Rule{Record: sliceBad + w, Labels: p.labels, Expr: c.badOf(p, p.rule(p.RulePart), total)})
		verdicts = append(verdicts, verdict(c.slo.Indicator.Slice, p, bad, total))
	}
	seen, verdict := sliceTotal+w+c.matchers, verdicts[0]
	if len(c.slo.Components) > 0 {
		by := "by (" + strings.Join(append([]string{"slo"}, c.events.By...), ", ") + ") ("
		seen, verdict = "max "+by+seen+")", "clamp_max(sum "+by+strings.Join(verdicts, " or ")+"), 1)"
	}
	return append(out,
		c.record(TotalSeries+tile, "count_over_time("+inParens(seen)+"["+tile+":"+w+"])"),
		c.record(BadSeries+tile, "sum_over_time(("+verdict+")["+tile+":"+w+"]) or 0 * "+TotalSeries+tile+c.matchers))
}

// verdict is how bad a slice of a part is: 0 or 1, or its share of bad events.
func verdict(s slo.Slice, p part, bad, total string) string {
	weight := ""
	if p.component != nil {
		s = p.component.Indicator.Slice
	}
	if s.Target.Cmp(slo.NewNumber(0, 1)) > 0 {
		return bad + " > bool " + slo.NewNumber(1, 1).Sub(s.Target).String() + " * " + total
	}
	if p.component != nil && p.component.Weight.Cmp(slo.NewNumber(1, 1)) != 0 {
		weight = p.component.Weight.String() + " * "
	}
	return weight + bad + " / (" + total + " > 0)"
}

// inParens puts an aggregation into parentheses, as a subquery wants it; a selector stands as it is.
func inParens(expr string) string {
	if strings.HasPrefix(expr, sliceTotal) {
		return expr
	}
	return "(" + expr + ")"
}

// sliceOfWhole is how slices of time are counted: of a composite, as its components do.
func sliceOfWhole(s slo.SLO) slo.Slice {
	if len(s.Components) > 0 {
		return s.Components[0].Indicator.Slice
	}
	return s.Indicator.Slice
}

// leastOf is the share of a window's slices that must be bad before a pair fires, where slices of time are counted: their
// number is known, and so is what the guard against chance asks for (see enoughOf). Slices that are bad or not are whole.
func leastOf(b slo.Burn, s slo.Slice) slo.Number {
	n := float64(b.Long / s.Window)
	p := b.Threshold.Float()
	bad := p * n
	if n <= math.Floor(ManyBad/p) {
		bad = max(bad, FewBad, p*n+Confidence*math.Sqrt(p*(1-p)*n))
	}
	if s.Target.Cmp(slo.NewNumber(0, 1)) > 0 {
		bad = math.Floor(bad) + 1
	}
	return slo.NewNumber(int64(math.Ceil(bad*1e6)), 1e6).Div(slo.NewNumber(int64(b.Long/s.Window), 1))
}
