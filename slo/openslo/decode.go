// Package openslo reads OpenSLO objects: openslo/v1, openslo.com/v2alpha, and the SLO kind of openslo/v1alpha.
//
// The way through it: all documents of a run → Decode → []slo.SLO and findings with places. Objects may refer to one
// another across files. Semantics as of the standard at 2026-11 (https://github.com/OpenSLO/OpenSLO). The package
// parses no PromQL; which key of a metric source holds the query is not standardised, and it takes `query`.
package openslo

import (
	"cmp"
	"iter"
	"regexp"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// The versions that are read.
const (
	V1      = "openslo/v1"
	V1Alpha = "openslo/v1alpha"
	V2Alpha = "openslo.com/v2alpha"
)

// kinds are the kinds that are known.
var kinds = []string{"SLO", "SLI", "Service", "AlertPolicy", "AlertCondition", "AlertNotificationTarget", "DataSource"}

// decoder holds the objects of a run by name, so that references can be followed.
type decoder struct {
	slis       map[string]sliSpec
	policies   map[string]policySpec
	conditions map[string]conditionSpec
	sources    map[string]string // name to type
	services   map[string]bool
	seen       map[string]diag.Position // kind and name
	slos       []*sloObject
	alphas     []alphaObject
	words      words // of the version of the SLO that is converted
	findings   []diag.Finding
}

// Decode reads all documents of a run, one after the other. SLOs with errors are left out.
func Decode(docs iter.Seq[yamlx.Document]) ([]slo.SLO, []diag.Finding) {
	d := &decoder{slis: map[string]sliSpec{}, policies: map[string]policySpec{}, conditions: map[string]conditionSpec{},
		sources: map[string]string{}, services: map[string]bool{}, seen: map[string]diag.Position{}}
	for doc := range docs {
		d.object(doc)
	}
	var out []slo.SLO
	for _, o := range d.slos {
		before := len(d.findings)
		made := d.convert(*o)
		d.place(before, o.Metadata)
		if !diag.Any(d.findings[before:], diag.Error) {
			out = append(out, made...)
		}
	}
	for _, o := range d.alphas {
		before := len(d.findings)
		made := d.alpha(o)
		d.place(before, o.Metadata)
		if !diag.Any(d.findings[before:], diag.Error) {
			out = append(out, made...)
		}
	}
	slices.SortStableFunc(out, func(a, b slo.SLO) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line))
	})
	return out, d.findings
}

// place gives problems of what is not written at all, such as an empty entry of a list, the place of their object.
func (d *decoder) place(from int, m meta) {
	for i, f := range d.findings[from:] {
		if f.Line == 0 {
			d.findings[from+i].Position = m.Pos
		}
	}
}

func (d *decoder) fail(id string, pos diag.Position, format string, args ...any) {
	d.findings = append(d.findings, diag.Errorf(id, pos, format, args...))
}

// read decodes a document into a type and says whether it has the form.
func (d *decoder) read(doc yamlx.Document, into any) bool {
	problems := yamlx.Decode(doc, into)
	d.findings = append(d.findings, problems...)
	return !diag.Any(problems, diag.Error)
}

// object files one document under its kind.
func (d *decoder) object(doc yamlx.Document) {
	version, kind := yamlx.Text(doc.Root, "apiVersion"), yamlx.Text(doc.Root, "kind")
	if version == V1Alpha && kind == "SLO" {
		if o, ok := load[alphaObject](d, doc, kind); ok {
			d.alphas = append(d.alphas, o)
		}
		return
	}
	if version == V2Alpha && (kind == "SLO" || kind == "SLI") {
		d.v2(doc, kind)
		return
	}
	d.v1(doc, version, kind)
}

func (d *decoder) v1(doc yamlx.Document, version, kind string) {
	switch kind {
	case "SLO":
		if o, ok := load[sloObject](d, doc, kind); ok {
			d.slos = append(d.slos, &o)
		}
	case "SLI":
		if o, ok := load[sliObject](d, doc, kind); ok {
			d.slis[o.Metadata.Name.V] = o.Spec
		}
	case "AlertPolicy":
		if o, ok := load[policyObject](d, doc, kind); ok {
			o.Spec.meta = o.Metadata.ofAlert()
			d.policies[o.Metadata.Name.V] = o.Spec
		}
	case "AlertCondition":
		if o, ok := load[conditionObject](d, doc, kind); ok {
			o.Spec.meta = o.Metadata.ofAlert()
			d.conditions[o.Metadata.Name.V] = o.Spec
		}
	case "DataSource":
		if o, ok := load[sourceObject](d, doc, kind); ok {
			d.sources[o.Metadata.Name.V] = o.Spec.Type.V
		}
	default:
		if o, ok := load[anyObject](d, doc, kind); ok {
			d.other(o, version)
		}
	}
}

// load decodes a document into an object and reports whether it has the form and the name is its own.
func load[T interface{ meta() meta }](d *decoder, doc yamlx.Document, kind string) (T, bool) {
	var o T
	if !d.read(doc, &o) {
		return o, false
	}
	return o, d.once(kind, o.meta())
}

func (d *decoder) other(o anyObject, version string) {
	switch {
	case version == V2Alpha && o.Kind.V == "BudgetAdjustment":
		d.fail("spec/kind", o.Kind.Pos,
			"a BudgetAdjustment cannot become rules: recorded events are not changed afterwards; leave it out, and see slo report for what was lost")
	case !slices.Contains(kinds, o.Kind.V):
		d.fail("spec/kind", o.Kind.Pos, "%s has no kind %q; %s", version, o.Kind.V,
			yamlx.DidYouMean(o.Kind.V, kinds, "want one of "+strings.Join(kinds, ", ")))
	case o.Kind.V == "Service":
		d.services[o.Metadata.Name.V] = true
	}
}

var nameForm = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

// once checks the name of an object and that it is the first of its kind with it.
func (d *decoder) once(kind string, m meta) bool {
	if len(m.Name.V) > 63 || !nameForm.MatchString(m.Name.V) {
		d.fail("spec/name", m.Name.Pos,
			"%q is not a name; use up to 63 small letters, digits and '-', with a letter or digit at both ends", m.Name.V)
		return false
	}
	key := kind + "/" + m.Name.V
	if first, twice := d.seen[key]; twice {
		d.fail("spec/duplicate", m.Name.Pos, "there are two objects %s %q; the first is in %s", kind, m.Name.V, first)
		return false
	}
	d.seen[key] = m.Name.Pos
	return true
}

// known lists the names of a map for a message about a reference that leads nowhere.
func dangling[T any](d *decoder, ref yamlx.At[string], kind string, known map[string]T) {
	names := make([]string, 0, len(known))
	for n := range known {
		names = append(names, n)
	}
	slices.Sort(names)
	d.fail("spec/reference", ref.Pos, "there is no %s %q among the files; %s", kind, ref.V,
		yamlx.DidYouMean(ref.V, names, "add the object, or give its file too"))
}
