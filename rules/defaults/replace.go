package defaults

import (
	_ "embed"
	"maps"
	"slices"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/rules"
)

//go:embed data/guards.yaml
var guardData []byte

// Guards are the alerts that stand beside the platform SLOs.
func Guards() ([]rules.File, []diag.Finding) { return rules.Read("guards.yaml", guardData) }

// ReplaceOptions say how far to go.
type ReplaceOptions struct {
	Platform Platform
	Changed  bool // treat alerts whose expression was changed like those that were not
	// Accepted are the rules that somebody has accepted, such as those of the chart before an update: an alert that nobody
	// knows and that is not among them by name and severity is kept as information. Nil accepts everything.
	Accepted []rules.File
	// Uncovered says, by its place, of an alert that the table gives to SLOs what they do not see, so that it stays.
	Uncovered map[diag.Position]string
}

// accepts reports whether an alert that the table does not know may keep its severity.
func (o ReplaceOptions) accepts(a Alert) bool {
	return o.Accepted == nil || a.Severity == "info" || slices.ContainsFunc(rules.Rules(o.Accepted), func(p rules.Placed) bool {
		return p.Rule.Alert == a.Name && p.Labels()["severity"] == a.Severity
	})
}

// Fate is what becomes of one alert when the rules are swapped. Before that, while the new alerts burn in, it is as it was.
type Fate struct {
	Alert
	Became  string   `json:"became"`  // the severity that it has then, or "" when it has none or is gone
	Gone    bool     `json:"gone"`    // it is no longer among the rules
	What    []string `json:"what"`    // what was changed, or why not
	Touched bool     `json:"touched"` // the rule is another than before, or gone
	Watched []string `json:"watched"` // who watches from then on: the alert itself, SLOs, or nobody
}

// Replacement is a set of rules in which every known alert has its disposition.
type Replacement struct {
	Files []rules.File
	Fates []Fate // by disposition and name, as in an audit
}

// Replace gives every known alert of the files the severity of its disposition, mends its expression and changes its "for"
// where the table says so. Recording rules and unknown alerts stay as they are, and so does an alert whose expression
// somebody changed, as the table does not know what it watches now.
func Replace(files []rules.File, table Table, o ReplaceOptions) Replacement {
	byPlace := map[diag.Position]Alert{}
	for _, a := range Audit(files, table, o.Platform).Alerts {
		byPlace[a.Position] = a
	}
	var out Replacement
	for _, f := range files {
		groups := f.Groups
		f.Groups = nil
		for _, g := range groups {
			kept := g
			kept.Rules = nil
			for _, r := range g.Rules {
				a, isAlert := byPlace[r.Pos]
				if !isAlert {
					kept.Rules = append(kept.Rules, r)
					continue
				}
				r, fate, stays := a.become(r, o)
				fate.Watched = fate.watchers()
				if out.Fates = append(out.Fates, fate); stays {
					kept.Rules = append(kept.Rules, r)
				}
			}
			if len(kept.Rules) > 0 {
				f.Groups = append(f.Groups, kept)
			}
		}
		if len(f.Groups) > 0 {
			out.Files = append(out.Files, f)
		}
	}
	slices.SortStableFunc(out.Fates, func(a, b Fate) int { return compareAlerts(a.Alert, b.Alert) })
	return out
}

// severityOf is the severity by which kube-prometheus and its routes know a disposition.
func severityOf(d Disposition) string {
	return map[Disposition]string{Page: "critical", Ticket: "warning", Info: "info"}[d]
}

// become makes of a rule what its disposition says.
func (a Alert) become(r rules.Rule, o ReplaceOptions) (rules.Rule, Fate, bool) {
	fate := Fate{Alert: a, Became: a.Severity, What: []string{}}
	switch {
	case a.Disposition == Unknown && o.accepts(a):
		return r, fate, true
	case a.Disposition == Unknown:
		r.Labels = relabelled(r.Labels, a.Severity, "info")
		fate.Became, fate.Touched, fate.What = "info", true, append(fate.What,
			"new: severity "+severity(a.Severity)+" → info until somebody accepts it")
		return r, fate, true
	case a.Match == Changed && !o.Changed:
		fate.What = append(fate.What, "left alone: its expression was changed")
		return r, fate, true
	case a.Disposition == Replaced && o.Uncovered[a.Position] != "":
		fate.What = append(fate.What, "stays: "+o.Uncovered[a.Position])
		return r, fate, true
	case a.Disposition == Dropped || a.Disposition == Replaced:
		fate.Became, fate.What, fate.Touched, fate.Gone = "", append(fate.What, "gone"), true, true
		return r, fate, false
	}
	if want := severityOf(a.Disposition); want != a.Severity && a.Severity != "none" && !always(r.Expr) {
		fate.What = append(fate.What, "severity "+severity(a.Severity)+" → "+want)
		r.Labels, fate.Became = relabelled(r.Labels, a.Severity, want), want
	}
	r, tuned := tune(r, a.Tune)
	fate.What = append(fate.What, tuned...)
	if a.Fix != "" {
		if corrected, ok := mend(r.Expr); ok {
			fate.What = append(fate.What, "expression "+corrected)
			r.Expr = corrected
		}
	}
	fate.Touched = len(fate.What) > 0
	return r, fate, true
}

// Nobody watches what nobody is told of.
const Nobody = "nobody"

// watchers says who watches over what the alert watched over, once the rules are swapped.
func (f *Fate) watchers() []string {
	switch {
	case f.Gone && f.Disposition == Replaced:
		return slices.Clone(f.ReplacedBy)
	case f.Gone || f.Became == "info":
		return []string{Nobody}
	}
	return []string{f.Name}
}

// always reports whether an alert fires whatever happens, as a dead-man switch does: at no severity that pages, whatever it is at.
func always(text string) bool {
	expr, err := rules.ParseExpr(text)
	return err == nil && isConstant(expr)
}

// relabelled is the labels of a rule with another severity. Two severities of one name may become one; what they were still
// tells them apart.
func relabelled(labels map[string]string, was, is string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, labels)
	out["severity"] = is
	if was != "" {
		out["shipped_severity"] = was
	}
	return out
}

// mend writes absent(up{…}) as absent(up{…} == 1), so that targets that are known and down count as absent.
func mend(text string) (string, bool) {
	expr, err := rules.ParseExpr(text)
	if err != nil {
		return text, false
	}
	corrected := false
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if c, ok := n.(*parser.Call); ok && c.Func.Name == "absent" && isUp(c.Args[0]) {
			c.Args[0] = &parser.BinaryExpr{Op: parser.EQLC, LHS: c.Args[0], RHS: &parser.NumberLiteral{Val: 1}}
			corrected = true
		}
		return nil
	})
	return expr.String(), corrected
}
