package windows

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade"
)

// Read reads the calendars in a file, one YAML document for each provider, and returns every problem it finds. What is
// wrong is left out of the table; a file with findings of severity Error should not be planned with.
// Windows of other providers than Upstream are projected only when the table, or the one it is merged into, holds Upstream too.
func Read(file string, data []byte) (Table, []diag.Finding) {
	docs, findings := yamlx.Documents(file, data)
	var calendars []calendar
	for _, doc := range docs {
		var d document
		findings = append(findings, yamlx.Decode(doc, &d)...)
		c := &reader{doc: d}
		c.read()
		findings = append(findings, c.findings...)
		if c.out.Name != "" {
			calendars = append(calendars, c.out)
		}
	}
	if len(docs) == 0 && len(findings) == 0 {
		findings = append(findings, diag.Finding{ID: diag.Syntax, Severity: diag.Error,
			Position: diag.Position{File: file}, Message: "the file is empty; want at least one provider with its dates"})
	}
	return Table{}.with(calendars), diag.Sort(findings)
}

// reader turns one document into a calendar.
type reader struct {
	doc      document
	out      calendar
	findings []diag.Finding
}

func (r *reader) fail(at diag.Position, id, format string, args ...any) {
	r.findings = append(r.findings, diag.Errorf(id, at, format, args...))
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (r *reader) read() {
	d := r.doc
	if d.Version.Set() && d.Version.V != 1 {
		r.fail(d.Version.Pos, "windows/version", "version %d is not known; this treadmill reads version 1", d.Version.V)
	}
	for _, n := range append([]yamlx.At[string]{d.Provider}, d.Aliases...) {
		if n.Set() && (len(n.V) > 63 || !nameForm.MatchString(n.V)) {
			r.fail(n.Pos, "windows/name", "%q is not a name of a provider: want lower-case letters, digits and hyphens", n.V)
			return
		}
	}
	r.out.Provider = Provider{Name: d.Provider.V, Title: d.Title, NodeSkew: 3, Notes: d.Notes}
	for _, a := range d.Aliases {
		r.out.Aliases = append(r.out.Aliases, a.V)
	}
	r.sources()
	r.properties()
	r.rules()
	r.facts()
}

func (r *reader) sources() {
	for _, key := range slices.Sorted(maps.Keys(r.doc.Sources)) {
		s := r.doc.Sources[key]
		r.out.Sources = append(r.out.Sources, Source{Key: key, Title: s.Title, URL: s.URL, Read: s.Read})
	}
}

func (r *reader) properties() {
	d := r.doc
	if n := d.NodeSkew; n != nil {
		r.upTo(*n, 9, "nodeSkew")
		r.out.NodeSkew, r.out.has.nodeSkew = n.V, true
	}
	if n := d.RollbackDays; n != nil {
		r.upTo(*n, 365, "rollbackDays")
		r.out.RollbackDays, r.out.has.rollback = n.V, true
	}
	for _, c := range d.Channels {
		r.source(c.Source)
		r.out.Channels = append(r.out.Channels, Channel{Name: c.Name, Aliases: c.Aliases, Extended: c.Extended, Note: c.Note,
			Ends: c.Ends, Then: c.Then, Source: c.Source.V})
	}
	for _, t := range d.Terms {
		r.out.Terms = append(r.out.Terms, Term(t))
	}
	if p := d.Extended; p != nil {
		r.source(p.Source)
		r.out.Extended = &Price{PerHour: &p.PerHour.Rat, Currency: string(p.Currency), Source: p.Source.V, Note: p.Note}
	}
	for _, text := range slices.Sorted(maps.Keys(d.Releases)) {
		m, err := upgrade.ParseMinor(text)
		if err != nil {
			r.fail(d.Provider.Pos, "windows/release", "releases: %v", err)
			continue
		}
		r.name(m, named{d.Releases[text], Actual})
	}
	for _, n := range d.Names {
		r.source(n.Source)
		r.name(n.Minor.V, named{n.Name, Planned})
	}
}

func (r *reader) name(m upgrade.Minor, n named) {
	if r.out.releases == nil {
		r.out.releases = map[upgrade.Minor]named{}
	}
	r.out.releases[m] = n
}

func (r *reader) upTo(n yamlx.At[int], most int, what string) {
	if n.V < 0 || n.V > most {
		r.fail(n.Pos, "windows/number", "%s: want a number from 0 to %d, found %d", what, most, n.V)
	}
}

// source checks that a key is one of the document's sources.
func (r *reader) source(key yamlx.At[string]) {
	if !key.Set() {
		return
	}
	if _, ok := r.doc.Sources[key.V]; !ok {
		r.fail(key.Pos, "windows/unknown-source", "there is no source %q; %s", key.V,
			yamlx.DidYouMean(key.V, slices.Sorted(maps.Keys(r.doc.Sources)), "list it under sources"))
	}
}

func (r *reader) rules() {
	p := r.doc.Projection
	if p.Lag != nil {
		r.out.lag = &lagRule{p.Lag.Since, p.Lag.ChannelsSince}
	}
	for i, d := range []*endDoc{p.Standard, p.Extended, p.Second, p.Third} {
		r.out.ends[i] = r.endRule(d)
	}
}

func (r *reader) endRule(d *endDoc) *endRule {
	if d == nil {
		return nil
	}
	rule := &endRule{after: d.After.V, months: d.Months.V, since: d.Since, until: d.Until, early: d.Early.V, late: d.Late.V}
	if after := append([]string{available, standard, Upstream}, termMilestones...); d.After.Set() && !slices.Contains(after, d.After.V) {
		r.fail(d.After.Pos, "windows/rule", "after: want one of %s, found %q", strings.Join(after, ", "), d.After.V)
	}
	r.upTo(d.Months, 120, "months")
	r.upTo(d.Early, 366, "early")
	r.upTo(d.Late, 366, "late")
	switch n, err := strconv.Atoi(d.Day.V); {
	case d.Day.V == "":
	case d.Day.V == "last":
		rule.day = 31
	case err != nil || n < 1 || n > 28:
		r.fail(d.Day.Pos, "windows/rule", "day: want a day of the month from 1 to 28, or last, found %q", d.Day.V)
	default:
		rule.day = n
	}
	switch d.Minors.V {
	case "":
	case "odd", "even":
		rule.minors = d.Minors.V
	default:
		r.fail(d.Minors.Pos, "windows/rule", "minors: want odd or even, found %q", d.Minors.V)
	}
	return rule
}

// facts takes the rows that make sense.
func (r *reader) facts() {
	type key struct {
		minor             upgrade.Minor
		milestone, source string
	}
	seen := map[key]diag.Position{}
	for _, f := range r.doc.Dates {
		if !f.Minor.Set() || f.Minor.V.IsZero() || !f.Milestone.Set() || !f.Date.Set() || f.Date.V.IsZero() {
			continue // the decoder has said so
		}
		r.source(f.Source)
		r.upTo(f.Early, 366, "early")
		r.upTo(f.Late, 366, "late")
		names := append([]string{available, standard, extended}, otherMilestones...)
		if !slices.Contains(names, f.Milestone.V) {
			r.fail(f.Milestone.Pos, "windows/unknown-milestone", "there is no milestone %q; %s", f.Milestone.V,
				yamlx.DidYouMean(f.Milestone.V, names, "want one of "+strings.Join(names, ", ")))
			continue
		}
		k := key{f.Minor.V, f.Milestone.V, f.Source.V}
		if first, twice := seen[k]; twice {
			r.fail(f.Pos, "windows/duplicate", "%s of %s from source %q is given twice; the first is in line %d", f.Milestone.V,
				f.Minor.V, f.Source.V, first.Line)
			continue
		}
		seen[k] = f.Pos
		r.out.facts = append(r.out.facts, fact{f.Minor.V, f.Milestone.V, f.Date.V, f.Status, f.Source.V, f.Note, f.Early.V, f.Late.V})
	}
	r.order()
}

// order refuses ends that lie before the version is available, and extended ends before standard ones.
func (r *reader) order() {
	first := map[upgrade.Minor]map[string]yamlx.At[Day]{}
	for _, f := range r.doc.Dates {
		if first[f.Minor.V] == nil {
			first[f.Minor.V] = map[string]yamlx.At[Day]{}
		}
		if _, found := first[f.Minor.V][f.Milestone.V]; !found && f.Date.V != 0 {
			first[f.Minor.V][f.Milestone.V] = f.Date
		}
	}
	for _, m := range slices.SortedFunc(maps.Keys(first), upgrade.Minor.Compare) {
		for _, pair := range [][2]string{{available, standard}, {available, extended}, {standard, extended}, {extended, "extended2"},
			{"extended2", "extended3"}} {
			a, b := first[m][pair[0]], first[m][pair[1]]
			if a.Set() && b.Set() && b.V < a.V {
				r.fail(b.Pos, "windows/order", "%s of %s is %s, before its %s on %s", pair[1], m, b.V, pair[0], a.V)
			}
		}
	}
}
