package openslo

import (
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// place is where an SLI may stand: inline or as the name of an SLI object.
type place struct {
	inline *indicator
	ref    yamlx.At[string]
	what   string // of what it is the SLI
	pos    diag.Position
}

// indicator finds an SLI and puts it into the domain's words.
func (d *decoder) indicator(p place, o objective) slo.Indicator {
	var spec sliSpec
	switch {
	case (p.inline != nil) == p.ref.Set():
		d.fail("spec/indicator", p.pos, "the %s needs one of %s and %sRef", p.what, d.words.indicator, d.words.indicator)
		return slo.Indicator{}
	case p.inline != nil:
		spec = p.inline.Spec
	default:
		found, ok := d.slis[p.ref.V]
		if !ok {
			dangling(d, p.ref, "SLI", d.slis)
			return slo.Indicator{}
		}
		spec = found
	}
	switch {
	case (spec.Threshold == nil) == (spec.Ratio == nil):
		d.fail("spec/indicator", spec.Pos, "the SLI needs one of ratioMetric and thresholdMetric")
		return slo.Indicator{}
	case spec.Threshold != nil:
		return d.threshold(*spec.Threshold, o)
	default:
		if o.Op.Set() || o.Value.Set() {
			d.findings = append(d.findings, diag.Finding{ID: "spec/op", Severity: diag.Warning, Position: o.Pos,
				Message: "op and value belong to thresholdMetric; with ratioMetric they say nothing and are ignored"})
		}
		return d.ratio(*spec.Ratio)
	}
}

func (d *decoder) ratio(r ratioMetric) slo.Indicator {
	in := slo.Indicator{Gauge: r.Counter != nil && !*r.Counter}
	switch {
	case r.Raw != nil:
		if r.Good != nil || r.Bad != nil || r.Total != nil {
			d.fail("spec/indicator", r.Pos, "a raw ratio stands alone; remove raw, or good, bad and total")
		}
		if r.RawType.V != "success" && r.RawType.V != "failure" {
			d.fail("spec/indicator", r.Pos, "a raw ratio needs rawType success or failure")
		}
		in.Ratio, in.RatioOfGood = d.query(r.Raw.Source), r.RawType.V == "success"
		return in
	case r.Total == nil:
		d.fail("spec/indicator", r.Pos, "ratioMetric needs total, and one of good and bad")
	case (r.Good == nil) == (r.Bad == nil):
		d.fail("spec/indicator", r.Pos, "ratioMetric needs one of good and bad beside total")
	case r.Good != nil:
		in.Good, in.Total = d.query(r.Good.Source), d.query(r.Total.Source)
	default:
		in.Bad, in.Total = d.query(r.Bad.Source), d.query(r.Total.Source)
	}
	return in
}

// operators maps OpenSLO's words to PromQL's.
var operators = map[string]string{"lt": "<", "lte": "<=", "gt": ">", "gte": ">="}

// threshold counts minutes: those in which the metric's value is as the objective wants it, out of those with a value.
func (d *decoder) threshold(t thresholdMetric, o objective) slo.Indicator {
	q := d.query(*t.Source)
	op, ok := operators[o.Op.V]
	if !ok || !o.Value.Set() {
		d.fail("spec/op", o.Pos, "thresholdMetric needs op (lt, lte, gt or gte) and value in the objective: what is good")
		return slo.Indicator{}
	}
	if strings.Contains(q.Text, "#") { // a comment must not swallow what is put after it
		q.Text += "\n"
	}
	step := "1m"
	if w, err := sliceWindow(o.SliceWindow.V); err == nil {
		step = w.String()
	}
	return slo.Indicator{
		Good:  slo.Query{Text: fmt.Sprintf("sum_over_time(((%s) %s bool %s)[{{.window}}:%s])", q.Text, op, o.Value.V, step), Pos: q.Pos},
		Total: slo.Query{Text: fmt.Sprintf("count_over_time((%s)[{{.window}}:%s])", q.Text, step), Pos: q.Pos},
		Gauge: true,
	}
}

// query takes the PromQL out of a metric source, which must be Prometheus.
func (d *decoder) query(m metricSource) slo.Query {
	kind := m.Type
	if m.Ref.Set() {
		t, ok := d.sources[m.Ref.V]
		if !ok && !m.Type.Set() {
			dangling(d, m.Ref, "DataSource", d.sources)
		}
		if ok {
			kind = yamlx.At[string]{V: t, Pos: m.Ref.Pos}
		}
	}
	if kind.Set() && !strings.EqualFold(kind.V, "prometheus") {
		d.fail("spec/source", kind.Pos, "a metric source of type %q cannot become Prometheus rules; want type Prometheus", kind.V)
		return slo.Query{}
	}
	if v := yamlx.Child(m.Spec, "query"); v != nil && v.Kind == yaml.ScalarNode && v.Value != "" {
		return slo.Query{Text: v.Value, Pos: yamlx.Position(m.Pos.File, v)}
	}
	d.fail("spec/query", m.Pos, "the metric source has no query; write spec: {query: ...} with PromQL in it")
	return slo.Query{}
}

func (d *decoder) calendar(w timeWindow) *slo.Calendar {
	c := &slo.Calendar{Start: w.Calendar.Start.V, Zone: w.Calendar.Zone.V, Unit: w.Duration.V}
	if _, err := time.Parse("2006-01-02 15:04:05", c.Start); err != nil {
		d.fail("spec/period", w.Calendar.Start.Pos, "startTime %q is not a time; write it as 2026-01-31 00:00:00, without a zone", c.Start)
	}
	if _, err := time.LoadLocation(c.Zone); err != nil || c.Zone == "" || c.Zone == "Local" {
		d.fail("spec/period", w.Calendar.Zone.Pos, "timeZone %q is not known; write an IANA name, such as Europe/Berlin", c.Zone)
	}
	return c
}
