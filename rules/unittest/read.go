// Package unittest runs unit tests of rules in the file format of `promtool test rules` of Prometheus v3.16.
//
// The way through it: Read → Suite; the caller reads the rule files that it names → Run → Result. Each expectation that
// fails is a finding at its place in the test file, with what was expected and what came. Rules are evaluated by Prometheus's
// own engine (package eval). It opens no files.
package unittest

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/histogram"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules"
)

// Suite is one test file.
type Suite struct {
	File               string             `yaml:"-"`
	RuleFiles          []yamlx.At[string] `yaml:"rule_files"` // paths and globs, relative to the test file
	EvaluationInterval model.Duration     `yaml:"evaluation_interval"`
	GroupEvalOrder     []yamlx.At[string] `yaml:"group_eval_order"`
	FuzzyCompare       bool               `yaml:"fuzzy_compare"`
	Tests              []Test             `yaml:"tests"`
}

// Test is one group of series with what is expected of the rules over them.
type Test struct {
	Pos            diag.Position
	Name           string            `yaml:"name"`
	Interval       model.Duration    `yaml:"interval"`
	Input          []Series          `yaml:"input_series"`
	Alerts         []AlertTest       `yaml:"alert_rule_test"`
	Exprs          []ExprTest        `yaml:"promql_expr_test"`
	ExternalLabels map[string]string `yaml:"external_labels"`
	ExternalURL    string            `yaml:"external_url"`
	Start          moment            `yaml:"start_timestamp"`
}

// Series is an input series in the notation of Prometheus.
type Series struct {
	Pos    diag.Position
	Series yamlx.At[string] `yaml:"series,required"`
	Values yamlx.At[string] `yaml:"values,required"`

	labels labels.Labels
	values []parser.SequenceValue
}

// AlertTest expects alerts of one name to fire at a time.
type AlertTest struct {
	Pos      diag.Position
	EvalTime model.Duration   `yaml:"eval_time"`
	Alert    yamlx.At[string] `yaml:"alertname,required"`
	Expected []ExpectedAlert  `yaml:"exp_alerts"`
}

// ExpectedAlert is an alert without the label alertname.
type ExpectedAlert struct {
	Pos         diag.Position
	Labels      map[string]string `yaml:"exp_labels"`
	Annotations map[string]string `yaml:"exp_annotations"`
}

// ExprTest expects samples of an expression at a time.
type ExprTest struct {
	Pos      diag.Position
	EvalTime model.Duration   `yaml:"eval_time"`
	Expr     yamlx.At[string] `yaml:"expr,required"`
	Expected []ExpectedSample `yaml:"exp_samples"`
}

// ExpectedSample is a sample; a histogram stands instead of the value.
type ExpectedSample struct {
	Pos       diag.Position
	Labels    yamlx.At[string] `yaml:"labels"`
	Value     number           `yaml:"value"`
	Histogram yamlx.At[string] `yaml:"histogram"`

	labels labels.Labels
	h      *histogram.FloatHistogram
}

// IsSuite reports whether an input is meant to be a test file, broken or not, rather than the rules that lie beside it.
func IsSuite(name string, data []byte) bool {
	docs, findings := yamlx.Documents(name, data)
	for _, doc := range docs {
		for _, n := range doc.Root.Content {
			if n.Value == "tests" {
				return true
			}
		}
	}
	return len(findings) > 0 || len(docs) == 0
}

// Read reads a test file and everything in it that has a syntax of its own: series, labels, expressions.
func Read(name string, data []byte) (Suite, []diag.Finding) {
	suite := Suite{File: name}
	docs, findings := yamlx.Documents(name, data)
	switch {
	case len(docs) == 0 && len(findings) == 0:
		return suite, []diag.Finding{
			{ID: diag.Syntax, Severity: diag.Error, Position: diag.Position{File: name}, Message: "the file is empty: want rule_files and tests"},
		}
	case len(docs) > 1:
		findings = append(findings, diag.Finding{ID: diag.Syntax, Severity: diag.Error, Position: yamlx.Position(name, docs[1].Root),
			Message: "a test file is one document; this one has another"})
	}
	if len(docs) > 0 {
		findings = append(findings, yamlx.Decode(docs[0], &suite)...)
	}
	suite.File = name
	return suite, append(findings, suite.prepare()...)
}

// prepare fills in defaults and parses the texts inside the file.
func (s *Suite) prepare() []diag.Finding {
	p := &preparer{parser: rules.NewParser()}
	if s.EvaluationInterval == 0 {
		s.EvaluationInterval = model.Duration(time.Minute)
	}
	seen := map[string]bool{}
	for _, g := range s.GroupEvalOrder {
		if seen[g.V] {
			p.fail(g.Pos, "group_eval_order names %q twice", g.V)
		}
		seen[g.V] = true
	}
	for i := range s.Tests {
		p.test(s, &s.Tests[i])
	}
	return p.findings
}

