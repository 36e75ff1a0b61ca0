package backtest

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"treadmill/slo"
)

// Episode is a stretch of time in which an alert fires: from the evaluation at which it begins to the one at which it is silent.
type Episode struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// BudgetSpent is the share of the period's budget that was gone when it fired, since the incident began or in the hour before.
	BudgetSpent float64 `json:"budgetSpent"`
}

// Episodes are the stretches of a grid in which something fires.
func Episodes(grid slo.Grid, fires []bool) []Episode {
	var out []Episode
	for i, f := range fires {
		switch {
		case !f:
		case i > 0 && fires[i-1]:
			out[len(out)-1].End = grid.At(i + 1)
		default:
			out = append(out, Episode{Start: grid.At(i), End: grid.At(i + 1)})
		}
	}
	return out
}

// Group is one group of an SLO, as its queries give it at each evaluation.
type Group struct {
	Labels      map[string]string
	Total, Part []float64
}

// Groups joins the answers to both queries of an SLO, by the labels that it is grouped by.
func Groups(total, part []slo.Series, by []string, n int) []Group {
	at := map[string]*Group{}
	group := func(labels map[string]string) *Group {
		var b strings.Builder
		for _, name := range by {
			b.WriteString(labels[name] + "\x00")
		}
		g := at[b.String()]
		if g == nil {
			g = &Group{Labels: map[string]string{}, Total: slo.NewSeries(nil, n).Values, Part: slo.NewSeries(nil, n).Values}
			for _, name := range by {
				if v := labels[name]; v != "" {
					g.Labels[name] = v
				}
			}
			at[b.String()] = g
		}
		return g
	}
	for _, s := range total {
		group(s.Labels).Total = s.Values
	}
	for _, s := range part {
		group(s.Labels).Part = s.Values
	}
	out := make([]Group, 0, len(at))
	for _, g := range at {
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b Group) int {
		for _, name := range by {
			if c := cmp.Compare(a.Labels[name], b.Labels[name]); c != 0 {
				return c
			}
		}
		return 0
	})
	return out
}
