package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Format is a form in which rules are written.
type Format string

// The formats.
const (
	PrometheusRule Format = "prometheusrule" // the object of the Prometheus operator, monitoring.coreos.com/v1
	Prometheus     Format = "prometheus"     // the file that Prometheus reads
	Mimir          Format = "mimir"          // the file that mimirtool loads: groups under a namespace
	VMRule         Format = "vmrule"         // the object of the VictoriaMetrics operator, operator.victoriametrics.com/v1beta1
	Thanos         Format = "thanos"         // the file that Thanos Ruler reads; a part of the stores that is missing aborts the evaluation
)

// Formats are all formats, the default first.
func Formats() []Format { return []Format{PrometheusRule, Prometheus, Mimir, VMRule, Thanos} }

// ParseFormat reads the name of a format.
func ParseFormat(name string) (Format, error) {
	if f := Format(name); slices.Contains(Formats(), f) {
		return f, nil
	}
	var names []string
	for _, f := range Formats() {
		names = append(names, string(f))
	}
	return "", fmt.Errorf("%q is not a format: want %s", name, strings.Join(names, ", "))
}

// Set is rules that belong together, which an object or a namespace names.
type Set struct {
	Name      string
	Namespace string            // of the object, "" for that of whoever applies it
	Labels    map[string]string // of the object
	Groups    []Group
}

// Append writes sets in a format onto a buffer. Formats without objects hold the groups of all sets in one file. Equal
// sets give equal bytes.
func (f Format) Append(b []byte, sets ...Set) []byte {
	first := ""
	if len(sets) > 0 {
		first = sets[0].Name
	}
	b = f.Head(b, first)
	for i, s := range sets {
		b = f.AppendSet(b, i, s)
	}
	return b
}

// Head begins a text of sets, of which the first has the name. With AppendSet it writes what Append writes, piece by piece.
func (f Format) Head(b []byte, first string) []byte {
	w := writer{b: b}
	if f == Mimir && first != "" {
		w.field(0, "namespace", first)
	}
	if !f.Objects() {
		w.line(0, "groups:")
	}
	return w.b
}

// AppendSet writes the set at a place, from 0 on.
func (f Format) AppendSet(b []byte, place int, s Set) []byte {
	w := writer{b: b, format: f}
	switch {
	case !f.Objects():
		w.groups(0, s.Groups)
		return w.b
	case place > 0:
		w.line(0, "---")
	}
	w.object(f, s)
	return w.b
}

// Objects reports whether each set is an object of its own.
func (f Format) Objects() bool { return f == PrometheusRule || f == VMRule }

// writer appends YAML in block style. It is written by hand because a rule is a few lines of few forms, and there may be a
// quarter of a million of them.
type writer struct {
	b      []byte
	format Format
	keys   []string // room for the keys of one map
}

const spaces = "                "

func (w *writer) line(indent int, text string) {
	w.b = append(w.b, spaces[:indent]...)
	w.b = append(append(w.b, text...), '\n')
}

func (w *writer) field(indent int, name, value string) {
	w.b = append(w.b, spaces[:indent]...)
	w.b = append(append(w.b, name...), ':')
	if strings.HasPrefix(name, "- ") { // the key stands behind the dash
		indent += 2
	}
	w.scalar(indent+2, value)
}

func (w *writer) object(f Format, s Set) {
	version, kind := "monitoring.coreos.com/v1", "PrometheusRule"
	if f == VMRule {
		version, kind = "operator.victoriametrics.com/v1beta1", "VMRule"
	}
	w.field(0, "apiVersion", version)
	w.field(0, "kind", kind)
	w.line(0, "metadata:")
	w.field(2, "name", objectName(s.Name))
	if s.Namespace != "" {
		w.field(2, "namespace", s.Namespace)
	}
	w.words(2, "labels", s.Labels)
	w.line(0, "spec:")
	w.line(2, "groups:")
	w.groups(2, s.Groups)
}

// objectName makes the name of an object out of any text: small letters, digits, '-' and '.', at most 253 of them
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/).
func objectName(s string) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '.' {
			return r
		}
		return '-'
	}, strings.ToLower(s))
	return strings.Trim(name[:min(len(name), 253)], "-.")
}

func (w *writer) words(indent int, name string, m map[string]string) {
	if len(m) == 0 {
		return
	}
	w.line(indent, name+":")
	w.keys = w.keys[:0]
	for k := range m {
		w.keys = append(w.keys, k)
	}
	slices.Sort(w.keys)
	for _, k := range w.keys {
		w.b = append(w.b, spaces[:indent+2]...)
		w.b = append(append(w.b, quote(k)...), ':')
		w.scalar(indent+4, m[k])
	}
}

func (w *writer) groups(indent int, groups []Group) {
	for _, g := range groups {
		w.field(indent, "- name", g.Name)
		if g.Interval > 0 {
			w.field(indent+2, "interval", g.Interval.String())
		}
		if g.QueryOffset != nil {
			w.field(indent+2, "query_offset", g.QueryOffset.String())
		}
		if g.Limit > 0 {
			w.field(indent+2, "limit", fmt.Sprint(g.Limit))
		}
		w.ruler(indent+2, g.Ruler)
		w.words(indent+2, "labels", g.Labels)
		w.line(indent+2, "rules:")
		for _, r := range g.Rules {
			w.rule(indent+2, r)
		}
	}
}

// ruler writes what only some servers know. Thanos is told to abort, as its default is to answer with what it has.
func (w *writer) ruler(indent int, r Ruler) {
	if strategy := cmp.Or(r.PartialResponse, map[Format]string{Thanos: "abort"}[w.format]); strategy != "" {
		w.field(indent, "partial_response_strategy", strategy)
	}
	if r.EvaluationDelay != nil {
		w.field(indent, "evaluation_delay", r.EvaluationDelay.String())
	}
	if r.AlignEvaluation {
		w.line(indent, "align_evaluation_time_on_interval: true")
	}
	if len(r.SourceTenants) > 0 {
		w.line(indent, "source_tenants:")
		for _, t := range r.SourceTenants {
			w.b = append(append(w.b, spaces[:indent]...), '-')
			w.scalar(indent+2, t)
		}
	}
}

func (w *writer) rule(indent int, r Rule) {
	if r.Alert != "" {
		w.field(indent, "- alert", r.Alert)
	} else {
		w.field(indent, "- record", r.Record)
	}
	w.field(indent+2, "expr", r.Expr)
	if r.For > 0 {
		w.field(indent+2, "for", r.For.String())
	}
	if r.KeepFiringFor > 0 {
		w.field(indent+2, "keep_firing_for", r.KeepFiringFor.String())
	}
	w.words(indent+2, "labels", r.Labels)
	w.words(indent+2, "annotations", r.Annotations)
}
