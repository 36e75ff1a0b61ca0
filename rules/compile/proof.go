package compile

import (
	"fmt"
	"math/big"
	"path/filepath"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/rules"
	"treadmill/slo"
)

// Proof is the unit tests of one SLO's rules, in the format of promtool, and the rules that they test, by file name.
// Reason says why there are none.
type Proof struct {
	Files  map[string][]byte
	Reason string
}

// Prove writes unit tests: each pair fires when it is promised and not before, is silent again by the
// promised time, and nothing fires at a burn of 0.99, when idle, without any bad series, or after counters start again.
//
// Tests need series that the queries count. They are made up from the selectors, for queries of the form
// sum(increase(x)), and for bad events that are the difference of two of them.
func Prove(r Result, o Options) Proof {
	p, reason := newProver(r, o)
	if reason != "" {
		return Proof{Reason: reason}
	}
	name := r.SLO.ID
	rulesFile := name + ".rules.yaml"
	files := map[string][]byte{rulesFile: rules.Prometheus.Append(nil, rules.Set{Name: name, Groups: r.Groups})}
	files[name+".quick_test.yaml"] = p.file(rulesFile, o.evaluation(), p.quick())
	files[name+".slow_test.yaml"] = p.file(rulesFile, slo.Tile, p.slow())
	return Proof{Files: files}
}

// prover makes up series for one SLO.
type prover struct {
	result    Result
	every     slo.Window
	all       map[string]string // a series of the total that is not bad; for a histogram, its count
	part      map[string]string // the series of bad events, or of good ones
	partGood  bool              // part counts good events
	separate  bool              // part is no part of the total's series: it has a metric of its own
	perMinute int64             // events
}

func newProver(r Result, o Options) (*prover, string) {
	if len(r.Groups) == 0 || r.SLO.Indicator.Slice.Window > 0 || !r.SLO.Indicator.Ratio.IsZero() || r.SLO.Indicator.Gauge {
		return nil, "only events counted by counters are tested"
	}
	in := r.SLO.Indicator
	p := &prover{result: r, every: o.evaluation()}
	partQuery := in.Bad
	if p.partGood = in.Bad.IsZero(); p.partGood {
		partQuery = in.Good
	}
	total, part := selectorOf(in.Total, in.By), selectorOf(partQuery, in.By)
	if part == nil && !p.partGood {
		part, p.partGood = difference(partQuery, total), true
	}
	if total == nil || part == nil {
		return nil, "the queries are not of the form sum(rate(x))"
	}
	var okAll, okPart bool
	p.part, okPart = sample(part, r.By, "a")
	if p.separate = part.Name != total.Name; p.separate {
		p.all, okAll = sample(total, r.By, "a")
	} else if p.all, okAll = apart(total, part, r.By, "a"); okAll {
		okAll = matches(total, p.part)
	}
	if !okAll || !okPart {
		return nil, "no series could be made up that the selectors tell apart"
	}
	p.perMinute = 2000
	for _, b := range r.Burns {
		p.perMinute = max(p.perMinute, int64(4*manyBad/b.Threshold.Float()/float64(b.Long/slo.Minute))+1)
	}
	return p, ""
}

// selectorOf is the selector of a query that counts with sum(increase(x)), nil for others.
func selectorOf(q slo.Query, by []string) *parser.VectorSelector {
	parsed, err := parse(q)
	if err != nil {
		return nil
	}
	expr, _, err := summed(parsed.over(slo.Tile, "increase"), by)
	if err != nil {
		return nil
	}
	return countedSelector(expr)
}

// difference is b of a query sum(a) − sum(b) where a is the total: the selector of good events.
func difference(q slo.Query, total *parser.VectorSelector) *parser.VectorSelector {
	parsed, err := parse(q)
	if err != nil || total == nil {
		return nil
	}
	b, ok := bare(parsed.over(slo.Tile, "increase")).(*parser.BinaryExpr)
	if !ok || b.Op != parser.SUB {
		return nil
	}
	if l := countedSelector(b.LHS); l == nil || l.String() != total.String() {
		return nil
	}
	return countedSelector(b.RHS)
}

// span is a stretch of time with a share of bad events, in which the counters grow.
type span struct {
	length slo.Window
	share  slo.Number
	idle   bool
	reset  bool // counters start again at its beginning
}

// counterText is a counter over spans in the notation of unit tests, a sample a minute; share says which events it counts.
func (p *prover) counterText(spans []span, count func(share slo.Number) slo.Number) string {
	var out []string
	value := new(big.Rat)
	for i, s := range spans {
		if s.reset {
			value.SetInt64(0)
		}
		step := new(big.Rat)
		if !s.idle {
			step.Mul(count(s.share).Rat(), big.NewRat(p.perMinute, 1))
		}
		n := int64(s.length / slo.Minute)
		if i == len(spans)-1 {
			n++
		}
		out = append(out, decimal(value)+"+"+decimal(step)+"x"+fmt.Sprint(n-1))
		value = new(big.Rat).Add(value, new(big.Rat).Mul(step, big.NewRat(n, 1)))
	}
	return strings.Join(out, " ")
}

func decimal(r *big.Rat) string {
	s := strings.TrimRight(r.FloatString(9), "0")
	return strings.TrimSuffix(s, ".")
}

// input is the series of a course of events.
func (p *prover) input(spans []span, withPart bool) []string {
	one := slo.NewNumber(1, 1)
	good, bad := func(share slo.Number) slo.Number { return one.Sub(share) }, func(share slo.Number) slo.Number { return share }
	all := good
	if p.partGood && !p.separate {
		all = bad
	}
	if p.separate {
		all = func(slo.Number) slo.Number { return one }
	}
	out := []string{seriesText(p.all, p.counterText(spans, all))}
	if withPart || p.partGood {
		count := bad
		if p.partGood {
			count = good
		}
		out = append(out, seriesText(p.part, p.counterText(spans, count)))
	}
	return out
}

func seriesText(series map[string]string, values string) string {
	return "  - series: " + quoteYAML(notation(series)) + "\n    values: " + quoteYAML(values) + "\n"
}

func quoteYAML(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

func (p *prover) file(rulesFile string, every slo.Window, cases []proofCase) []byte {
	var b strings.Builder
	b.WriteString("rule_files:\n- " + filepath.Base(rulesFile) + "\nevaluation_interval: " + every.String() + "\ntests:\n")
	for _, c := range cases {
		b.WriteString("- name: " + quoteYAML(c.name) + "\n  interval: 1m\n  input_series:\n" + strings.Join(c.input, "") + "  promql_expr_test:\n")
		for _, e := range c.expect {
			b.WriteString("  - expr: " + quoteYAML(e.expr) + "\n    eval_time: " + e.at.String() + "\n")
			if e.value != "" {
				b.WriteString("    exp_samples:\n    - value: " + e.value + "\n")
			}
		}
	}
	return []byte(b.String())
}
