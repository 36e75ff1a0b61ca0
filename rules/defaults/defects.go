package defaults

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"treadmill/internal/diag"
	"treadmill/rules"
)

// The IDs of the defects that a rule has by itself, whatever the data.
const (
	NeverMatches = "audit/never-matches" // a selector that no series can satisfy
	AbsentUp     = "audit/absent-up"     // absent(up) without == 1: targets that are known and down count as present
	LostLabel    = "audit/lost-label"    // a template uses a label that the result of the expression cannot have
	AlwaysFires  = "audit/always-fires"  // an alert on a constant that is not a dead-man switch
	PendingCount = "audit/pending"       // ALERTS without a state: pending alerts count as firing ones
	NoFor        = "audit/no-for"        // fires at the first evaluation
	NoRunbook    = "audit/no-runbook"    // says what is wrong but not what to do
)

// defects finds what is surely wrong with a rule.
func defects(p rules.Placed, expr parser.Expr) []diag.Finding {
	rule, severity := p.Rule, p.Labels()["severity"]
	var out []diag.Finding
	report := func(at diag.Position, id string, weight diag.Severity, format string, args ...any) {
		out = append(out, diag.Finding{ID: id, Severity: weight, Position: at, Message: rule.Name() + ": " + fmt.Sprintf(format, args...)})
	}
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.VectorSelector:
			if m := impossible(n.LabelMatchers); m != nil {
				report(rule.ExprPos, NeverMatches, diag.Warning, "no series can match %s, because of %s", n, m)
			}
			if n.Name == "ALERTS" && rule.Alert != "" && !matches(n, "alertstate") {
				report(rule.ExprPos, PendingCount, diag.Warning, "%s has no alertstate, so alerts that are only pending count too", n)
			}
		case *parser.Call:
			if n.Func.Name == "absent" && isUp(n.Args[0]) {
				report(rule.ExprPos, AbsentUp, diag.Warning, "%s is silent when targets are known and all of them are down: write absent(%s == 1)", n, n.Args[0])
			}
		}
		return nil
	})
	if rule.Alert == "" {
		return out
	}
	for _, name := range lostLabels(rule, expr) {
		report(rule.Pos, LostLabel, diag.Warning, "a template uses $labels.%s, which the result of the expression never has", name)
	}
	if severity != "none" && severity != "" && isConstant(expr) {
		report(rule.ExprPos, AlwaysFires, diag.Warning, "fires always, as its expression is a constant")
	}
	if rule.For == 0 && !isConstant(expr) && severity != "none" && lookback(expr) < steady {
		report(rule.Pos, NoFor, diag.Info, "has no \"for\": one bad evaluation fires it")
	}
	if link := cmp.Or(rule.Annotations["runbook_url"], rule.Annotations["runbook"]); link == "" {
		report(rule.Pos, NoRunbook, diag.Info, "has no runbook_url: whoever gets it is not told what to do")
	} else if why := runbookPage(link); why != "" {
		report(rule.Pos, DeadRunbook, diag.Info, "%s", why)
	}
	return out
}

// steady is how far back an alert looks that no single evaluation decides: the long window of a burn rate stands for its "for".
const steady = 30 * time.Minute

// windowOf finds the window in the name of a recorded series, as in slo:sli_error:ratio_rate1h.
var windowOf = regexp.MustCompile(`:.*[a-z](\d+[mhdw])$`)

// lookback is how far back an expression looks at the most, by its ranges and by the names of what it reads that is recorded.
func lookback(expr parser.Expr) (most time.Duration) {
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.MatrixSelector:
			most = max(most, n.Range)
		case *parser.SubqueryExpr:
			most = max(most, n.Range)
		case *parser.VectorSelector:
			if m := windowOf.FindStringSubmatch(n.Name); m != nil {
				window, _ := model.ParseDuration(m[1])
				most = max(most, time.Duration(window))
			}
		}
		return nil
	})
	return most
}

// impossible returns a matcher that keeps a selector from ever matching, nil when there is none.
func impossible(ms []*labels.Matcher) *labels.Matcher {
	for _, m := range ms {
		if m.Type == labels.MatchNotRegexp && slices.Contains([]string{".*", "(.*)", ".*?"}, m.Value) {
			return m
		}
		for _, other := range ms {
			if m.Type == labels.MatchEqual && m.Name == other.Name && !other.Matches(m.Value) {
				return other
			}
		}
	}
	return nil
}

func matches(vs *parser.VectorSelector, label string) bool {
	return slices.ContainsFunc(vs.LabelMatchers, func(m *labels.Matcher) bool { return m.Name == label })
}

func isUp(e parser.Expr) bool {
	vs, ok := e.(*parser.VectorSelector)
	return ok && vs.Name == "up"
}

// isConstant reports whether an expression looks at no series.
func isConstant(expr parser.Expr) bool {
	constant := true
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if c, ok := n.(*parser.Call); ok && c.Func.Name != "vector" {
			constant = false
		}
		if _, ok := n.(*parser.VectorSelector); ok {
			constant = false
		}
		return nil
	})
	return constant
}

var (
	usedLabel     = regexp.MustCompile(`\$labels\.([a-zA-Z_][a-zA-Z0-9_]*)`)
	optionalLabel = regexp.MustCompile(`\b(?:if|with)\s[^}]*?\$labels\.([a-zA-Z_][a-zA-Z0-9_]*)`)
)

// lostLabels are the labels that templates show but that the result cannot have, sorted. A label that some template
// asks for with "if" or "with" is taken to be optional.
func lostLabels(rule *rules.Rule, expr parser.Expr) []string {
	result := rules.ResultLabels(expr)
	used, optional := map[string]bool{}, map[string]bool{}
	for _, texts := range []map[string]string{rule.Annotations, rule.Labels} {
		for _, text := range texts {
			for _, m := range usedLabel.FindAllStringSubmatch(text, -1) {
				used[m[1]] = true
			}
			for _, m := range optionalLabel.FindAllStringSubmatch(text, -1) {
				optional[m[1]] = true
			}
		}
	}
	return slices.DeleteFunc(slices.Sorted(maps.Keys(used)), func(name string) bool { return optional[name] || result.Has(name) })
}
