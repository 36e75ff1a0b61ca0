package eval

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules"
)

// Part is the part of some groups that has to do with a change of series.
type Part struct {
	Groups []rules.Group // with only the rules that can notice, and those whose series these read, however far off
	reads  []reads
}

// Reads reports whether a rule of the part reads a series.
func (p *Part) Reads(ls labels.Labels) bool {
	return slices.ContainsFunc(p.reads, func(r reads) bool {
		return r.all || slices.ContainsFunc(r.selectors, func(ms []*labels.Matcher) bool { return Matches(ls, ms) })
	})
}

// Concerned gives the part of groups that has to do with a change of series: what is left out gives the same whether they change or not.
func Concerned(groups []rules.Group, changed []labels.Labels) *Part {
	e := New(NewStore(), groups, Options{NoAnnotations: true})
	g := newGraph(e.rules)
	needed := g.affected(changed)
	before := make([][]int, len(e.rules))
	for w, readers := range g.next {
		for _, r := range readers {
			before[r] = append(before[r], w)
		}
	}
	var visit func(i int)
	visit = func(i int) {
		for _, w := range before[i] {
			if !needed[w] {
				needed[w] = true
				visit(w)
			}
		}
	}
	for i, is := range slices.Clone(needed) {
		if is {
			visit(i)
		}
	}
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
