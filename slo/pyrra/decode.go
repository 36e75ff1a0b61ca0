// Package pyrra reads Pyrra's ServiceLevelObjective objects (pyrra.dev/v1alpha1).
//
// The way through it: a strict.Document → Decode → an slo.SLO and findings with places. Fields as of Pyrra at 2026-08
// (https://github.com/pyrra-dev/pyrra, kubernetes/api/v1alpha1). Pyrra's own windows, which scale with the period, are
// not taken over: the default policy holds. The package parses no PromQL.
package pyrra

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// APIVersion is what `apiVersion` of an object says.
const APIVersion = "pyrra.dev/v1alpha1"

// nameForm is what Kubernetes takes as the name of an object, at most maxName long.
var nameForm = regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`)

const maxName = 253

// bucketWord is a matcher of the label le.
var bucketWord = regexp.MustCompile(`[{,]\s*"?le"?\s*=`)

// prefix marks the labels and annotations of an object that go on to its rules.
const prefix = "pyrra.dev/"

type words = map[string]string

// texts are words with their places: those that go on to alerts may be templates.
type texts map[string]yamlx.At[string]

type object struct {
	APIVersion yamlx.At[string] `yaml:"apiVersion,required"`
	Kind       yamlx.At[string] `yaml:"kind,required"`
	Metadata   struct {
		Name        yamlx.At[string] `yaml:"name,required"`
		Namespace   string           `yaml:"namespace"`
		Labels      words            `yaml:"labels"`
		Annotations texts            `yaml:"annotations"`
		Generated   *yaml.Node       `yaml:"creationTimestamp"` // this and the next: by the API server
		UID         *yaml.Node       `yaml:"uid"`
		Revision    *yaml.Node       `yaml:"resourceVersion"`
		Generation  *yaml.Node       `yaml:"generation"`
		Managed     *yaml.Node       `yaml:"managedFields"`
		Owners      *yaml.Node       `yaml:"ownerReferences"`
		Finalizers  *yaml.Node       `yaml:"finalizers"`
		Pos         diag.Position
	} `yaml:"metadata,required"`
	Spec   spec       `yaml:"spec,required"`
	Status *yaml.Node `yaml:"status"`
}

type spec struct {
	Description string               `yaml:"description"`
	Target      yamlx.At[slo.Number] `yaml:"target,required"`
	Window      yamlx.At[slo.Window] `yaml:"window,required"`
	Indicator   indicator            `yaml:"indicator,required"`
	Alerting    alerting             `yaml:"alerting"`
	Partial     *yaml.Node           `yaml:"partial_response_strategy"`
	Performance *yaml.Node           `yaml:"performanceOverAccuracy"`
	Output      *yaml.Node           `yaml:"ruleOutput"`
	Pos         diag.Position
}

type indicator struct {
	Ratio *struct {
		Errors   metric   `yaml:"errors,required"`
		Total    metric   `yaml:"total,required"`
		Grouping []string `yaml:"grouping"`
	} `yaml:"ratio"`
	Latency *struct {
		Success  metric   `yaml:"success,required"`
		Total    metric   `yaml:"total,required"`
		Grouping []string `yaml:"grouping"`
	} `yaml:"latency"`
	Native *struct {
		Total    metric               `yaml:"total,required"`
		Latency  yamlx.At[slo.Window] `yaml:"latency,required"`
		Grouping []string             `yaml:"grouping"`
	} `yaml:"latencyNative"`
	Gauge *struct {
		Metric   yamlx.At[string] `yaml:"metric,required"`
		Grouping []string         `yaml:"grouping"`
	} `yaml:"bool_gauge"`
	Pos diag.Position
}

type metric struct {
	Metric yamlx.At[string] `yaml:"metric,required"`
}

type alerting struct {
	Disabled   bool   `yaml:"disabled"`
	Burnrates  *bool  `yaml:"burnrates"`
	Absent     *bool  `yaml:"absent"`
	Name       string `yaml:"name"`
	AbsentName string `yaml:"absentName"`
	Severities *struct {
		Absent string `yaml:"absent"`
		Fast   string `yaml:"fastBurn"`
		Medium string `yaml:"mediumBurn"`
		Slow   string `yaml:"slowBurn"`
		Long   string `yaml:"longTermBurn"`
	} `yaml:"severities"`
}

// Decode reads one object. It reports false when the SLO has errors.
func Decode(doc yamlx.Document) (slo.SLO, bool, []diag.Finding) {
	var o object
	findings := yamlx.Decode(doc, &o)
	d := &decoder{findings: findings}
	s := d.convert(o)
	return s, !diag.Any(d.findings, diag.Error), d.findings
}

type decoder struct{ findings []diag.Finding }

func (d *decoder) fail(id string, pos diag.Position, format string, args ...any) {
	d.findings = append(d.findings, diag.Errorf(id, pos, format, args...))
}

func (d *decoder) convert(o object) slo.SLO {
	if o.Kind.Set() && o.Kind.V != "ServiceLevelObjective" {
		d.fail("spec/kind", o.Kind.Pos, "%s has no kind %q; want ServiceLevelObjective", APIVersion, o.Kind.V)
	}
	if n := o.Metadata.Name; n.Set() && (len(n.V) > maxName || !nameForm.MatchString(n.V)) {
		d.fail("spec/name", n.Pos, "%q is not a name; use small letters, digits, '-' and '.', with a letter or digit at both ends", n.V)
	}
	s := slo.SLO{ID: o.Metadata.Name.V, Name: o.Metadata.Name.V, Description: o.Spec.Description, Labels: words{},
		Period: slo.Period{Length: o.Spec.Window.V}, Object: slo.Object{Namespace: o.Metadata.Namespace}, Pos: o.Metadata.Pos}
	s.ID = s.Object.In(s.Name)
	for k, v := range o.Metadata.Labels {
		if name, ours := strings.CutPrefix(k, prefix); ours {
			s.Labels[name] = v
			continue
		}
		if s.Object.Labels == nil {
			s.Object.Labels = words{}
		}
		s.Object.Labels[k] = v
	}
	if o.Metadata.Namespace != "" {
		s.Labels["namespace"] = o.Metadata.Namespace
	}
	if t := o.Spec.Target; t.Set() {
		s.Written = slo.Written{Pos: t.Pos, Percent: true}
		var err error
		if s.Objective, err = slo.NewObjective(t.V.Div(slo.NewNumber(100, 1))); err != nil {
			d.fail("spec/objective", t.Pos, "%v", err)
		}
	}
	s.Indicator = d.indicator(o.Spec)
	s.Alerting = o.Spec.Alerting.convert()
	s.Alerting.Ratio = true // with Pyrra, the value of an alert is the share of bad events
	for k, v := range o.Metadata.Annotations {
		if name, ours := strings.CutPrefix(k, prefix); ours {
			if s.Alerting.Annotations == nil {
				s.Alerting.Annotations, s.Alerting.Places = words{}, map[string]diag.Position{}
			}
			s.Alerting.Annotations[name], s.Alerting.Places[v.V] = v.V, v.Pos
		}
	}
	d.ignored(o)
	return s
}

// ignored says which fields have no effect here.
func (d *decoder) ignored(o object) {
	var names []string
	for name, set := range map[string]bool{
		"alerting.absentName": o.Spec.Alerting.AbsentName != "", "partial_response_strategy": o.Spec.Partial != nil,
		"performanceOverAccuracy": o.Spec.Performance != nil, "ruleOutput": o.Spec.Output != nil,
	} {
		if set {
			names = append(names, name)
		}
	}
	if s := o.Spec.Alerting.Severities; s != nil {
		if s.Absent != "" {
			names = append(names, "alerting.severities.absent")
		}
		if s.Medium != "" && s.Medium != s.Fast {
			names = append(names, "alerting.severities.mediumBurn (there is one page, with fastBurn's)")
		}
		if s.Long != "" && s.Long != s.Slow {
			names = append(names, "alerting.severities.longTermBurn (there is one ticket, with slowBurn's)")
		}
	}
	if len(names) > 0 {
		slices.Sort(names)
		d.findings = append(d.findings, diag.Finding{ID: "spec/ignored", Severity: diag.Warning, Position: o.Metadata.Pos,
			Message: "nothing comes of " + strings.Join(names, ", ")})
	}
}

func (a alerting) convert() slo.Alerting {
	off := a.Disabled || a.Burnrates != nil && !*a.Burnrates
	out := slo.Alerting{Name: a.Name, Page: slo.Route{Disabled: off}, Ticket: slo.Route{Disabled: off}}
	out.NoData = slo.On // without a word too, and when the burn alerts are switched off
	if a.Absent != nil && !*a.Absent {
		out.NoData = slo.Off
	}
	if s := a.Severities; s != nil {
		if s.Fast != "" {
			out.Page.Labels = words{"severity": s.Fast}
		}
		if s.Slow != "" {
			out.Ticket.Labels = words{"severity": s.Slow}
		}
	}
	return out
}

func (d *decoder) indicator(s spec) slo.Indicator {
	in := s.Indicator
	given := 0
	for _, set := range []bool{in.Ratio != nil, in.Latency != nil, in.Native != nil, in.Gauge != nil} {
		if set {
			given++
		}
	}
	if given != 1 {
		pos := in.Pos
		if pos.Line == 0 {
			pos = s.Pos
		}
		d.fail("spec/indicator", pos, "the indicator has %d of ratio, latency, latencyNative and bool_gauge; want exactly one", given)
		return slo.Indicator{}
	}
	switch {
	case in.Ratio != nil:
		return slo.Indicator{Bad: query(in.Ratio.Errors), Total: query(in.Ratio.Total), By: in.Ratio.Grouping}
	case in.Latency != nil:
		if m := in.Latency.Success.Metric; !bucketWord.MatchString(m.V) {
			d.fail("spec/bucket", m.Pos, "the success metric needs a bucket; add le=\"0.5\" or another bound of the histogram")
		}
		return slo.Indicator{Good: query(in.Latency.Success), Total: query(in.Latency.Total), By: in.Latency.Grouping}
	case in.Native != nil:
		return native(in.Native.Total.Metric, in.Native.Latency.V, in.Native.Grouping)
	default:
		m, by := in.Gauge.Metric, in.Gauge.Grouping
		return slo.Indicator{Gauge: true, By: by,
			Good:  slo.Query{Text: "sum_over_time(" + m.V + "[{{.window}}])", Pos: m.Pos},
			Total: slo.Query{Text: "count_over_time(" + m.V + "[{{.window}}])", Pos: m.Pos}}
	}
}

// native counts in native histograms: the share of observations up to the bound times their count.
func native(m yamlx.At[string], bound slo.Window, by []string) slo.Indicator {
	sum := "sum by (" + strings.Join(by, ", ") + ") (rate(" + m.V + "[{{.window}}]))"
	return slo.Indicator{By: by,
		Good: slo.Query{
			Text: fmt.Sprintf("histogram_fraction(0, %s, %s) * histogram_count(%s)", bound.Over(slo.Minute/60), sum, sum),
			Pos:  m.Pos,
		},
		Total: slo.Query{Text: "histogram_count(" + sum + ")", Pos: m.Pos}}
}

func query(m metric) slo.Query { return slo.Query{Text: m.Metric.V, Pos: m.Metric.Pos} }
