// Package slogen reads the specs of Google's slo-generator (sre.google.com/v2) whose backend is Prometheus.
//
// The way through it: a yamlx.Document → Decode → an slo.SLO and findings with places. Fields and queries as of slo-generator 2.6
// (https://github.com/google/slo-generator, docs/providers/prometheus.md and backends/prometheus.py, read 2026-11). Its error budget
// policies stand in a configuration of their own and have one window a step; the default policy holds. The package parses no PromQL.
package slogen

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// APIVersion is what `apiVersion` of a spec says.
const APIVersion = "sre.google.com/v2"

// Period is the period of every SLO: specs have no field for it. It is the longest step of the error budget policy in slo-generator's
// samples.
const Period = 28 * slo.Day

// nameForm is a name that may stand in labels and file names.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`)

// operatorForm is a function of PromQL.
var operatorForm = regexp.MustCompile(`^[a-z_]+$`)

type object struct {
	APIVersion yamlx.At[string] `yaml:"apiVersion,required"`
	Kind       yamlx.At[string] `yaml:"kind,required"`
	Metadata   struct {
		Name   yamlx.At[string]  `yaml:"name,required"`
		Labels map[string]string `yaml:"labels"`
		Pos    diag.Position
	} `yaml:"metadata,required"`
	Spec spec `yaml:"spec,required"`
}

type spec struct {
	Description string               `yaml:"description"`
	Backend     yamlx.At[string]     `yaml:"backend,required"`
	Method      yamlx.At[string]     `yaml:"method,required"`
	Exporters   *yaml.Node           `yaml:"exporters"`
	Policy      yamlx.At[string]     `yaml:"error_budget_policy"`
	Indicator   *yaml.Node           `yaml:"service_level_indicator,required"`
	Goal        yamlx.At[slo.Number] `yaml:"goal,required"`
	Frequency   *yaml.Node           `yaml:"frequency"`
	Pos         diag.Position
}

type measurement struct {
	Expression yamlx.At[string]   `yaml:"expression"`
	Threshold  yamlx.At[string]   `yaml:"threshold_bucket"`
	Good       yamlx.At[string]   `yaml:"filter_good"`
	Bad        yamlx.At[string]   `yaml:"filter_bad"`
	Valid      yamlx.At[string]   `yaml:"filter_valid"`
	Operators  []yamlx.At[string] `yaml:"operators"`
	Pos        diag.Position
}

type decoder struct{ findings []diag.Finding }

func (d *decoder) fail(id string, pos diag.Position, format string, args ...any) {
	d.findings = append(d.findings, diag.Errorf(id, pos, format, args...))
}

func (d *decoder) note(id string, pos diag.Position, text string) {
	d.findings = append(d.findings, diag.Finding{ID: id, Severity: diag.Info, Position: pos, Message: text})
}

// Decode reads one spec. It reports false when the SLO has errors.
func Decode(doc yamlx.Document) (slo.SLO, bool, []diag.Finding) {
	var o object
	d := &decoder{findings: yamlx.Decode(doc, &o)}
	s := d.convert(doc, o)
	return s, !diag.Any(d.findings, diag.Error), d.findings
}

func (d *decoder) convert(doc yamlx.Document, o object) slo.SLO {
	if o.Kind.Set() && o.Kind.V != "ServiceLevelObjective" {
		d.fail("spec/kind", o.Kind.Pos, "%s has no kind %q; want ServiceLevelObjective", APIVersion, o.Kind.V)
	}
	if n := o.Metadata.Name; n.Set() && !nameForm.MatchString(n.V) {
		d.fail("spec/name", n.Pos, "%q is not a name; use letters, digits, '-', '_' and '.', with a letter or digit at both ends", n.V)
	}
	s := slo.SLO{
		ID:          o.Metadata.Name.V,
		Name:        o.Metadata.Name.V,
		Service:     o.Metadata.Labels["service_name"],
		Description: strings.TrimSpace(o.Spec.Description),
		Labels:      map[string]string{},
		Period:      slo.Period{Length: Period},
		Pos:         o.Metadata.Pos,
	}
	for name, text := range o.Metadata.Labels {
		if name != "service_name" && name != "slo_name" {
			s.Labels[name] = text
		}
	}
	objective, err := slo.NewObjective(o.Spec.Goal.V)
	if err != nil && o.Spec.Goal.Set() {
		d.fail("spec/objective", o.Spec.Goal.Pos, "%v", err)
	}
	s.Objective, s.Written = objective, slo.Written{Pos: o.Spec.Goal.Pos}
	if b := o.Spec.Backend; b.Set() && b.V != "prometheus" && !strings.HasPrefix(b.V, "prometheus/") {
		d.fail("spec/source", b.Pos, "the backend %q cannot become Prometheus rules; want prometheus", b.V)
		return s
	}
	var m measurement
	if o.Spec.Indicator != nil {
		d.findings = append(d.findings, yamlx.Decode(yamlx.Document{File: doc.File, Root: o.Spec.Indicator, Source: doc.Source}, &m)...)
		s.Indicator = d.indicator(o.Spec.Method, m)
	}
	if o.Spec.Policy.Set() {
		d.note(
			"spec/ignored",
			o.Spec.Policy.Pos,
			"the error budget policy "+o.Spec.Policy.V+" stands in slo-generator's configuration and is not read: the default pairs of windows hold",
		)
	}
	d.note("spec/period", s.Pos, "specs of slo-generator have no period; 28d are taken")
	return s
}

