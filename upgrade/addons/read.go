package addons

import (
	"maps"
	"regexp"
	"slices"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/windows"
)

// Read reads the add-ons in a file, one YAML document for each, and returns every problem it finds. What is wrong is left
// out of the table; a file with findings of severity Error should not be planned with.
func Read(file string, data []byte) (Table, []diag.Finding) {
	docs, findings := yamlx.Documents(file, data)
	var all []entry
	for _, doc := range docs {
		r := &reader{}
		findings = append(findings, yamlx.Decode(doc, &r.doc)...)
		r.read()
		findings = append(findings, r.findings...)
		if r.out.Name != "" {
			all = append(all, r.out)
		}
	}
	if len(docs) == 0 && len(findings) == 0 {
		findings = append(findings, diag.Finding{ID: diag.Syntax, Severity: diag.Error,
			Position: diag.Position{File: file}, Message: "the file is empty; want at least one add-on with its releases"})
	}
	return Table{}.with(all), diag.Sort(findings)
}

// reader turns one document into an add-on.
type reader struct {
	doc      document
	out      entry
	findings []diag.Finding
}

func (r *reader) fail(at diag.Position, id, format string, args ...any) {
	r.findings = append(r.findings, diag.Errorf(id, at, format, args...))
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (r *reader) read() {
	d := r.doc
	if d.Version.Set() && d.Version.V != 1 {
		r.fail(d.Version.Pos, "addons/version", "version %d is not known; this treadmill reads version 1", d.Version.V)
	}
	for _, n := range append([]yamlx.At[string]{d.Addon}, d.Aliases...) {
		if n.Set() && (len(n.V) > 63 || !nameForm.MatchString(n.V)) {
			r.fail(n.Pos, "addons/name", "%.60q is not a name of an add-on: want lower-case letters, digits and hyphens", n.V)
			return
		}
	}
	r.out.Addon = Addon{Name: d.Addon.V, Title: d.Title, Page: d.Page, Images: d.Images, Charts: d.Charts, Notes: d.Notes}
	for _, a := range d.Aliases {
		r.out.Aliases = append(r.out.Aliases, a.V)
	}
	if s := d.MinorStep; s != nil {
		r.out.MinorStep, r.out.has.step = s.V, true
		if s.V < 0 || s.V > 9 {
			r.fail(s.Pos, "addons/number", "minorStep: want a number from 0 to 9, found %d", s.V)
			r.out.MinorStep = 0
		}
	}
	if d.ChartVersion != nil {
		r.out.ChartVersion, r.out.has.chart = *d.ChartVersion, true
	}
	for _, key := range slices.Sorted(maps.Keys(d.Sources)) {
		s := d.Sources[key]
		r.out.Sources = append(r.out.Sources, windows.Source{Key: key, Title: s.Title, URL: s.URL, Read: s.Read})
	}
	if x := d.Retired; x != nil && x.Date != 0 {
		r.source(x.Source)
		r.out.Retired = &Retirement{Date: x.Date, Reason: x.Reason, Instead: x.Instead, Source: x.Source.V}
	}
	r.releases()
}

// source checks that a key is one of the document's sources.
func (r *reader) source(key yamlx.At[string]) {
	if _, ok := r.doc.Sources[key.V]; key.Set() && !ok {
		r.fail(key.Pos, "addons/unknown-source", "there is no source %q; %s", key.V,
			yamlx.DidYouMean(key.V, slices.Sorted(maps.Keys(r.doc.Sources)), "list it under sources"))
	}
}

// releases takes the rows that make sense.
func (r *reader) releases() {
	seen := map[line]diag.Position{}
	for _, d := range r.doc.Releases {
		if !d.Version.Set() || !d.Kubernetes.Set() || d.Kubernetes.V == (Range{}) {
			continue // the decoder has said so
		}
		r.source(d.Source)
		l, err := lineOf(d.Version.V)
		if err != nil {
			r.fail(d.Version.Pos, "addons/release", "%v", err)
			continue
		}
		if first, twice := seen[l]; twice {
			r.fail(d.Pos, "addons/duplicate", "release line %s is given twice; the first is in line %d", plain(d.Version.V), first.Line)
			continue
		}
		seen[l] = d.Pos
		switch {
		case d.Semantics == Minimum && !d.Kubernetes.V.Max.IsZero():
			r.fail(d.Kubernetes.Pos, "addons/range", "a minimum has no upper bound: want one such as 1.25+, found %s", d.Kubernetes.V)
		case d.Semantics != Minimum && d.Kubernetes.V.Max.IsZero():
			r.fail(d.Kubernetes.Pos, "addons/range", "%s has no upper bound, which only semantics: minimum may leave out", d.Kubernetes.V)
		default:
			r.out.Releases = append(r.out.Releases, Release{Version: plain(d.Version.V), Kubernetes: d.Kubernetes.V, Semantics: d.Semantics,
				Confidence: d.Confidence, Released: d.Released, Source: d.Source.V, Note: d.Note, line: l})
		}
	}
	slices.SortFunc(r.out.Releases, func(a, b Release) int { return a.line.compare(b.line) })
}
