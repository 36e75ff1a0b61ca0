package eval

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules"
)

// Network is how the rules of some groups depend on one another, by their order in the groups.
type Network struct {
	groups []rules.Group
	rules  []*rule
	graph  *graph
}

// NewNetwork reads the rules of groups once, for questions about many parts of them.
func NewNetwork(groups []rules.Group) *Network {
	e := New(NewStore(), groups, Options{NoAnnotations: true})
	return &Network{groups: groups, rules: e.rules, graph: newGraph(e.rules)}
}

// Concerned marks the rules that have to do with a change of series: the alerts that can notice and whose severity is wanted, and the rules
// whose series these read, however far off. What is left out gives the same whether they change or not, or is not wanted.
func (n *Network) Concerned(changed []labels.Labels, wanted func(severity string) bool) []bool {
	affected := n.graph.affected(changed)
	return n.graph.behind(func(i int) bool {
		severity := n.rules[i].labels.Get("severity")
		return affected[i] && n.rules[i].Alert != "" && (wanted(severity) || strings.Contains(severity, "{{"))
	})
}

// Part is the part of the groups that has the marked rules.
func (n *Network) Part(marked []bool) *Part {
	p := &Part{named: map[string][][]*labels.Matcher{}}
	i := 0
	for _, group := range n.groups {
		all := group.Rules
		group.Rules = nil
		for _, r := range all {
			if marked[i] {
				group.Rules = append(group.Rules, r)
				p.add(n.graph.reads[i])
			}
			i++
		}
		if len(group.Rules) > 0 {
			p.Groups = append(p.Groups, group)
		}
	}
	return p
}

// Part is a part of some groups, with what its rules read.
type Part struct {
	Groups []rules.Group
	all    bool                           // may be anything
	named  map[string][][]*labels.Matcher // selectors by the metric that they ask for; "" where they ask for none by its name
}

func (p *Part) add(r reads) {
	p.all = p.all || r.all
	for _, ms := range r.selectors {
		name := ""
		if at := slices.IndexFunc(ms, named); at >= 0 {
			name = ms[at].Value
		}
		p.named[name] = append(p.named[name], ms)
	}
}

func named(m *labels.Matcher) bool { return m.Name == labels.MetricName && m.Type == labels.MatchEqual }

// Reads reports whether a rule of the part reads a series.
func (p *Part) Reads(ls labels.Labels) bool {
	match := func(ms []*labels.Matcher) bool { return Matches(ls, ms) }
	return p.all || slices.ContainsFunc(p.named[ls.Get(labels.MetricName)], match) || slices.ContainsFunc(p.named[""], match)
}

// Concerned gives the part of groups that has to do with a change of series.
func Concerned(groups []rules.Group, changed []labels.Labels, wanted func(severity string) bool) *Part {
	n := NewNetwork(groups)
	return n.Part(n.Concerned(changed, wanted))
}

// Behind gives the part of groups that has to do with some of its rules: those, and the rules whose series they read, however far off.
func Behind(groups []rules.Group, is func(*rules.Rule) bool) *Part {
	n := NewNetwork(groups)
	return n.Part(n.graph.behind(func(i int) bool { return is(n.rules[i].Rule) }))
}

// behind marks rules, those whose series they read, and those that write the same series, as it is what all of them make of it.
func (g *graph) behind(is func(i int) bool) []bool {
	needed := make([]bool, len(g.next))
	var visit func(i int)
	visit = func(i int) {
		if needed[i] {
			return
		}
		needed[i] = true
		for _, w := range g.from[i] {
			visit(w)
		}
	}
	for i := range g.next {
		if is(i) {
			visit(i)
		}
	}
	return needed
}
