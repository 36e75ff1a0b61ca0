// Package sloth reads the specs of Sloth: prometheus/v1 files, PrometheusServiceLevel objects and AlertWindows.
//
// The way through it: a strict.Document → Decode → []slo.SLO and findings with places. Formats as of Sloth 0.16
// (https://sloth.dev/specs/default/v1/ and https://sloth.dev/specs/kubernetes/sloth.slok.dev_v1/, read 2026-11).
// Plugins are Go source that Sloth interprets; the SLI plugins of its published library are known, and others refused. The package parses
// no PromQL.
package sloth

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// Version is what the field `version` of a file of Sloth's own form says, and APIVersion what `apiVersion` of an object says.
const (
	Version    = "prometheus/v1"
	APIVersion = "sloth.slok.dev/v1"
)

// Period is the period of every SLO: Sloth's specs have no field for it.
const Period = 30 * slo.Day

// Decode reads one document, of either form. SLOs with errors are left out, and so are all
// SLOs of a document that does not have the form; its other errors are still found.
func Decode(doc yamlx.Document) ([]slo.SLO, []diag.Finding) {
	if isObject(doc.Root) {
		var o object
		spelled(yamlx.Child(doc.Root, "spec"), fields())
		findings := yamlx.Decode(doc, &o)
		if o.Kind.Set() && o.Kind.V != "PrometheusServiceLevel" {
			findings = append(findings,
				diag.Errorf("spec/kind", o.Kind.Pos, "%s has no kind %q; want PrometheusServiceLevel or AlertWindows", APIVersion, o.Kind.V))
		}
		slos, findings := o.Spec.file().convert(findings)
		for i := range slos {
			slos[i].Object = objectOf(o.Metadata)
			slos[i].ID = slos[i].Object.In(slos[i].ID)
		}
		return slos, findings
	}
	var f file
	spelled(doc.Root, fileFields())
	findings := yamlx.Decode(doc, &f)
	return f.convert(findings)
}

func isObject(root *yaml.Node) bool {
	return yamlx.Child(root, "apiVersion") != nil
}

// words is what labels and alerts are made of in both forms.
type words = map[string]string

// texts are words with their places: they may be templates.
type texts map[string]yamlx.At[string]

// note gives the words, and notes the places of templates.
func (t texts) note(places map[string]diag.Position) words {
	if t == nil {
		return nil
	}
	out := words{}
	for k, v := range t {
		if out[k] = v.V; strings.Contains(v.V, "{{") {
			places[v.V] = v.Pos
		}
	}
	return out
}

type file struct {
	Version yamlx.At[string] `yaml:"version,required"`
	Service yamlx.At[string] `yaml:"service,required"`
	Labels  words            `yaml:"labels"`
	Plugins *yaml.Node       `yaml:"slo_plugins"`
	SLOs    []level          `yaml:"slos,required"`
	Pos     diag.Position
}

type level struct {
	Name        yamlx.At[string]     `yaml:"name,required"`
	Description string               `yaml:"description"`
	Objective   yamlx.At[slo.Number] `yaml:"objective,required"`
	Labels      words                `yaml:"labels"`
	Plugins     *yaml.Node           `yaml:"plugins"`
	SLI         sli                  `yaml:"sli,required"`
	Alerting    alerting             `yaml:"alerting"`
	Pos         diag.Position
}

type sli struct {
	Raw *struct {
		Query yamlx.At[string] `yaml:"error_ratio_query,required"`
	} `yaml:"raw"`
	Events *struct {
		Error yamlx.At[string] `yaml:"error_query,required"`
		Total yamlx.At[string] `yaml:"total_query,required"`
	} `yaml:"events"`
	Plugin *plugin `yaml:"plugin"`
	Pos    diag.Position
}

type plugin struct {
	ID      string `yaml:"id"`
	Options words  `yaml:"options"`
	Pos     diag.Position
}

type alerting struct {
	Name        string `yaml:"name"`
	Labels      texts  `yaml:"labels"`
	Annotations texts  `yaml:"annotations"`
	Page        route  `yaml:"page_alert"`
	Ticket      route  `yaml:"ticket_alert"`
}

type route struct {
	Disable     bool  `yaml:"disable"`
	Labels      texts `yaml:"labels"`
	Annotations texts `yaml:"annotations"`
}

