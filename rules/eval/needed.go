package eval

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules"
)

// Part is a part of some groups, with what its rules read.
type Part struct {
	Groups []rules.Group
	reads  []reads
}

// Reads reports whether a rule of the part reads a series.
func (p *Part) Reads(ls labels.Labels) bool {
	return slices.ContainsFunc(p.reads, func(r reads) bool {
		return r.all || slices.ContainsFunc(r.selectors, func(ms []*labels.Matcher) bool { return Matches(ls, ms) })
	})
}

// Concerned gives the part of groups that has to do with a change of series: the alerts that can notice and whose severity is wanted, and
// the rules whose series these read, however far off. What is left out gives the same whether they change or not, or is not wanted.
func Concerned(groups []rules.Group, changed []labels.Labels, wanted func(severity string) bool) *Part {
	rules, g := prepared(groups)
	affected := g.affected(changed)
	return part(groups, g, g.behind(rules, func(i int) bool {
		severity := rules[i].labels.Get("severity")
		return affected[i] && rules[i].Alert != "" && (wanted(severity) || strings.Contains(severity, "{{"))
	}))
}

// Behind gives the part of groups that has to do with some of its rules: those, and the rules whose series they read, however far off.
func Behind(groups []rules.Group, is func(*rules.Rule) bool) *Part {
	all, g := prepared(groups)
	return part(groups, g, g.behind(all, func(i int) bool { return is(all[i].Rule) }))
}

func prepared(groups []rules.Group) ([]*rule, *graph) {
	e := New(NewStore(), groups, Options{NoAnnotations: true})
	return e.rules, newGraph(e.rules)
}

// behind marks rules, and those whose series they read.
func (g *graph) behind(all []*rule, is func(i int) bool) []bool {
	needed := make([]bool, len(all))
	var visit func(i int)
	visit = func(i int) {
		if needed[i] {
			return
		}
		needed[i] = true
		for w := range all {
			if !needed[w] && (g.reads[i].all || slices.ContainsFunc(g.reads[i].selectors, g.writes[w].matches)) {
				visit(w)
			}
		}
	}
	for i := range all {
		if is(i) {
			visit(i)
		}
	}
	for i := range all { // of several rules that write one series each is needed, as it is what all of them make of it
		for w := range all {
			if needed[i] && !needed[w] && all[w].Record != "" && slices.Equal(g.writes[i].names, g.writes[w].names) &&
				g.writes[i].overlap(g.writes[w]) {
				visit(w)
			}
		}
	}
	return needed
}

// part is the groups with only the rules that are needed.
func part(groups []rules.Group, g *graph, needed []bool) *Part {
	p := &Part{}
	i := 0
	for _, group := range groups {
		all := group.Rules
		group.Rules = nil
		for _, r := range all {
			if needed[i] {
				group.Rules, p.reads = append(group.Rules, r), append(p.reads, g.reads[i])
			}
			i++
		}
		if len(group.Rules) > 0 {
			p.Groups = append(p.Groups, group)
		}
	}
	return p
}
