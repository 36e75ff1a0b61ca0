package backtest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/value"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
	"treadmill/rules/eval"
	"treadmill/slo"
)

// maker answers queries of rules from a source. Series that rules of the same files record and the source does not have are
// made of what the source has: recorded, rule by rule, into a store.
type maker struct {
	ask    Source
	held   eval.Queryable // the samples of the source, where they are here
	to     time.Time
	rules  map[string][]rules.Placed // that record a series, by its name
	known  map[string]bool           // recorded series, by whether the source has them
	from   map[string]time.Time      // since when a series is wanted
	made   map[string]error
	store  *eval.Store
	within []string // the series that are being made
}

func newMaker(ask Source, held eval.Queryable, groups []rules.Group, to time.Time) *maker {
	m := &maker{
		ask:   ask,
		held:  held,
		to:    to,
		rules: map[string][]rules.Placed{},
		known: map[string]bool{},
		from:  map[string]time.Time{},
		made:  map[string]error{},
		store: eval.NewStore(),
	}
	for i := range groups {
		for j := range groups[i].Rules {
			if r := &groups[i].Rules[j]; r.Record != "" {
				m.rules[r.Record] = append(m.rules[r.Record], rules.Placed{Group: &groups[i], Rule: r})
			}
		}
	}
	return m
}

// answer evaluates an expression over a grid.
func (m *maker) answer(ctx context.Context, text string, grid slo.Grid) (slo.Answer, error) {
	expr, err := rules.ParseExpr(text)
	if err != nil {
		return slo.Answer{}, err
	}
	missing, others, err := m.missing(ctx, expr, grid)
	if err != nil {
		return slo.Answer{}, err
	}
	if len(missing) == 0 {
		return m.ask(ctx, text, grid)
	}
	if len(others) > 0 && m.held == nil {
		return slo.Answer{}, fmt.Errorf(
			"it reads %s, which is recorded by a rule of these files and is not in the history, together with %s, which is not recorded: let the rule run on the server, or write its expression out",
			strings.Join(missing, " and "),
			strings.Join(others, " and "),
		)
	}
	reach := lookback(expr)
	for _, name := range missing {
		if err := m.make(ctx, name, grid.From.Add(-reach)); err != nil {
			return slo.Answer{}, err
		}
	}
	return Local{eval.Both(m.store, m.held)}.Range(ctx, text, grid)
}

// missing tells the series that an expression reads and that must be made from the others, each by name.
func (m *maker) missing(ctx context.Context, expr parser.Expr, grid slo.Grid) (missing, others []string, err error) {
	for _, v := range selectors(expr) {
		known, asked := m.known[v.Name]
		if m.rules[v.Name] == nil {
			known = true
		} else if !asked {
			answer, err := m.ask(ctx, "count("+v.Name+")", slo.NewGrid(grid.From.Add(-time.Hour), m.to, slo.Hour))
			if err != nil {
				return nil, nil, err
			}
			known = len(answer.Series) > 0
			m.known[v.Name] = known
		}
		to := &missing
		if known {
			to = &others
		}
		if name := selected(v); !slices.Contains(*to, name) {
			*to = append(*to, name)
		}
	}
	return missing, others, nil
}

// selected is what a selector selects, in short.
func selected(v *parser.VectorSelector) string {
	if v.Name != "" {
		return v.Name
	}
	return v.String()
}

// make records a series from a time on. A series that is wanted from an earlier time than it was made from is made anew.
func (m *maker) make(ctx context.Context, name string, from time.Time) error {
	if slices.Contains(m.within, name) {
		return fmt.Errorf("the rules that record %s read each other in a circle", strings.Join(append(m.within, name), ", "))
	}
	if at, ok := m.from[name]; ok && !from.Before(at) {
		return m.made[name]
	}
	m.within = append(m.within, name)
	defer func() { m.within = m.within[:len(m.within)-1] }()
	m.store.Drop(name)
	var err error
	for _, r := range m.rules[name] {
		grid := slo.NewGrid(from.Add(-time.Duration(intervalOf(*r.Group))), m.to, intervalOf(*r.Group))
		var answer slo.Answer
		if answer, err = m.answer(ctx, r.Rule.Expr, grid); err != nil {
			err = fmt.Errorf("the rule that records %s: %w", name, err)
			break
		}
		for _, s := range answer.Series {
			if err = record(m.store, r, s, grid); err != nil {
				break
			}
		}
	}
	m.from[name], m.made[name] = from, err
	return err
}

// record writes what a rule gave into a store, with a marker where it gave nothing any more.
func record(store *eval.Store, r rules.Placed, s slo.Series, grid slo.Grid) error {
	b := labels.NewBuilder(labels.FromMap(s.Labels))
	b.Set(labels.MetricName, r.Rule.Record)
	for k, v := range r.Labels() {
		b.Set(k, v)
	}
	ls, was := b.Labels(), false
	for i, v := range s.Values {
		if v != v && !was {
			continue
		}
		if was = v == v; !was {
			v = math.Float64frombits(value.StaleNaN)
		}
		if err := store.Append(ls, eval.Sample{Millis: grid.At(i).UnixMilli(), Value: v}); err != nil {
			return errors.New("two rules record one series: " + err.Error())
		}
	}
	return nil
}

// lookback is how far back an expression reads.
func lookback(expr parser.Expr) time.Duration {
	most := time.Duration(0)
	parser.Inspect(expr, func(n parser.Node, path []parser.Node) error {
		v, ok := n.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		reach := v.OriginalOffset + 5*time.Minute
		for _, p := range path {
			switch p := p.(type) {
			case *parser.MatrixSelector:
				reach += p.Range
			case *parser.SubqueryExpr:
				reach += p.Range + p.OriginalOffset
			}
		}
		most = max(most, reach)
		return nil
	})
	return most
}
