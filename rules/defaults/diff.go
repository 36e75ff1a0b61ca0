package defaults

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/rules"
)

// The IDs of what changes between two sets of rules.
const (
	LostPage  = "diff/lost-page"   // an alert that pages is gone
	Lost      = "diff/lost"        // another alert is gone
	Weaker    = "diff/weaker"      // a page became slower or milder
	NewDefect = "diff/new-defect"  // an alert has a defect that it did not have
	Reworded  = "diff/expression"  // an alert watches something else, or by another threshold
	New       = "diff/new"         // an alert that was not there
	Blind     = "diff/lost-series" // a rule reads a series that is recorded no more
)

// Kind is how a rule changed.
type Kind string

// The kinds of change, in the order in which people read them.
const (
	Removed Kind = "removed"
	Altered Kind = "changed"
	Added   Kind = "added"
)

// Change is one rule that differs between two sets.
type Change struct {
	Kind        Kind        `json:"kind"`
	Name        string      `json:"name"`
	Severity    string      `json:"severity"` // of the new rule, or of the old one that is gone
	Disposition Disposition `json:"disposition"`
	What        []string    `json:"what"` // what differs, in words
	Old         *Side       `json:"old,omitempty"`
	New         *Side       `json:"new,omitempty"`
}

// Side is a rule as it was or as it is.
type Side struct {
	Group string `json:"group"`
	Expr  string `json:"expr"`
	For   string `json:"for"`
	diag.Position
}

// Difference is what two sets of rules do not have in common.
type Difference struct {
	Changes  []Change
	Same     int // alerts that are the same on both sides
	Findings []diag.Finding
}

// side is an alert of one set, with what is needed to compare it.
type side struct {
	Alert
	rule    *rules.Rule
	print   string
	defects []string
}

// Diff compares the alerts of two sets. Alerts are paired by name and labels, then by name and expression, then by name.
// It compares what rules say; what they do over a failure, rules prove shows.
func Diff(before, after []rules.File, table Table) Difference {
	olds, news := sides(before, table), sides(after, table)
	var out Difference
	all := news
	for _, same := range []func(a, b side) bool{
		func(a, b side) bool { return fmt.Sprint(a.Labels) == fmt.Sprint(b.Labels) && a.print == b.print },
		func(a, b side) bool { return fmt.Sprint(a.Labels) == fmt.Sprint(b.Labels) },
		func(a, b side) bool { return a.print == b.print },
		func(_, _ side) bool { return true },
	} {
		olds, news = out.pair(olds, news, func(a, b side) bool { return a.Name == b.Name && same(a, b) })
	}
	for _, o := range olds {
		out.lost(o)
	}
	for _, n := range news {
		out.Changes = append(out.Changes,
			Change{Kind: Added, Name: n.Name, Severity: n.Severity, Disposition: n.Disposition, What: []string{}, New: n.shown()})
		out.find(New, diag.Info, n, "%s (%s) is new: send it nowhere, as information, until somebody has accepted it", n.Name,
			severity(n.Severity))
	}
	out.unrecorded(before, after, all)
	order := []Kind{Removed, Altered, Added}
	slices.SortStableFunc(out.Changes, func(a, b Change) int {
		return cmp.Or(slices.Index(order, a.Kind)-slices.Index(order, b.Kind), strings.Compare(a.Name, b.Name),
			strings.Compare(a.Severity, b.Severity))
	})
	return out
}

func sides(files []rules.File, table Table) []side {
	report := Audit(files, table, Platform{})
	byPlace := map[diag.Position]Alert{}
	for _, a := range report.Alerts {
		byPlace[a.Position] = a
	}
	var out []side
	for _, p := range rules.Rules(files) {
		expr, err := rules.ParseExpr(p.Rule.Expr)
		if p.Rule.Alert == "" || err != nil {
			continue
		}
		s := side{Alert: byPlace[p.Rule.Pos], rule: p.Rule}
		for _, f := range defects(p, expr) {
			if f.Severity >= diag.Warning {
				s.defects = append(s.defects, f.ID)
			}
		}
		s.print = Fingerprint(expr)
		out = append(out, s)
	}
	return out
}

// pair compares the alerts that belong together and returns those that are left over on each side.
func (d *Difference) pair(olds, news []side, same func(a, b side) bool) (restOld, restNew []side) {
	restNew = slices.Clone(news)
	for _, o := range olds {
		i := slices.IndexFunc(restNew, func(n side) bool { return same(o, n) })
		if i < 0 {
			restOld = append(restOld, o)
			continue
		}
		d.compare(o, restNew[i])
		restNew = slices.Delete(restNew, i, i+1)
	}
	return restOld, restNew
}

func (d *Difference) compare(o, n side) {
	var what []string
	changed := func(name, was, is string) {
		if was != is {
			what = append(what, name+" "+was+" → "+is)
		}
	}
	changed("severity", severity(o.Severity), severity(n.Severity))
	changed("for", o.For, n.For)
	changed("keep_firing_for", o.rule.KeepFiringFor.String(), n.rule.KeepFiringFor.String())
	if o.print != n.print {
		what = append(what, "expression")
		d.find(Reworded, diag.Info, n, "%s (%s) has another expression than before", n.Name, severity(n.Severity))
	}
	for _, id := range n.defects {
		if !slices.Contains(o.defects, id) {
			what = append(what, "new defect "+id)
			d.find(NewDefect, weight(o), n, "%s (%s) has a defect that it did not have: %s", n.Name, severity(n.Severity), id)
		}
	}
	if o.pages() && (time.Duration(n.rule.For) > time.Duration(o.rule.For) || o.Severity == "critical" && n.Severity != "critical") {
		d.find(Weaker, diag.Warning, n, "%s paged sooner or louder before: %s", n.Name, strings.Join(what, ", "))
	}
	if len(what) == 0 {
		d.Same++
		return
	}
	d.Changes = append(d.Changes,
		Change{Kind: Altered, Name: n.Name, Severity: n.Severity, Disposition: n.Disposition, What: what, Old: o.shown(), New: n.shown()})
}

func (d *Difference) lost(o side) {
	d.Changes = append(d.Changes,
		Change{Kind: Removed, Name: o.Name, Severity: o.Severity, Disposition: o.Disposition, What: []string{}, Old: o.shown()})
	id := Lost
	if o.pages() {
		id = LostPage
	}
	d.find(id, weight(o), o, "%s (%s) is gone: what it watched over is watched no more, unless another rule does", o.Name,
		severity(o.Severity))
}

func (d *Difference) find(id string, s diag.Severity, at side, format string, args ...any) {
	d.Findings = append(d.Findings, diag.Finding{ID: id, Severity: s, Position: at.Position, Message: fmt.Sprintf(format, args...)})
}

// pages reports whether an alert should wake somebody: by its disposition, or by its severity where nobody knows it.
func (s side) pages() bool {
	return s.Disposition == Page || s.Disposition == Unknown && s.Severity == "critical"
}

func weight(s side) diag.Severity {
	if s.pages() {
		return diag.Error
	}
	return diag.Warning
}

func (s side) shown() *Side {
	return &Side{Group: s.Group, Expr: s.rule.Expr, For: s.For, Position: s.Position}
}

func severity(s string) string { return cmp.Or(s, "no severity") }
