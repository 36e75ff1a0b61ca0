// Package change says what of two states of rules a change has touched, and which findings are its own.
//
// The way through it: the rules before and after → Compare → Change, which is asked for its own findings among those of both states. A
// rule is the same where Prometheus would do the same for it: the layout of an expression and the file that it stands in make no
// difference. It reads nothing.
package change

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/rules"
)

// Change is what is apart between two states of rules.
type Change struct {
	Added   int `json:"added"`
	Changed int `json:"changed"`
	Removed int `json:"removed"`
	Same    int `json:"same"`

	before, after places
	touched       map[diag.Position]bool // rules of the state after that are new or changed
}

// Compare pairs the rules of two states.
func Compare(before, after []rules.File) Change {
	c := Change{before: placesOf(before), after: placesOf(after), touched: map[diag.Position]bool{}}
	old, names := map[string]int{}, map[string]int{}
	for _, p := range c.before.rules {
		old[p.print]++
		names[p.name]++
	}
	var rest []placed
	for _, p := range c.after.rules {
		if old[p.print] == 0 {
			rest = append(rest, p)
			continue
		}
		old[p.print]--
		names[p.name]--
		c.Same++
	}
	for _, p := range rest {
		c.touched[p.at] = true
		if names[p.name] > 0 {
			names[p.name]--
			c.Changed++
		} else {
			c.Added++
		}
	}
	for _, n := range names {
		c.Removed += n
	}
	return c
}

// Own are those of the findings after that the change answers for: on rules that it touched, those that the state before did not have on
// the same rule, and what could not be read. The others are as many as others says.
func (c Change) Own(before, after []diag.Finding) (own []diag.Finding, others int) {
	old := map[string]int{}
	for _, f := range before {
		old[c.before.key(f)]++
	}
	for _, f := range after {
		p, ok := c.after.holds(f.Position)
		key := c.after.key(f)
		if (!ok || !c.touched[p.at]) && old[key] > 0 && f.ID != diag.Unread && f.ID != diag.Syntax {
			old[key]--
			others++
			continue
		}
		own = append(own, f)
	}
	return own, others
}

// SameRule reports whether two places lie in one rule of the state after.
func (c Change) SameRule(a, b diag.Position) bool {
	x, in := c.after.holds(a)
	y, too := c.after.holds(b)
	return in && too && x.at == y.at
}

// placed is a rule, or the head of a group, where it stands.
type placed struct {
	at          diag.Position
	name, print string // of a rule: its kind and name, and all that Prometheus makes of it
}

// places are the rules of a state, and where rules and groups begin in each file.
type places struct {
	rules  []placed
	starts map[string][]placed // by file, in order
}

func placesOf(files []rules.File) places {
	out := places{starts: map[string][]placed{}}
	for _, file := range files {
		for i := range file.Groups {
			g := &file.Groups[i]
			out.starts[g.Pos.File] = append(out.starts[g.Pos.File], placed{at: g.Pos})
			for k := range g.Rules {
				p := printOf(rules.Placed{File: &file, Group: g, Rule: &g.Rules[k]})
				out.rules, out.starts[p.at.File] = append(out.rules, p), append(out.starts[p.at.File], p)
			}
		}
	}
	for _, starts := range out.starts {
		slices.SortFunc(starts, func(a, b placed) int { return compare(a.at, b.at) })
	}
	return out
}

func compare(a, b diag.Position) int {
	return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
}

// printOf is a rule with all that Prometheus makes of it in one text.
func printOf(p rules.Placed) placed {
	kind := "record "
	if p.Rule.Alert != "" {
		kind = "alert "
	}
	expr := strings.Join(strings.Fields(p.Rule.Expr), " ")
	if e, err := rules.ParseExpr(p.Rule.Expr); err == nil {
		expr = e.String()
	}
	var all strings.Builder
	fmt.Fprintf(&all, "%s%s\n%s\n%s %s %s %s\n", kind, p.Rule.Name(), expr, p.Rule.For, p.Rule.KeepFiringFor,
		p.Group.Interval, p.Group.Offset())
	for _, some := range []map[string]string{p.Labels(), p.Rule.Annotations} {
		for _, k := range slices.Sorted(maps.Keys(some)) {
			fmt.Fprintf(&all, "%q: %q\n", k, some[k])
		}
	}
	return placed{at: p.Rule.Pos, name: kind + p.Rule.Name(), print: all.String()}
}

// holds is the rule that a place lies in.
func (p places) holds(at diag.Position) (placed, bool) {
	starts := p.starts[at.File]
	i, found := slices.BinarySearchFunc(starts, at, func(s placed, at diag.Position) int { return compare(s.at, at) })
	if !found {
		i--
	}
	if at.Line == 0 || i < 0 || starts[i].name == "" {
		return placed{}, false
	}
	return starts[i], true
}

// lines are places in messages, which move when lines above them do.
var lines = regexp.MustCompile(`:\d+(:\d+)?\b|\bline \d+`)

// key is what a finding says of which rule, wherever that stands. Of two rules that are the same the second is told, with the group of the
// first: which that is changes when groups change places.
func (p places) key(f diag.Finding) string {
	rule, _ := p.holds(f.Position)
	message := lines.ReplaceAllString(diag.Said(f.Message), "")
	if f.ID == rules.FindingRuleTwice && rule.print != "" {
		message = ""
	}
	return f.ID + "\x00" + message + "\x00" + rule.print
}
