package apis

import (
	"fmt"
	"slices"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/crd"
	"treadmill/upgrade/apis/dump"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/refer"
	"treadmill/upgrade/apis/setup"
)

// taker takes what documents hold.
type taker struct {
	Reader
	Files
	parser read.Parser
	seen   map[object.Object]bool // what charts made, whatever the version
	made   map[object.Object]bool // the same, by place and API alone

	file    string         // whose documents are being taken
	objects int            // how many objects had been seen before it
	foreign []diag.Finding // what is said of its documents that are no manifests if it holds no object
	broken  []diag.Finding // and what is if it does

	templates read.Templates // in the file
}

// next begins a file. What is no manifest beside objects in one file was meant to be one.
func (t *taker) next(file string) {
	if file == t.file {
		return
	}
	if t.Seen > t.objects {
		t.foreign = t.broken
	}
	for _, f := range t.foreign {
		if !t.templates.Add(f, nil) {
			t.Findings = append(t.Findings, f)
		}
	}
	if f, ok := t.templates.Finding(t.Want); ok {
		t.Findings = append(t.Findings, f)
	}
	t.templates = read.Templates{}
	t.file, t.objects, t.foreign, t.broken = file, t.Seen, nil, nil
}

// take takes a document.
func (t *taker) take(d read.Document) {
	m := d.Made
	only := m != nil && (m.Again || m.Unreached != "" || !m.Before.IsZero()) // objects, as the rest is taken elsewhere
	if !only {
		t.Opened += d.Opened
		t.Findings = append(t.Findings, d.Findings...)
	}
	switch {
	case d.Known != nil:
		if m == nil {
			t.Seen++
		}
		if m.Takes(d.Known.File) && t.wants([]byte(d.Known.APIVersion), []byte(d.Known.Kind)) {
			t.Objects = append(t.Objects, *d.Known)
		}
		if t.Define && !only && d.Known.Kind == crd.Kind {
			for _, def := range crd.In(d) {
				def.Position, def.Built = diag.Position{File: d.Known.File, Line: d.Known.Line, Column: d.Known.Column}, true
				t.Definitions = append(t.Definitions, def)
			}
		}
	case len(d.Text) > 0:
		t.text(d, only)
	}
}

// text takes the objects of a document, and what they have and refer to.
func (t *taker) text(d read.Document, only bool) {
	t.next(d.File)
	found, findings := t.parser.Read(d)
	if said, ok := read.PassOver(d, found, findings); ok {
		t.foreign, t.broken = append(t.foreign, said), append(t.broken, findings...)
		findings = nil
	}
	if !only {
		if t.Known != nil && len(findings) == 0 {
			findings = read.Halves(d, found, t.Known)
		}
		t.found(d, findings)
		t.inside(d, found)
	}
	for h := range found.Objects() {
		if !only {
			t.Seen++
		}
		if t.wants(h.APIVersion, h.Kind) {
			t.object(d, h)
		}
	}
}

func (t *taker) wants(apiVersion, kind []byte) bool { return t.Want == nil || t.Want(apiVersion, kind) }

// found takes what could not be read. Lines of what a template makes are no lines of a file.
func (t *taker) found(d read.Document, findings []diag.Finding) {
	for _, f := range findings {
		if d.Template && f.ID == read.Template {
			continue
		}
		if f.ID == read.Template && d.Made != nil {
			f.Message = "what comes out has actions of a template in it still, so that its objects are not known"
		}
		if f.ID == read.Duplicate && d.Made != nil && d.Made.Near != nil {
			f.Severity, f.Position = diag.Warning, d.Made.Near(f.Line)
			f.Message += ", of which Helm takes the last"
		} else if d.Made != nil && d.Made.Near != nil {
			f.Message += fmt.Sprintf(" (line %d of what the template makes)", f.Line)
			f.Line, f.Column = 0, 0
		}
		if d.Made != nil || !t.templates.Add(f, d.Text) {
			t.Findings = append(t.Findings, f)
		}
	}
}

// inside takes what objects refer to, and what they have that is warned of.
func (t *taker) inside(d read.Document, found read.Heads) {
	if t.Refer && refer.May(d.Text) && len(found) > 0 {
		for _, r := range refer.In(d) {
			if near(d.Made, &r.Object); d.Made.Takes(r.Object.File) {
				t.References = append(t.References, r)
			}
		}
	}
	if t.Define && slices.ContainsFunc(found, func(h read.Head) bool { return string(h.Kind) == crd.Kind }) {
		for _, def := range crd.In(d) {
			o := object.Object{Source: def.Source, Position: def.Position}
			near(d.Made, &o)
			def.Source, def.Position = o.Source, o.Position
			t.Definitions = append(t.Definitions, def)
		}
	}
	if t.Reader.Setup && setup.May(d.Text) {
		for _, s := range setup.In(d) {
			if near(d.Made, &s.Object); d.Made.Takes(s.Object.File) {
				t.Files.Setup = append(t.Files.Setup, s)
			}
		}
	}
	if t.Dump && d.Made == nil && dump.May(d.Text) {
		dumps, releases := dump.In(d)
		t.Dumps, t.Releases = append(t.Dumps, dumps...), append(t.Releases, releases...)
	}
	if t.Warn != nil && t.Warn.MayIn(d.Text, found) {
		for _, u := range t.Warn.In(d) {
			if near(d.Made, &u.Object); d.Made.Takes(u.Object.File) {
				t.Uses = append(t.Uses, u)
			}
		}
	}
}

// near puts an object that is part of what a template makes where the template has it.
func near(m *read.Made, o *object.Object) {
	if m != nil && m.Near != nil {
		o.Source, o.Owner, o.Position = m.Source, m.Owner, m.Near(o.Line)
	}
}

// object takes an object that is wanted.
func (t *taker) object(d read.Document, h *read.Head) {
	o := object.Object{Source: object.File, APIVersion: string(h.APIVersion), Kind: string(h.Kind), Namespace: string(h.Namespace),
		Name: string(h.Name), Position: diag.Position{File: d.File, Line: h.Line, Column: h.Column}.Wide(h.Wide)}
	if m := d.Made; m != nil {
		o.Source, o.Owner, o.GitOps = m.Source, m.Owner, m.GitOps
		if m.Object != nil {
			line := o.Line
			if o.Position = m.Object(line, o.APIVersion); o.Line == 0 && m.Near != nil { // an item of a typed list has no apiVersion
				o.Position = m.Near(line)
			}
			if !m.Takes(o.File) || t.again(o, m.Unreached != "") {
				return
			}
		}
		o.Before, o.Unreached = m.Before, m.Unreached
	}
	t.Objects = append(t.Objects, o)
}

// again reports whether a chart has made an object before: the same, or, for one that its values do not lead to, any of that place.
func (t *taker) again(o object.Object, unreached bool) bool {
	at := object.Object{Position: o.Position, APIVersion: o.APIVersion, Kind: o.Kind, Owner: o.Owner}
	if t.seen[o] || unreached && t.made[at] {
		return true
	}
	if t.seen == nil {
		t.seen, t.made = map[object.Object]bool{}, map[object.Object]bool{}
	}
	t.seen[o], t.made[at] = true, true
	return false
}
