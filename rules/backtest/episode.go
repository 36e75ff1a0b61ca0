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

// Counts is the answers to the two queries of an SLO, or of one component of a composite.
type Counts struct{ Total, Part []slo.Series }

// Events is what the queries of a part give of one group at each evaluation, NaN where they give nothing. Part counts good
// events where there is a query for them, else bad ones.
type Events struct{ Total, Part []float64 }

// Group is one group of an SLO: its events, of a composite those of each component.
type Group struct {
	Labels map[string]string
	Parts  []Events
}

// Groups joins the answers to the queries of an SLO, by the labels that it is grouped by, into groups in the order of their labels.
func Groups(parts []Counts, by []string, n int) []Group {
	at := map[string]*Group{}
	none := slo.NewSeries(nil, n).Values
	group := func(labels map[string]string) *Group {
		var b strings.Builder
		for _, name := range by {
			b.WriteString(labels[name] + "\x00")
		}
		g := at[b.String()]
		if g == nil {
			g = &Group{Labels: map[string]string{}}
			for range parts {
				g.Parts = append(g.Parts, Events{none, none})
			}
			for _, name := range by {
				if v := labels[name]; v != "" {
					g.Labels[name] = v
				}
			}
			at[b.String()] = g
		}
		return g
	}
	for i, p := range parts {
		for _, s := range p.Total {
			group(s.Labels).Parts[i].Total = s.Values
		}
		for _, s := range p.Part {
			group(s.Labels).Parts[i].Part = s.Values
		}
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
