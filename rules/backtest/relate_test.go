package backtest_test

import (
	"testing"

	"treadmill/rules"
	"treadmill/rules/backtest"
	"treadmill/slo"
)

// An alert is about an SLO when it reads its series, by itself or through recording rules of the same files, or when a label names the SLO.
func TestConcerned(t *testing.T) {
	s := spec(t, "99", slo.Day, false, short())
	s.ID, s.Name, s.Object = "team/shop-orders", "orders", slo.Object{Namespace: "team"}
	metric := `sum(rate(x{unlike="any"}[5m])) > 1`
	for name, c := range map[string]struct {
		rules []rules.Rule
		want  bool
	}{
		"another metric":                 {[]rules.Rule{{Alert: "A", Expr: metric}}, false},
		"what the SLO counts":            {[]rules.Rule{{Alert: "A", Expr: "sum(rate(total[1h])) > 1"}}, true},
		"a recording rule alone":         {[]rules.Rule{{Record: "r", Expr: `y{sloth_id="shop-orders"}`}}, false},
		"Sloth's series":                 {[]rules.Rule{{Alert: "A", Expr: `slo:sli_error:ratio_rate5m{sloth_id="shop-orders"} > 1`}}, true},
		"Sloth's series of another SLO":  {[]rules.Rule{{Alert: "A", Expr: `slo:sli_error:ratio_rate5m{sloth_id="shop-carts"} > 1`}}, false},
		"Sloth's label":                  {[]rules.Rule{{Alert: "A", Expr: metric, Labels: map[string]string{"sloth_id": "shop-orders"}}}, true},
		"Pyrra's label":                  {[]rules.Rule{{Alert: "A", Expr: metric, Labels: map[string]string{"slo": "orders"}}}, true},
		"Pyrra's label of another SLO":   {[]rules.Rule{{Alert: "A", Expr: metric, Labels: map[string]string{"slo": "carts"}}}, false},
		"through a rule with the label":  {[]rules.Rule{{Record: "r", Expr: `y{slo="orders"}`}, {Alert: "A", Expr: "r > 1"}}, true},
		"a pattern that may be the name": {[]rules.Rule{{Alert: "A", Expr: `y{slo=~"orders|carts"} > 1`}}, false},
	} {
		if got := backtest.Concerned([]rules.Group{{Name: "g", Rules: c.rules}}, s); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