// indicator is what a method counts.
func (d *decoder) indicator(method yamlx.At[string], m measurement) slo.Indicator {
	var in slo.Indicator
	switch method.V {
	case "good_bad_ratio":
		d.only(method.V, m.Expression, m.Threshold)
		in = d.ratio(m)
	case "query_sli":
		d.only(method.V, m.Threshold, m.Good, m.Bad, m.Valid)
		d.needs(method.V, "expression", m.Expression, m.Pos)
		in = slo.Indicator{Ratio: query(m.Expression, nil), RatioOfGood: true}
	case "distribution_cut":
		d.only(method.V, m.Good, m.Bad, m.Valid)
		d.needs(method.V, "expression", m.Expression, m.Pos)
		d.needs(method.V, "threshold_bucket", m.Threshold, m.Pos)
		in = cut(m)
	default:
		if method.Set() {
			d.fail(
				"spec/method",
				method.Pos,
				"the backend prometheus has no method %q; want good_bad_ratio, query_sli or distribution_cut",
				method.V,
			)
		}
	}
	return in
}

// only refuses fields that a method does not read.
func (d *decoder) only(method string, unread ...yamlx.At[string]) {
	for _, f := range unread {
		if f.Set() {
			d.fail("spec/indicator", f.Pos, "the method %s does not read this field; remove it, or name the method that does", method)
		}
	}
}

func (d *decoder) needs(method, name string, f yamlx.At[string], pos diag.Position) {
	if strings.TrimSpace(f.V) == "" {
		d.fail("spec/query", pos, "the method %s needs %s", method, name)
	}
}

// ratio is good events of valid ones, or of good and bad ones together.
func (d *decoder) ratio(m measurement) slo.Indicator {
	operators := []string{"increase", "sum"}
	if len(m.Operators) > 0 {
		operators = nil
	}
	for _, o := range m.Operators {
		if !operatorForm.MatchString(o.V) {
			d.fail("spec/query", o.Pos, "%q is no function of PromQL", o.V)
		}
		operators = append(operators, o.V)
	}
	d.needs("good_bad_ratio", "filter_good", m.Good, m.Pos)
	switch {
	case m.Bad.Set():
		good, bad := query(m.Good, operators), query(m.Bad, operators)
		sum := "(" + good.Text + ") + (" + bad.Text + ")" // and either of them alone, where the other has no series
		return slo.Indicator{Bad: bad, Total: slo.Query{Text: "(" + sum + ") or (" + good.Text + ") or (" + bad.Text + ")", Pos: m.Good.Pos}}
	case m.Valid.Set():
		return slo.Indicator{Good: query(m.Good, operators), Total: query(m.Valid, operators)}
	}
	d.fail("spec/query", m.Pos, "the method good_bad_ratio needs filter_valid or filter_bad")
	return slo.Indicator{}
}

// cut is the events of a histogram up to a bound, of its count.
func cut(m measurement) slo.Indicator {
	operators := []string{"increase", "sum"}
	good := m.Expression
	le := `le="` + m.Threshold.V + `"`
	if open := strings.LastIndex(good.V, "}"); open >= 0 {
		before := strings.TrimRight(good.V[:open], " ,\n")
		if !strings.HasSuffix(before, "{") {
			le = ", " + le
		}
		good.V = before + le + good.V[open:]
	} else {
		name, rest, _ := strings.Cut(strings.TrimSpace(good.V)+"\x00", "[")
		good.V = strings.TrimSuffix(name, "\x00") + "{" + le + "}"
		if rest != "" {
			good.V += "[" + strings.TrimSuffix(rest, "\x00")
		}
	}
	count := m.Expression
	count.V = strings.ReplaceAll(count.V, "_bucket", "_count")
	return slo.Indicator{Good: query(good, operators), Total: query(count, operators)}
}

// query is a query as the backend sends it: with its window in its place or at its end, in the operators from the first to the last.
func query(text yamlx.At[string], operators []string) slo.Query {
	q := strings.TrimSpace(text.V)
	if strings.Contains(q, "[window") {
		q = strings.ReplaceAll(q, "[window", "[{{.window}}")
	} else if q != "" {
		q += "[{{.window}}]"
	}
	for _, o := range operators {
		q = o + "(" + q + ")"
	}
	return slo.Query{Text: q, Pos: text.Pos}
}