type preparer struct {
	parser   parser.Parser
	findings []diag.Finding
}

func (p *preparer) fail(at diag.Position, format string, args ...any) {
	p.findings = append(p.findings, diag.Errorf("unittest/invalid", at, format, args...))
}

func (p *preparer) test(s *Suite, t *Test) {
	if t.Interval == 0 {
		t.Interval = s.EvaluationInterval
	}
	if t.Name == "" {
		t.Name = "test on line " + strconv.Itoa(t.Pos.Line)
	}
	seen := map[string]diag.Position{}
	for i := range t.Input {
		p.series(&t.Input[i], seen)
	}
	for i := range t.Exprs {
		e := &t.Exprs[i]
		if _, err := p.parser.ParseExpr(e.Expr.V); err != nil && e.Expr.Set() {
			p.fail(e.Expr.Pos, "expr: %v", err)
		}
		for j := range e.Expected {
			p.sample(&e.Expected[j])
		}
	}
}

func (p *preparer) series(in *Series, seen map[string]diag.Position) {
	if !in.Series.Set() || !in.Values.Set() {
		return // a finding of the decoder
	}
	if n := repeated(in.Values.V); n > maxSamples {
		p.fail(in.Values.Pos, "series %s: the values stand for more than %d samples", in.Series.V, maxSamples)
		return
	}
	var err error
	if in.labels, in.values, err = p.parser.ParseSeriesDesc(in.Series.V + " " + in.Values.V); err != nil {
		p.fail(in.Series.Pos, "series %s: %v", in.Series.V, err)
		return
	}
	key := in.labels.String()
	if at, twice := seen[key]; twice {
		p.findings = append(p.findings, diag.Finding{ID: "unittest/duplicate-series", Severity: diag.Warning, Position: in.Series.Pos,
			Message: fmt.Sprintf("series %s is already on line %d; the values here take the place of those", key, at.Line)})
	}
	seen[key] = in.Series.Pos
}

// maxSamples bounds one input series: the parser writes out every sample of a repetition.
const maxSamples = 1_000_000

var repetition = regexp.MustCompile(`x(\d+)`)

// repeated counts the samples that repetitions such as 1+1x60 stand for.
func repeated(values string) int {
	n := 0
	for _, m := range repetition.FindAllStringSubmatch(values, -1) {
		times, err := strconv.Atoi(m[1])
		if err != nil || times > maxSamples {
			return maxSamples + 1
		}
		n += times
	}
	return n
}

func (p *preparer) sample(s *ExpectedSample) {
	var err error
	if s.labels, err = p.parser.ParseMetric(s.Labels.V); err != nil && s.Labels.V != "" {
		p.fail(s.Labels.Pos, "labels %s: %v", s.Labels.V, err)
	}
	if s.Histogram.V == "" {
		return
	}
	if repeated(s.Histogram.V) > 0 {
		p.fail(s.Histogram.Pos, "histogram: want one, not a repetition")
		return
	}
	_, values, err := p.parser.ParseSeriesDesc("{} " + s.Histogram.V)
	if err != nil || len(values) != 1 || values[0].Histogram == nil {
		p.fail(s.Histogram.Pos, "histogram: want one histogram such as {{schema:0 sum:5 count:4 buckets:[1 2 1]}}")
		return
	}
	s.h = values[0].Histogram
}

// moment is a time as RFC 3339 or as seconds since 1970.
type moment struct{ time.Time }

// UnmarshalText reads the time.
func (m *moment) UnmarshalText(text []byte) error {
	if seconds, err := strconv.ParseFloat(string(text), 64); err == nil && math.Abs(seconds) < 1e11 {
		whole, part := math.Modf(seconds)
		m.Time = time.Unix(int64(whole), int64(part*1e9)).UTC()
		return nil
	}
	t, err := time.Parse(time.RFC3339Nano, string(text))
	if err != nil {
		return fmt.Errorf("%q is not a time: want RFC 3339, such as 2026-11-23T09:00:00Z, or seconds since 1970", text)
	}
	m.Time = t
	return nil
}

// number is a float as YAML and Prometheus write it.
type number float64

var yamlInfinity = regexp.MustCompile(`(?i)^([+-]?)\.(inf|nan)$`)

// UnmarshalText reads the number.
func (n *number) UnmarshalText(text []byte) error {
	s := yamlInfinity.ReplaceAllString(strings.ReplaceAll(string(text), "_", ""), "$1$2")
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return fmt.Errorf("%q is not a number", text)
	}
	*n = number(v)
	return nil
}
