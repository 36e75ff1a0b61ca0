// Package migrate holds the alerts of Sloth and Pyrra against those that are made of the same SLO here.
//
// The way through it: an slo.SLO of a tool → Rules, the alerts that the tool would have made of it; two sets of replayed alerts → Compare →
// the episodes that differ. The package replays nothing.
package migrate

import (
	"fmt"
	"regexp"
	"time"

	"github.com/prometheus/common/model"

	"treadmill/rules"
	"treadmill/rules/compile/query"
	"treadmill/slo"
)

// Tool is whose specs and rules are left.
type Tool string

// The tools.
const (
	Sloth Tool = "sloth"
	Pyrra Tool = "pyrra"
)

// Tools lists them.
func Tools() []string { return []string{string(Sloth), string(Pyrra)} }

// watch is one pair of windows of a tool: it fires after a time in which both burn above the rate.
type watch struct {
	severity    slo.Severity
	long, short slo.Window
	rate        slo.Number
	hold        slo.Window
}

// Rules are the alerts that a tool makes of an SLO, over raw windows. Their label severity says what they are here: page or ticket.
func Rules(s slo.SLO, from Tool) (rules.Group, error) {
	watches := sloth(s)
	g := rules.Group{Name: string(from) + "-" + s.ID}
	if from == Pyrra {
		var err error
		if s, err = query.Portable(s); err != nil {
			return g, err
		}
		watches, g.Interval = pyrra(s.Period.Length), model.Duration(30*time.Second)
	}
	for _, w := range watches {
		if s.Alerting.Route(w.severity).Disabled {
			continue
		}
		limit := " > (" + w.rate.String() + " * " + s.Objective.Budget().String() + ")"
		g.Rules = append(g.Rules, rules.Rule{
			Alert:  fmt.Sprintf("%s %s/%s", s.ID, w.long, w.short),
			Expr:   share(s.Indicator, w.short) + limit + "\nand\n" + share(s.Indicator, w.long) + limit,
			For:    model.Duration(w.hold),
			Labels: map[string]string{"severity": string(w.severity)},
			Pos:    s.Pos,
		})
	}
	return g, nil
}

// sloth are the windows of Sloth: those of its AlertWindows, else the table of the SRE Workbook; burn = share × period ÷ long window
// (https://sloth.dev/introduction/architecture/, read 2026-11). It repairs none.
func sloth(s slo.SLO) []watch {
	policy := s.Policy
	if policy == nil {
		policy = slo.DefaultPolicy()
	}
	var out []watch
	for _, p := range policy {
		out = append(out, watch{severity: p.Severity, long: p.Long, short: p.Short, rate: p.Share.Mul(s.Period.Length.Over(p.Long))})
	}
	return out
}

// pyrra are the windows of Pyrra, which scale with the period from those for 28 days and are rounded to minutes, and the times for which
// they are held (github.com/pyrra-dev/pyrra, slo/rules.go, read 2026-11).
func pyrra(period slo.Window) []watch {
	part := func(n slo.Window) slo.Window { return slo.Window(time.Duration(period / n).Round(time.Minute)) }
	one := func(severity slo.Severity, rate int64, hold, long, short slo.Window) watch {
		return watch{severity: severity, long: part(long), short: part(short), rate: slo.NewNumber(rate, 1), hold: part(hold)}
	}
	return []watch{
		one(slo.Page, 14, 28*24*30, 28*24, 28*24*12),
		one(slo.Page, 7, 28*24*4, 28*4, 28*24*2),
		one(slo.Ticket, 2, 28*24, 28, 28*12),
		one(slo.Ticket, 1, 28*8, 7, 28*4),
	}
}

var windowWord = regexp.MustCompile(`\{\{-?\s*\.window\s*-?\}\}`)

// share is the share of bad events in a window.
func share(in slo.Indicator, w slo.Window) string {
	over := func(q slo.Query) string { return "(" + windowWord.ReplaceAllLiteralString(q.Text, w.String()) + ")" }
	switch {
	case !in.Ratio.IsZero():
		return over(in.Ratio)
	case !in.Good.IsZero():
		return "((" + over(in.Total) + " - " + over(in.Good) + ") / " + over(in.Total) + ")"
	default:
		return "(" + over(in.Bad) + " / " + over(in.Total) + ")"
	}
}
