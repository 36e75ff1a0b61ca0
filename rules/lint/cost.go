package lint

import (
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
)

// Pace is how often things happen: what a query reads depends on it.
type Pace struct {
	Scrape time.Duration // between two samples of a series
	Every  time.Duration // between two evaluations, of groups that do not say it
}

// Cost is what evaluating rules costs a server.
type Cost struct {
	Alerts     int `json:"alerts"`
	Recordings int `json:"recordings"`
	// Evaluations of rules, each minute.
	Evaluations float64 `json:"evaluationsPerMinute"`
	// PerSeries is the samples read each second if each selector finds one series.
	PerSeries float64 `json:"samplesPerSecondPerSeries"`
	// Samples is those read each second, by the series that a server has; nil without one.
	Samples *float64 `json:"samplesPerSecond,omitempty"`
}

// CostOf counts what rules read. series is how many series a server has for a selector; nil where none was asked.
func CostOf(files []rules.File, p Pace, series map[string]float64) Cost {
	var c Cost
	total := 0.0
	for _, placed := range rules.Rules(files) {
		if placed.Rule.Alert != "" {
			c.Alerts++
		} else {
			c.Recordings++
		}
		every := p.every(*placed.Group)
		c.Evaluations += float64(time.Minute) / float64(every)
		for _, r := range Reads(placed.Rule.Expr, Pace{Scrape: p.Scrape, Every: every}) {
			a := r.Samples * float64(time.Second) / float64(every)
			c.PerSeries += a
			total += a * series[r.Selector]
		}
	}
	if series != nil {
		c.Samples = &total
	}
	return c
}

func (p Pace) every(g rules.Group) time.Duration {
	if g.Interval > 0 {
		return time.Duration(g.Interval)
	}
	return p.Every
}

// Read is what one evaluation reads through a selector.
type Read struct {
	Selector string
	Samples  float64 // of each series
}

// Reads are what one evaluation of an expression reads, selector by selector in the order of the text: one sample for each series, those of
// the range where there is one, and that for each step of the subqueries around it.
func Reads(text string, p Pace) []Read {
	expr, err := rules.ParseExpr(text)
	if err != nil {
		return nil
	}
	var out []Read
	parser.Inspect(expr, func(n parser.Node, path []parser.Node) error {
		s, ok := n.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		samples := 1.0
		for _, around := range path {
			switch around := around.(type) {
			case *parser.MatrixSelector:
				samples *= math.Max(1, float64(around.Range)/float64(p.Scrape))
			case *parser.SubqueryExpr:
				step := around.Step
				if step == 0 {
					step = p.Every
				}
				samples *= math.Max(1, float64(around.Range)/float64(step))
			}
		}
		out = append(out, Read{Selector: plainSelector(s), Samples: samples})
		return nil
	})
	return out
}

// Selected are the selectors of queries, each once and in order.
func Selected(queries []Query) []string {
	var out []string
	for _, q := range queries {
		for _, r := range Reads(q.Expr, Pace{Scrape: time.Minute, Every: time.Minute}) {
			out = append(out, r.Selector)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// QueryCost is what one evaluation of a query reads on a server.
type QueryCost struct {
	Query
	Series  float64
	Samples float64
}

// Costs are what queries read on a server, the dearest first. Queries that read nothing there are left out.
func Costs(queries []Query, p Pace, series map[string]float64) []QueryCost {
	var out []QueryCost
	for _, q := range queries {
		c := QueryCost{Query: q}
		for _, r := range Reads(q.Expr, p) {
			c.Series += series[r.Selector]
			c.Samples += series[r.Selector] * r.Samples
		}
		if c.Series > 0 {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b QueryCost) int {
		switch {
		case a.Samples > b.Samples:
			return -1
		case a.Samples < b.Samples:
			return 1
		}
		return strings.Compare(a.Owner, b.Owner)
	})
	return out
}