func (f file) convert(findings []diag.Finding) ([]slo.SLO, []diag.Finding) {
	if f.Version.Set() && f.Version.V != Version {
		findings = append(findings, diag.Errorf("spec/version", f.Version.Pos, "version %q is not known; want %q", f.Version.V, Version))
	}
	if f.Plugins != nil {
		findings = append(findings, diag.Errorf("spec/plugin", yamlx.Position(f.Pos.File, f.Plugins),
			"slo_plugins are Go source that only Sloth runs; remove them, or write what they add as rules of your own"))
	}
	if len(f.SLOs) == 0 && !diag.Any(findings, diag.Error) {
		findings = append(findings, diag.Errorf("spec/empty", f.Pos, "the file has no SLOs, so it promises nothing; add one under slos"))
	}
	var out []slo.SLO
	undecoded := diag.Any(findings, diag.Error)
	for _, l := range f.SLOs {
		s, problems := l.convert(f)
		findings = append(findings, problems...)
		if !undecoded && !diag.Any(problems, diag.Error) {
			out = append(out, s)
		}
	}
	return out, findings
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$`)

func (l level) convert(f file) (slo.SLO, []diag.Finding) {
	var findings []diag.Finding
	for _, n := range []yamlx.At[string]{f.Service, l.Name} {
		if n.Set() && !nameForm.MatchString(n.V) {
			findings = append(findings, diag.Errorf("spec/name", n.Pos,
				"%q is not a name; use letters, digits, '-', '_' and '.', with a letter or digit at both ends", n.V))
		}
	}
	if l.Plugins != nil {
		findings = append(findings, diag.Errorf("spec/plugin", yamlx.Position(l.Pos.File, l.Plugins),
			"plugins are Go source that only Sloth runs; remove them, or write what they add as rules of your own"))
	}
	objective, err := slo.NewObjective(l.Objective.V.Div(slo.NewNumber(100, 1)))
	if err != nil && l.Objective.Set() {
		findings = append(findings, diag.Errorf("spec/objective", l.Objective.Pos, "%v", err))
	}
	indicator, more := l.SLI.indicator(l)
	return slo.SLO{
		ID: f.Service.V + "-" + l.Name.V, Name: l.Name.V, Service: f.Service.V, Description: l.Description, Labels: merged(f.Labels, l.Labels),
		Objective: objective, Written: slo.Written{Pos: l.Objective.Pos, Percent: true}, Period: slo.Period{Length: Period},
		Indicator: indicator, Pos: l.Pos,
		Alerting: l.Alerting.convert(),
	}, append(findings, more...)
}

// convert is how alerts are named and routed. The value of an alert is the share of bad events with Sloth.
func (a alerting) convert() slo.Alerting {
	places := map[string]diag.Position{}
	route := func(r route) slo.Route {
		return slo.Route{Disabled: r.Disable, Labels: r.Labels.note(places), Annotations: r.Annotations.note(places)}
	}
	return slo.Alerting{Name: a.Name, Labels: a.Labels.note(places), Annotations: a.Annotations.note(places),
		Page: route(a.Page), Ticket: route(a.Ticket), Ratio: true, Places: places}
}

func (s sli) indicator(l level) (slo.Indicator, []diag.Finding) {
	given := 0
	for _, set := range []bool{s.Raw != nil, s.Events != nil, s.Plugin != nil} {
		if set {
			given++
		}
	}
	switch {
	case given != 1:
		pos := s.Pos
		if pos.Line == 0 {
			pos = l.Pos
		}
		return slo.Indicator{}, []diag.Finding{
			diag.Errorf("spec/indicator", pos, "the SLI has %d of events, raw and plugin; want exactly one, events if you can", given),
		}
	case s.Plugin != nil:
		return s.Plugin.indicator()
	case s.Raw != nil:
		return slo.Indicator{Ratio: query(s.Raw.Query)}, windowed(s.Raw.Query)
	default:
		return slo.Indicator{Bad: query(s.Events.Error), Total: query(s.Events.Total)},
			append(windowed(s.Events.Error), windowed(s.Events.Total)...)
	}
}

func query(q yamlx.At[string]) slo.Query { return slo.Query{Text: q.V, Pos: q.Pos} }

var windowWord = regexp.MustCompile(`\{\{-?\s*\.window\s*-?\}\}`)

func windowed(q yamlx.At[string]) []diag.Finding {
	if q.Set() && !windowWord.MatchString(q.V) {
		return []diag.Finding{
			diag.Errorf("spec/window", q.Pos, "the query does not hold {{.window}}; write it instead of the range, such as rate(x[{{.window}}])"),
		}
	}
	return nil
}

func merged(a, b words) words {
	out := words{}
	for _, m := range []words{a, b} {
		for k, v := range m {
			out[k] = v
		}
	}
	return out
}
