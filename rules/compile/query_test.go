package compile_test

import (
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/compile/query"
	"treadmill/slo"
)

// tiles are what an indicator counts in a tile, all events and the bad or good ones, in short; or the first error.
func tiles(t testing.TB, in slo.Indicator) (total, bad string) {
	t.Helper()
	e := query.Count(in, slo.Tile)
	for _, f := range e.Findings {
		if f.Severity == diag.Error {
			return "error: " + f.Message, "error: " + f.Message
		}
	}
	if e.Good {
		return e.Written[0], "good: " + e.Written[1]
	}
	return e.Written[0], e.Written[1]
}

func TestQueriesAreRewritten(t *testing.T) {
	for _, c := range []struct{ query, want string }{
		{`sum(rate(x[{{.window}}]))`, `sum(increase(x[5m]))`},
		{`sum(rate(x{a="{{.window}}"}[{{ .window }}]))`, `{{.window}} may only replace a range`},
		{`sum(rate(x[1h]))`, `sum(increase(x[5m]))`},
		{`sum(irate(x[{{.window}}]))`, `sum(increase(x[5m]))`},
		{`sum(x{a="b"})`, `sum(increase(x{a="b"}[5m]))`},
		{`x`, `sum(increase(x[5m]))`},
		{`rate(x[{{.window}}] offset 1m)`, `sum(increase(x[5m] offset 1m))`},
		{`sum by (b, a) (rate(x[{{.window}}]))`, `sum by (b, a) (increase(x[5m]))`},
		{`sum_over_time(sum(rate(x[1m]))[{{.window}}:1m])`, `sum_over_time(sum(rate(x[1m]))[5m:1m])`},
		{`sum(count_over_time((x > 2)[{{.window}}:{{.window}}]))`, `sum(count_over_time((x > 2)[5m:5m]))`},
		{`sum(increase(x[{{.window}}])) - sum(increase(y[{{.window}}]))`, `sum(increase(x[5m])) - sum(increase(y[5m]))`},
		{`sum(rate(x_bucket{le="5"}[{{.window}}]))`, `sum(increase(x_bucket{le=~"5(\\.0)?"}[5m]))`},
		{`sum(rate(x_bucket{le="0.5"}[{{.window}}]))`, `sum(increase(x_bucket{le="0.5"}[5m]))`},
		{`sum(rate(x[{{.window}}])) > 0`, `sum(increase(x[5m])) > 0`},
		{`histogram_count(sum(rate(x[{{.window}}])))`, `histogram_count(sum(increase(x[5m])))`},
		{`sum(rate(x[{{.window}}] @ 5))`, `is fixed to one moment by @`},
		{`sum(rate(x[{{.window}}])`, `the query is not PromQL`},
		{`x[{{.window}}]`, `the query is a range vector`},
		{`time()`, `the query is a scalar`},
		{`"text"`, `the query is a string`},
		{`sum without (a) (rate(x[{{.window}}]))`, `which labels`},
		{`sum(rate({{.metric}}[{{.window}}]))`, `only {{.window}} stands for something`},
	} {
		got, _ := tiles(t, slo.Indicator{Total: slo.Query{Text: c.query}, Bad: slo.Query{Text: c.query + " * 1"}})
		if got != c.want && (!strings.HasPrefix(got, "error: ") || !strings.Contains(got, c.want)) {
			t.Errorf("%s\n gives %s\n want  %s", c.query, got, c.want)
		}
	}
}

func TestRatiosAreTakenApart(t *testing.T) {
	for _, c := range []struct {
		query      string
		good       bool
		total, bad string
	}{
		{`sum(rate(e[{{.window}}])) / sum(rate(t[{{.window}}]))`, false, `sum(increase(t[5m]))`, `sum(increase(e[5m]))`},
		{`1 - (sum(rate(g[{{.window}}])) / sum(rate(t[{{.window}}])))`, false, `sum(increase(t[5m]))`, `good: sum(increase(g[5m]))`},
		{`1 - sum(rate(e[{{.window}}])) / sum(rate(t[{{.window}}]))`, true, `sum(increase(t[5m]))`, `sum(increase(e[5m]))`},
		{`avg(quality)`, false, `(0 * (avg(avg_over_time(quality[5m])) >= 0) + 1)`, `(avg(avg_over_time(quality[5m])) >= 0)`},
		{`quality`, false, `error: the labels of the ratio are not known; aggregate it, such as avg by (x) (…) or avg(…)`, `error: the labels of the ratio are not known; aggregate it, such as avg by (x) (…) or avg(…)`},
	} {
		total, bad := tiles(t, slo.Indicator{Ratio: slo.Query{Text: c.query}, RatioOfGood: c.good})
		if total != c.total || bad != c.bad {
			t.Errorf("%s\n total %s\n bad   %s", c.query, total, bad)
		}
	}
}

// FuzzQuery lets any text be a query: either it is refused, or every rule that comes of it is PromQL.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{`sum(rate(x[{{.window}}]))`, `sum by (a) (x)`, `1 - a / b`, `x[5m]`, `sum(rate(x[5m:1m] offset -1h))`, `{__name__="a b"}`, `vector(1)`,
		`quantile_over_time(0.5, x[{{.window}}])`, `-x`, `a and on (b) c`, `x @ end()`, `time()`, `count_values("v", x)`, `sum(rate(x[{{.window}}:{{.window}}]))`, `"{{.window}}"`} {
		f.Add(s, true)
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, ratio bool) {
		if text == "" {
			return
		}
		s := availability(t, "99")
		s.Indicator = slo.Indicator{Bad: slo.Query{Text: "(" + text + "\n) / 2"}, Total: slo.Query{Text: text}}
		if ratio {
			s.Indicator = slo.Indicator{Ratio: slo.Query{Text: text}}
		}
		for _, g := range compile.Compile(s, compile.Options{}).Groups {
			for _, r := range g.Rules {
				if _, err := rules.ParseExpr(r.Expr); err != nil {
					t.Errorf("%q gives %s\n%v", text, r.Expr, err)
				}
				if strings.Contains(r.Expr, "1234567891") || strings.Contains(r.Expr, "14d6h56m7s891ms") {
					t.Errorf("%q leaves the mark: %s", text, r.Expr)
				}
			}
		}
	})
}
