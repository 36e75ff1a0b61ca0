package rules_test

import (
	"strings"
	"testing"

	"treadmill/rules"
)

// Expressions that would go too deep are refused before they are parsed; what is long because of its strings is not.
func TestExpressionsHaveABound(t *testing.T) {
	long := strings.Repeat("p", 100_000)
	for name, test := range map[string]struct {
		expr string
		ok   bool
	}{
		"parentheses":            {strings.Repeat("(", 1_000_000) + "1" + strings.Repeat(")", 1_000_000), false},
		"signs":                  {strings.Repeat("-", 5_000_000) + "1", false},
		"a chain":                {strings.Repeat("1+", 1_000_000) + "1", false},
		"calls, a quote first":   {`x{a="\""} + ` + strings.Repeat("abs(", 1_000_000), false},
		"after a comment":        {"# it's\n" + strings.Repeat("(", 1_000_000), false},
		"an end that never is":   {`up{job="` + long, false}, // not PromQL, and not too long
		"a long regex":           {`up{job=~"` + long + `"}`, true},
		"in other quotes":        {"up{job=~'" + long + "\\'\"'} + up{job=`" + long + "\\`}", true},
		"a long comment":         {"# " + long + "\nup", true},
		"as long as rules go":    {strings.Repeat("up + ", 3000) + "up", true},
		"a hundred of nestings":  {strings.Repeat("abs(", 100) + "x" + strings.Repeat(")", 100), true},
		"features behind a flag": {`limitk(2, up)`, true},
	} {
		if _, err := rules.ParseExpr(test.expr); (err == nil) != test.ok {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := rules.ParsePlain(test.expr); (err == nil) != (test.ok && !strings.HasPrefix(test.expr, "limitk")) {
			t.Errorf("%s, plain: %v", name, err)
		}
	}
	files, findings := rules.Read("r.yaml", []byte("groups:\n- name: g\n  rules:\n  - {alert: A, expr: '"+strings.Repeat("(", 200_000)+"'}\n"))
	if len(rules.Rules(files)) > 0 && len(findings) == 0 || len(findings) != 1 || findings[0].ID != rules.FindingPromQL ||
		!strings.Contains(findings[0].Message, "more than 16 KiB") {
		t.Errorf("%v", findings)
	}
}
