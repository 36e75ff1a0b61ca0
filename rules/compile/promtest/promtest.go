// Package promtest writes unit tests for the rules of package compile, in the format of promtool.
//
// The way through it: an SLO and its rules → synth (series made up from the selectors of its queries, for a course of events) → cases, each
// with what is expected of the rules → files. The package runs no test.
package promtest

import (
	"maps"
	"math/big"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/slo"
)

// Tests are the unit tests of one SLO's rules, in the format of promtool, and the rules that they test, by file name.
// Reason says why they begin at the events that are recorded, and not at the series that the queries read; "" when they do not.
type Tests struct {
	Files  map[string][]byte
	Reason string
}

// Of writes unit tests: each pair fires when it is promised and not before, is silent again by the
// promised time, and nothing fires at a burn of 0.99, when idle, without any bad series, or after counters start again.
//
// Tests need series that the queries count. They are made up from the selectors: for counters in the form sum(rate(x)),
// buckets of histograms, native histograms, gauges of 0 and 1 and averages of gauges, with and without groups, in slices
// of time, and for each component of a composite. For other queries tests begin at what the rules record of them first, and one more test
// says that the queries can be evaluated.
func Of(r compile.Result, o compile.Options) Tests {
	if len(r.Groups) == 0 {
		return Tests{Reason: "the SLO has errors"}
	}
	p, reason := newProver(r, o)
	name := r.SLO.File()
	rulesFile := name + ".rules.yaml"
	files := map[string][]byte{}
	write := func(file string, groups []rules.Group) {
		files[file] = rules.Prometheus.Append(nil, rules.Set{Name: name, Groups: groups})
	}
	write(rulesFile, r.Groups)
	if p.fromCounted() {
		if cases := p.runsAtAll(); cases != nil {
			files[name+".queries_test.yaml"] = p.file(rulesFile, o.Every(), cases)
		}
		rulesFile = name + ".windows.rules.yaml"
		write(rulesFile, withoutQueries(r.Groups, r.SLO))
	}
	files[name+".quick_test.yaml"] = p.file(rulesFile, o.Every(), p.quick())
	files[name+".slow_test.yaml"] = p.file(rulesFile, p.slowEvery(), p.slow())
	return Tests{Files: files, Reason: reason}
}

// prover makes up series for one SLO.
type prover struct {
	result compile.Result
	every  slo.Window
	synths []*synth // of the components of a composite, else one
	others []*synth // the same for a second group; none where there are no groups
}

// mostCopies is of how many copies of a gauge tests are made: more would be files of many megabytes.
const mostCopies = 2000

// newProver makes series up for the queries, or else, with the reason, for what is recorded of them.
func newProver(r compile.Result, o compile.Options) (*prover, string) {
	parts := r.SLO.Parts()
	p, reason := proverOf(r, o, func(i int, value string) (*synth, string) { return newSynth(parts[i].Indicator.Events(), r.By, value) })
	if reason == "" && slices.ContainsFunc(p.synths, func(f *synth) bool { return f.gauge != nil && f.perMinute > mostCopies }) {
		reason = "so few samples may be bad that a test would need thousands of copies of the gauge"
	}
	if reason != "" {
		p, _ = proverOf(r, o, func(i int, value string) (*synth, string) { return newCounted(r.SLO, i, r.By, value), "" })
	}
	return p, reason
}

func proverOf(r compile.Result, o compile.Options, synthOf func(part int, value string) (*synth, string)) (*prover, string) {
	p := &prover{result: r, every: o.Every()}
	for i := range r.SLO.Parts() {
		f, reason := synthOf(i, "a")
		if reason != "" {
			return nil, reason
		}
		other, reason := synthOf(i, "b")
		if reason == "" && !maps.Equal(f.group(r.By), other.group(r.By)) {
			p.others = append(p.others, other)
		}
		if len(r.SLO.Components) > 0 && r.SLO.Indicator.Slice.Window == 0 {
			f.factor = r.SLO.Components[i].Factor().Mul(r.SLO.Objective.Budget())
		}
		p.synths = append(p.synths, f)
	}
	if len(p.others) < len(p.synths) {
		p.others = nil
	}
	for _, f := range append(slices.Clone(p.synths), p.others...) {
		p.prepare(f)
	}
	return p, ""
}

// prepare gives a synth as many events as the guard against few of them needs, and as many samples as a
// slice of time wants.
func (p *prover) prepare(f *synth) {
	f.perMinute = 2000
	if f.gauge != nil {
		f.perMinute = 1
	}
	for _, b := range p.result.Burns {
		least := compile.ManyBad / b.Threshold.Div(f.factor).Float() / float64(b.Long/slo.Minute)
		if f.gauge == nil {
			least *= 4
		}
		f.perMinute = max(f.perMinute, int64(1.1*least)+1)
	}
	if w := p.slice(); w > 0 && w < slo.Tile {
		f.step = w / 4
		f.perMinute = 2000
		if f.gauge != nil {
			f.perMinute = 1
		}
	}
}

// fromCounted reports whether the cases begin at what is recorded.
func (p *prover) fromCounted() bool { return p.synths[0].counted != nil }

// slice is the length of slices of time, 0 where events are counted.
func (p *prover) slice() slo.Window { return p.result.SLO.Indicator.Slice.Window }

// slowEvery is the evaluation of the cases that take days: a tile, unless slices are shorter.
func (p *prover) slowEvery() slo.Window {
	if w := p.slice(); w > 0 {
		return w
	}
	return slo.Tile
}

// all stands for every synth where one may be named.
const all = -1

// input is the series of a course of events that hits one synth, or all of them alike. Shares are those of the whole: of
// a component alone, more of its own events must be bad. The other components are well.
func (p *prover) input(hit int, spans []span, withPart bool) []string {
	var out []string
	for i, f := range p.synths {
		own := slices.Clone(spans)
		for j := range own {
			switch {
			case hit == all:
			case hit == i:
				own[j].share = own[j].share.Div(f.factor)
			default:
				own[j].share = slo.Number{}
			}
		}
		out = append(out, f.series(own, withPart)...)
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
		b.WriteString("- name: " + quoteYAML(c.name) + "\n  interval: " + p.synths[0].step.String() + "\n  input_series:\n" +
			strings.Join(c.input, "") + "  promql_expr_test:\n")
		for _, e := range c.expect {
			b.WriteString("  - expr: " + quoteYAML(e.expr) + "\n    eval_time: " + e.at.String() + "\n")
			if e.value != "" {
				b.WriteString("    exp_samples:\n    - value: " + e.value + "\n")
			}
		}
	}
	return []byte(b.String())
}

func decimal(r *big.Rat) string {
	s := strings.TrimRight(r.FloatString(9), "0")
	return strings.TrimSuffix(s, ".")
}
