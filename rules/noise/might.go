package noise

import (
	"slices"

	"github.com/prometheus/alertmanager/pkg/labels"
)

// Subject is an alert as far as its rule tells: labels that it surely has, and a function for which others it may have. All others it
// has not.
type Subject struct {
	Labels map[string]string
	May    func(label string) bool
}

// sure is an answer that is not always known.
type sure int

const (
	no sure = iota
	maybe
	yes
)

// matched tells whether matchers match an alert, as far as that is known.
func (s Subject) matched(ms labels.Matchers) sure {
	out := yes
	for _, m := range ms {
		value, known := s.Labels[m.Name]
		switch {
		case (known || s.May == nil || !s.May(m.Name)) && !m.Matches(value):
			return no
		case !known && s.May != nil && s.May(m.Name):
			out = maybe
		}
	}
	return out
}

// Might names every receiver that may be told of an alert, in order; routes that go by labels which are not known are taken both ways.
func (c Config) Might(s Subject) []string {
	found := map[string]bool{}
	c.root.might(s, found)
	var out []string
	for name := range found {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

func (r route) might(s Subject, found map[string]bool) sure {
	out := s.matched(r.matchers)
	if out == no {
		return no
	}
	taken := no
	for _, child := range r.routes {
		is := child.might(s, found)
		taken = max(taken, is)
		if is == yes && !child.cont {
			break
		}
	}
	if taken != yes {
		found[r.receiver] = true
	}
	return out
}

// Silent reports whether a receiver tells nobody: it is defined, and has no integration.
func (c Config) Silent(receiver string) bool { return c.silent[receiver] }

// Told reports whether somebody may be told of an alert.
func (c Config) Told(s Subject) bool {
	return slices.ContainsFunc(c.Might(s), func(r string) bool { return !c.Silent(r) })
}

// Inhibitions is how many inhibit rules there are.
func (c Config) Inhibitions() int { return len(c.inhibits) }

// Inhibition writes an inhibit rule, from 0, in the notation of Alertmanager.
func (c Config) Inhibition(i int) string {
	r := c.inhibits[i]
	out := r.source.String() + " mutes " + r.target.String()
	for n, name := range r.equal {
		out += map[bool]string{true: " where ", false: ", "}[n == 0] + name
	}
	if len(r.equal) > 0 {
		out += map[bool]string{true: " is equal", false: " are equal"}[len(r.equal) == 1]
	}
	return out
}

// Names reports whether an inhibit rule names the alerts that mute.
func (c Config) Names(i int) bool {
	return slices.ContainsFunc(c.inhibits[i].source, func(m *labels.Matcher) bool { return m.Name == "alertname" })
}

// Mutes reports whether an alert may mute another by an inhibit rule.
func (c Config) Mutes(i int, source, target Subject) bool {
	r := c.inhibits[i]
	if source.matched(r.source) == no || target.matched(r.target) == no {
		return false
	}
	if target.matched(r.source) == yes && source.matched(r.target) == yes {
		return false // of what is on both sides neither mutes the other
	}
	return !slices.ContainsFunc(r.equal, func(name string) bool {
		a, known := source.value(name)
		b, also := target.value(name)
		return known && also && a != b
	})
}

// value is what a label surely is, "" when it is surely missing.
func (s Subject) value(name string) (value string, known bool) {
	value, known = s.Labels[name]
	return value, known || s.May == nil || !s.May(name)
}
