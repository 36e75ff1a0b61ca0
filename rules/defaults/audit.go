package defaults

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/noise"
)

// Match says how well the table knows an alert.
type Match string

// The matches.
const (
	Same    Match = "same"    // name, severity and expression are those of a known default; where only that is known of it, what it reads
	Changed Match = "changed" // name and severity are, or name and what it reads
	None    Match = "none"    // the table does not know it
)

// Alert is one alerting rule with its disposition.
type Alert struct {
	Name            string            `json:"name"`
	Group           string            `json:"group"`
	Severity        string            `json:"severity"`
	For             string            `json:"for"`
	Disposition     Disposition       `json:"disposition"`
	ReplacedBy      []string          `json:"replacedBy"`
	Reason          string            `json:"reason"`
	Match           Match             `json:"match"`
	Labels          map[string]string `json:"labels"`
	Needs           []string          `json:"needs"`
	Route           string            `json:"route,omitempty"`
	Tune            string            `json:"tune,omitempty"`
	Fix             string            `json:"fix,omitempty"`
	UpgradeExpected bool              `json:"upgradeExpected"`
	Noise           *noise.Noise      `json:"noise"` // nil without a history to measure it on
	diag.Position
}

// Report is what an audit found.
type Report struct {
	Alerts   []Alert // by disposition, name, severity, group and place
	Findings []diag.Finding
}

// Count is the number of alerts of a disposition.
func (r Report) Count(d Disposition) int {
	n := 0
	for _, a := range r.Alerts {
		if a.Disposition == d {
			n++
		}
	}
	return n
}

// Audit gives every alert of the files its disposition and finds the defects that rules have by themselves, whatever the data.
func Audit(files []rules.File, table Table, platform Platform) Report {
	var out Report
	chosen := platform.written(table)
	drops, prints := dropped(), map[diag.Position]string{}
	for _, p := range rules.Rules(files) {
		expr, err := rules.ParseExpr(p.Rule.Expr)
		if err != nil {
			continue // Read leaves out what does not parse and has said so
		}
		out.Findings = append(out.Findings, slices.Concat(defects(p, expr), idleDefects(p, expr), droppedDefects(p, expr, drops))...)
		if p.Rule.Alert == "" {
			continue
		}
		alert := describe(p)
		prints[alert.Position] = Fingerprint(expr)
		row, match := table.find(alert.Name, alert.Severity, prints[alert.Position], readNames(p.Rule.Expr))
		out.Findings = append(out.Findings, alert.apply(row, match, table[p.Rule.Alert])...)
		alert.settle(row, platform, chosen)
		out.Alerts = append(out.Alerts, alert)
	}
	slices.SortFunc(out.Alerts, compareAlerts)
	out.Findings = append(out.Findings, collisions(out.Alerts, prints)...)
	return out
}

func compareAlerts(a, b Alert) int {
	order := Dispositions()
	return cmp.Or(cmp.Compare(slices.Index(order, a.Disposition), slices.Index(order, b.Disposition)),
		strings.Compare(a.Name, b.Name), strings.Compare(a.Severity, b.Severity), strings.Compare(a.Group, b.Group),
		strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

func describe(p rules.Placed) Alert {
	labels := p.Labels()
	return Alert{Name: p.Rule.Alert, Group: p.Group.Name, Severity: labels["severity"], For: p.Rule.For.String(),
		Disposition: Unknown, Match: None, ReplacedBy: []string{}, Needs: []string{}, Labels: labels, Position: p.Rule.Pos}
}

// find looks an alert up by name, severity and the fingerprint of its expression, or by what that reads. An alert whose severity somebody
// changed is still known by its expression, and a retuned one by its name and what it reads.
func (t Table) find(name, severity, fingerprint string, reads []string) (Row, Match) {
	rows := t[name]
	for _, known := range []struct {
		by    func(Row) bool
		match Match
	}{
		{func(r Row) bool { return r.Severity == severity && r.same(fingerprint, reads) }, Same},
		{func(r Row) bool { return slices.Contains(r.Expr, fingerprint) }, Same},
		{func(r Row) bool { return r.Severity == severity && len(r.Expr) > 0 }, Changed},
		{func(r Row) bool { return r.watches(reads) }, Changed},
	} {
		if i := slices.IndexFunc(rows, known.by); i >= 0 {
			return rows[i], known.match
		}
	}
	return Row{}, None
}

// same reports whether an expression is one of the row, as far as the row knows.
func (r Row) same(fingerprint string, reads []string) bool {
	switch {
	case len(r.Expr) > 0:
		return slices.Contains(r.Expr, fingerprint)
	case len(r.Reads) > 0:
		return r.watches(reads)
	}
	return true
}

// watches reports whether an expression reads all that one of the row reads.
func (r Row) watches(reads []string) bool {
	return slices.ContainsFunc(r.Reads, func(one string) bool {
		return !slices.ContainsFunc(strings.Fields(one), func(name string) bool { return !slices.Contains(reads, name) })
	})
}

// apply gives an alert the disposition of its row.
func (a *Alert) apply(row Row, match Match, rows []Row) []diag.Finding {
	a.Match = match
	if match == None {
		a.Reason = "not one of the known defaults: left alone"
		if len(rows) > 0 {
			a.Reason = fmt.Sprintf("ships at severity %s with other expressions: left alone", severities(rows))
		}
		return nil
	}
	a.Disposition, a.Reason, a.Route, a.Tune, a.Fix = row.Disposition, row.Reason, row.Route, row.Tune, row.Fix
	a.ReplacedBy, a.Needs, a.UpgradeExpected = append([]string{}, row.ReplacedBy...), append([]string{}, row.Needs...), row.UpgradeExpected
	if match == Same {
		return nil
	}
	what := "expression"
	if a.Severity != row.Severity {
		what = fmt.Sprintf("severity and expression (%s)", row.Severity)
	}
	return []diag.Finding{{ID: "audit/changed", Severity: diag.Info, Position: a.Position, Message: fmt.Sprintf(
		"%s has another %s than in %s of %s: check whether the disposition still fits", a.Name, what, row.Source, row.Date)}}
}

func severities(rows []Row) string {
	var out []string
	for _, r := range rows {
		out = append(out, r.Severity)
	}
	slices.Sort(out)
	return strings.Join(out, " and ")
}
