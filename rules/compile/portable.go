package compile

import (
	"strings"

	"treadmill/slo"
)

// Portable writes the queries of an indicator out: grouped, with a range function around every selector, and with
// {{.window}} in place of each range, as every dialect can read them.
func Portable(in slo.Indicator) (slo.Indicator, error) {
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
