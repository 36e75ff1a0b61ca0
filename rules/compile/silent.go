package compile

import (
	"strconv"
	"strings"

	"treadmill/rules"
	"treadmill/rules/compile/query"
)

// silent are the rules that keep the last values of counters which do not answer, and since when they do so, in the order of their keys:
// those of the part's own.
func (c *compiler) silent(p part) []rules.Rule {
	var out []rules.Rule
	for _, counter := range p.kept() {
		labels := map[string]string{query.Of: p.names().Replace(counter.Key)}
		out = append(out,
			rules.Rule{Record: query.Silent, Expr: p.rule(counter.Keep(c.every)), Labels: labels},
			rules.Rule{Record: query.Since, Expr: p.rule(counter.Began()), Labels: labels})
	}
	return out
}

// kept are the counters whose silent ones the part keeps: not those of an SLO from which it takes its events.
func (p part) kept() []query.Counter {
	var out []query.Counter
	for _, counter := range p.Counters {
		if (p.total == p.of || strings.HasPrefix(counter.Key, query.OfPart)) && !p.taken {
			out = append(out, counter)
		}
	}
	return out
}

// rule is a text of the part's events with the names of those that keep its silent counters.
func (p part) rule(text string) string {
	inner := func(s string) string { return strings.Trim(strconv.Quote(s), `"`) }
	return strings.NewReplacer(query.OfTotal, inner(p.total), query.OfPart, inner(p.of)).Replace(text)
}

func (p part) names() *strings.Replacer {
	return strings.NewReplacer(query.OfTotal, p.total, query.OfPart, p.of)
}
