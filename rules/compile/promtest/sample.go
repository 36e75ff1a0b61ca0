package promtest

import (
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// sample makes a series that a selector matches, as labels by name. Labels of the grouping get a value too. It reports
// false where it finds none.
func sample(v *parser.VectorSelector, by []string, value string) (map[string]string, bool) {
	out := map[string]string{}
	for _, m := range v.LabelMatchers {
		switch m.Type {
		case labels.MatchEqual:
			out[m.Name] = m.Value
		case labels.MatchRegexp:
			if out[m.Name] == "" || !m.Matches(out[m.Name]) {
				out[m.Name] = example(m.Value)
			}
		case labels.MatchNotEqual, labels.MatchNotRegexp:
			if _, set := out[m.Name]; !set {
				out[m.Name] = "other"
			}
		}
	}
	for _, name := range by {
		if _, set := out[name]; !set {
			out[name] = value
		}
	}
	return out, matches(v, out)
}

// matches reports whether a selector matches a series.
func matches(v *parser.VectorSelector, series map[string]string) bool {
	return !slices.ContainsFunc(v.LabelMatchers, func(m *labels.Matcher) bool { return !m.Matches(series[m.Name]) })
}

// apart makes a series that the first selector matches and the second does not: a good event where the first selects all
// and the second the bad ones.
func apart(all, part *parser.VectorSelector, by []string, value string) (map[string]string, bool) {
	base, ok := sample(all, by, value)
	if ok && !matches(part, base) {
		return base, true
	}
	for _, m := range part.LabelMatchers {
		for _, candidate := range []string{example(m.Value), "200", "other", "ok", "success", "true", "OK", "0", "1", ""} {
			if m.Name == model.MetricNameLabel || slices.Contains(by, m.Name) {
				continue
			}
			try := map[string]string{}
			for k, v := range base {
				try[k] = v
			}
			if try[m.Name] = candidate; matches(all, try) && !matches(part, try) {
				return try, true
			}
		}
	}
	return nil, false
}

// example is a short text that a regular expression matches, as far as it is made of letters, dots, alternatives and repetitions.
func example(pattern string) string {
	re, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	write(&b, re.Simplify())
	return b.String()
}

func write(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		if len(re.Rune) > 0 {
			b.WriteRune(max(re.Rune[0], '0'))
		}
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte('0')
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		for _, sub := range re.Sub {
			write(b, sub)
		}
	case syntax.OpAlternate:
		write(b, re.Sub[0])
	}
}

// notation is a series as Prometheus writes it.
func notation(series map[string]string) string {
	names := []string{}
	for name, value := range series {
		if name != model.MetricNameLabel && value != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for i, name := range names {
		names[i] = name + "=" + strconv.Quote(series[name])
	}
	return series[model.MetricNameLabel] + "{" + strings.Join(names, ",") + "}"
}
