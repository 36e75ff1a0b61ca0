package rules

import (
	"errors"
	"fmt"
	"strings"

	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
)

// experimental is every feature of the language that Prometheus v3.16 hides behind a flag.
var experimental = parser.Options{EnableExperimentalFunctions: true, EnableBinopFillModifiers: true, EnableUnquotedUTF8Names: true}

// ParseExpr parses a PromQL expression, with the features that Prometheus hides behind flags.
func ParseExpr(text string) (parser.Expr, error) {
	return NewParser().ParseExpr(text)
}

// ParsePlain parses a PromQL expression as a Prometheus without feature flags does.
func ParsePlain(text string) (parser.Expr, error) {
	return bounded{parser.NewParser(parser.Options{})}.ParseExpr(text)
}

// NewParser is the parser that ParseExpr uses, for those who evaluate what it parsed.
func NewParser() parser.Parser { return bounded{parser.NewParser(experimental)} }

// maxExpr is how many bytes an expression may have outside of its strings, about ten times as many as the longest that is known
// has. What works on trees goes as deep as they are, and its time often grows with the square of that: a million parentheses
// would be the end of the stack, which no program survives.
const maxExpr = 16 << 10

// bounded is a parser that refuses expressions which are too long.
type bounded struct{ parser.Parser }

// ParseExpr parses an expression.
func (b bounded) ParseExpr(text string) (parser.Expr, error) {
	if len(text) > maxExpr && len(text)-inStrings(text) > maxExpr {
		return nil, fmt.Errorf(
			"the expression has more than %d KiB without its strings, up to which expressions are read; record parts of it",
			maxExpr>>10,
		)
	}
	return b.Parser.ParseExpr(text)
}

// inStrings is how many bytes of an expression are in strings and comments, with their ends.
func inStrings(text string) (n int) {
	for i := 0; i < len(text); i++ {
		start := i
		if strings.IndexByte("\"'`#", text[i]) < 0 {
			continue
		}
		stop := text[i]
		if stop == '#' {
			stop = '\n'
		}
		for i++; i < len(text) && text[i] != stop; i++ {
			if text[i] == '\\' && (stop == '"' || stop == '\'') {
				i++
			}
		}
		n += min(i+1, len(text)) - start
	}
	return n
}

// expression checks an expression; at gives the place of an offset in it.
func (r *reader) expression(rule Rule, at func(int) diag.Position) {
	_, err := ParsePlain(rule.Expr)
	if err == nil {
		return
	}
	if i := strings.Index(rule.Expr, "{{"); i >= 0 {
		r.fail(at(i), FindingTemplate, diag.Error, "%s: templating is left in the expression; %s", rule.Name(), renderFirst)
		return
	}
	from, to, message := parseError(err)
	place := at(from)
	if last := at(to - 1); to > from && last.Line == place.Line && last.Column >= place.Column {
		last.Column++
		place = place.To(last)
	}
	if _, again := ParseExpr(rule.Expr); again == nil {
		r.fail(place, FindingExperiment, diag.Warning, "%s: the expression needs a feature flag of Prometheus: %s", rule.Name(), message)
		return
	}
	r.fail(place, FindingPromQL, diag.Error, "%s: %s", rule.Name(), message)
}

// parseError gives the span and the words of the first error of the parser.
func parseError(err error) (from, to int, message string) {
	var all parser.ParseErrors
	if errors.As(err, &all) && len(all) > 0 {
		return int(all[0].PositionRange.Start), int(all[0].PositionRange.End), all[0].Err.Error()
	}
	var one *parser.ParseErr
	if errors.As(err, &one) {
		return int(one.PositionRange.Start), int(one.PositionRange.End), one.Err.Error()
	}
	return 0, 0, err.Error()
}
