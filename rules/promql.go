package rules

import (
	"errors"
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

// NewParser is the parser that ParseExpr uses, for those who evaluate what it parsed.
func NewParser() parser.Parser { return parser.NewParser(experimental) }

// expression checks an expression; at gives the place of an offset in it.
func (r *reader) expression(rule Rule, at func(int) diag.Position) {
	_, err := parser.NewParser(parser.Options{}).ParseExpr(rule.Expr)
	if err == nil {
		return
	}
	if i := strings.Index(rule.Expr, "{{"); i >= 0 {
		r.fail(at(i), FindingTemplate, diag.Error, "%s: templating is left in the expression; %s", rule.Name(), renderFirst)
		return
	}
	offset, message := parseError(err)
	if _, again := ParseExpr(rule.Expr); again == nil {
		r.fail(at(offset), FindingExperiment, diag.Warning, "%s: the expression needs a feature flag of Prometheus: %s", rule.Name(), message)
		return
	}
	r.fail(at(offset), FindingPromQL, diag.Error, "%s: %s", rule.Name(), message)
}

// parseError gives the offset and the words of the first error of the parser.
func parseError(err error) (offset int, message string) {
	var all parser.ParseErrors
	if errors.As(err, &all) && len(all) > 0 {
		return int(all[0].PositionRange.Start), all[0].Err.Error()
	}
	var one *parser.ParseErr
	if errors.As(err, &one) {
		return int(one.PositionRange.Start), one.Err.Error()
	}
	return 0, err.Error()
}
