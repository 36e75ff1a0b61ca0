package query

import (
	"slices"
	"strings"

	"treadmill/slo"
)

// Portable writes the queries of an SLO out: grouped, with a range function around every selector, and with
// {{.window}} as each range, as every dialect can read them.
func Portable(s slo.SLO) (slo.SLO, error) {
	if len(s.Components) == 0 {
		var err error
		s.Indicator, err = portable(s.Indicator)
		return s, err
	}
	s.Components = slices.Clone(s.Components)
	for i := range s.Components {
		var err error
		if s.Components[i].Indicator, err = portable(s.Components[i].Indicator); err != nil {
			return s, err
		}
	}
	return s, nil
}

func portable(in slo.Indicator) (slo.Indicator, error) {
	out := in
	out.By = nil
	function := "increase"
	if in.Gauge {
		function = "sum_over_time"
	}
	for _, q := range []*slo.Query{&out.Total, &out.Bad, &out.Good} {
		if q.IsZero() {
			continue
		}
		p, err := parse(*q)
		if err != nil {
			return out, err
		}
		expr, _, err := summed(p.over(slo.Window(windowMark), function), in.By)
		if err != nil {
			return out, err
		}
		q.Text = unmark(operand(expr))
	}
	if !in.Ratio.IsZero() {
		p, err := parse(in.Ratio)
		if err != nil {
			return out, err
		}
		out.Ratio.Text = unmark(p.over(slo.Window(windowMark), "avg_over_time").String())
	}
	return out, nil
}

// unmark puts {{.window}} where the mark was printed: between a bracket and a bracket or colon, and nowhere else.
func unmark(expr string) string {
	mark := slo.Window(windowMark).String()
	return strings.NewReplacer("["+mark+"]", "[{{.window}}]", "["+mark+":", "[{{.window}}:").Replace(expr)
}
