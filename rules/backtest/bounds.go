package backtest

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
	"treadmill/slo"
)

// Bound is a threshold of a latency SLO: the upper bound of a bucket that its histogram has, and what the SLO's objective would have
// meant with it.
type Bound struct {
	Le      string `json:"le"` // as the label says, in the unit of the histogram
	Current bool   `json:"current"`
	Option
}

// mostBounds is how many bounds are tried: those around the present one.
const mostBounds = 16

// Bounds tries the other bounds of the histogram that an SLO counts good events by, from the lowest to the highest, and marks the lowest
// that would have been suggested as Suggest does. An SLO that reads no bucket of a classic histogram has none.
func (p Past) Bounds(ctx context.Context, ask Source, least float64) ([]Bound, error) {
	good := p.Replay.Parts[0].Good
	now, all := bucket(good)
	if now == "" {
		return nil, nil
	}
	answer, err := ask(ctx, all, slo.NewGrid(p.Since, p.end(), slo.Hour))
	if err != nil {
		return nil, fmt.Errorf("the bounds of the histogram: %w", err)
	}
	var out []Bound
	for _, le := range around(answer.Series, now) {
		part, err := ask(ctx, withBound(good, le), p.Grid)
		if err != nil {
			return nil, fmt.Errorf("the bound %s: %w", le, err)
		}
		other := p
		other.Parts = []Counts{{Total: p.Parts[0].Total, Part: part.Series}}
		for _, o := range other.Suggest([]slo.Number{p.SLO.Objective.Mul(slo.NewNumber(100, 1))}, least) {
			out = append(out, Bound{Le: le, Current: le == now, Option: o})
		}
	}
	found := false
	for i := range out {
		out[i].Suggested = out[i].Suggested && !found
		found = found || out[i].Suggested
	}
	return out, nil
}

// around is the finite bounds of an answer, in order, those nearest to the present one.
func around(series []slo.Series, now string) []string {
	var out []string
	for _, s := range series {
		if v, err := strconv.ParseFloat(s.Labels["le"], 64); err == nil && !math.IsInf(v, 0) {
			out = append(out, s.Labels["le"])
		}
	}
	number := func(le string) float64 { v, _ := strconv.ParseFloat(le, 64); return v }
	slices.SortFunc(out, func(a, b string) int { return cmp.Or(cmp.Compare(number(a), number(b)), cmp.Compare(a, b)) })
	at, _ := slices.BinarySearchFunc(out, now, func(a, b string) int { return cmp.Compare(number(a), number(b)) })
	from := max(0, min(at-mostBounds/2, len(out)-mostBounds))
	return out[from:min(len(out), from+mostBounds)]
}

// bucket is the bound that a query of good events counts below, and the query for all bounds of that histogram; "" when the query
// does not read buckets of one bound.
func bucket(good string) (le, all string) {
	expr, err := rules.ParseExpr(good)
	if err != nil {
		return "", ""
	}
	for _, v := range selectors(expr) {
		i := bound(v)
		if i < 0 || le != "" && le != v.LabelMatchers[i].Value {
			return "", ""
		}
		le = v.LabelMatchers[i].Value
		other := &parser.VectorSelector{Name: v.Name, LabelMatchers: slices.Delete(slices.Clone(v.LabelMatchers), i, i+1)}
		all = "count by (le) (" + other.String() + ")"
	}
	return le, all
}

// withBound is the query with another bound.
func withBound(good, le string) string {
	expr, err := rules.ParseExpr(good)
	if err != nil {
		return good
	}
	for _, v := range selectors(expr) {
		if i := bound(v); i >= 0 {
			v.LabelMatchers[i] = labels.MustNewMatcher(labels.MatchEqual, "le", le)
		}
	}
	return expr.String()
}

func selectors(expr parser.Expr) []*parser.VectorSelector {
	var out []*parser.VectorSelector
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			out = append(out, v)
		}
		return nil
	})
	return out
}

// bound is the place of the matcher of one bound, -1 without one.
func bound(v *parser.VectorSelector) int {
	return slices.IndexFunc(v.LabelMatchers, func(m *labels.Matcher) bool {
		return m.Name == "le" && m.Type == labels.MatchEqual && m.Value != "" && m.Value != "+Inf"
	})
}
