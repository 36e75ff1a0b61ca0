package migrate_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"pgregory.net/rapid"

	"treadmill/rules"
	"treadmill/rules/backtest"
	"treadmill/rules/migrate"
	"treadmill/slo"
)

func orders(t *testing.T, period slo.Window) slo.SLO {
	t.Helper()
	objective, err := slo.ParsePercent("99.9")
	if err != nil {
		t.Fatal(err)
	}
	return slo.SLO{ID: "shop-orders", Name: "orders", Objective: objective, Period: slo.Period{Length: period}, Indicator: slo.Indicator{
		Bad: slo.Query{Text: `sum(rate(x{code="500"}[{{ .window }}]))`}, Total: slo.Query{Text: `sum(rate(x[{{.window}}]))`}}}
}

// The alerts of the tools are those of their documentation: Sloth's of an SLO of 30 days, Pyrra's of one of four weeks.
func TestToolsRules(t *testing.T) {
	for _, c := range []struct {
		tool    migrate.Tool
		period  slo.Window
		alerts  []string // rate, long and short window, for, severity
		between slo.Window
	}{
		{migrate.Sloth, 30 * slo.Day, []string{"14.4 1h 5m 0s page", "6 6h 30m 0s page", "3 1d 2h 0s ticket", "1 3d 6h 0s ticket"}, 0},
		{migrate.Pyrra, 28 * slo.Day, []string{"14 1h 5m 2m page", "7 6h 30m 15m page", "2 1d 2h 1h ticket",
			"1 4d 6h 3h ticket"}, slo.Evaluation},
		{migrate.Pyrra, 14 * slo.Day, []string{"14 30m 3m 1m page", "7 3h 15m 8m page", "2 12h 1h 30m ticket",
			"1 2d 3h 1h30m ticket"}, slo.Evaluation},
	} {
		g, err := migrate.Rules(orders(t, c.period), c.tool)
		if err != nil || slo.Window(g.Interval) != c.between || len(g.Rules) != len(c.alerts) {
			t.Fatalf("%s: %+v, %v", c.tool, g, err)
		}
		for i, r := range g.Rules {
			if _, err := rules.ParseExpr(r.Expr); err != nil {
				t.Error(err)
			}
			f := strings.Fields(c.alerts[i])
			if hold, _ := model.ParseDuration(f[3]); r.For != hold || r.Labels["severity"] != f[4] {
				t.Errorf("%s %s: for %s, %v", c.tool, c.alerts[i], r.For, r.Labels)
			}
			for _, want := range []string{"> (" + f[0] + " * 0.001)", "[" + f[1] + "]", "[" + f[2] + "]"} {
				if !strings.Contains(r.Expr, want) {
					t.Errorf("%s %s: %s is not in %s", c.tool, c.alerts[i], want, r.Expr)
				}
			}
		}
	}
}

// An alert that is switched off is none, and the windows of the spec go before the default ones.
func TestToolsRulesAsTheSpecSays(t *testing.T) {
	s := orders(t, 30*slo.Day)
	s.Alerting.Ticket.Disabled = true
	s.Policy = slo.Policy{
		{Severity: slo.Page, Share: slo.NewNumber(1, 100), Long: 2 * slo.Hour, Short: 10 * slo.Minute},
		{Severity: slo.Ticket, Share: slo.NewNumber(1, 10), Long: slo.Day, Short: slo.Hour},
	}
	g, err := migrate.Rules(s, migrate.Sloth)
	if err != nil || len(g.Rules) != 1 || !strings.Contains(g.Rules[0].Expr, "> (3.6 * 0.001)") ||
		!strings.Contains(g.Rules[0].Expr, "[10m]") {
		t.Errorf("%+v, %v", g, err)
	}
}

func alert(severity string, labels map[string]string, minutes ...int) backtest.Alert {
	a := backtest.Alert{Alert: "A", Severity: severity, Labels: labels}
	for i := 0; i+1 < len(minutes); i += 2 {
		at := func(m int) time.Time { return time.Unix(0, 0).Add(time.Duration(m) * time.Minute) }
		a.All = append(a.All, backtest.Episode{Start: at(minutes[i]), End: at(minutes[i+1])})
	}
	return a
}

func TestWhatDiffers(t *testing.T) {
	for name, c := range map[string]struct {
		old, now []int
		want     string
	}{
		"the same":              {[]int{10, 20}, []int{11, 21}, ""},
		"an old one alone":      {[]int{10, 20, 40, 50}, []int{10, 20}, "old rules only"},
		"a new one alone":       {nil, []int{10, 20}, "new rules only"},
		"later":                 {[]int{10, 20}, []int{13, 20}, "begins 3m later"},
		"earlier, and longer":   {[]int{10, 20}, []int{5, 30}, "begins 5m earlier, ends 10m later"},
		"once instead of twice": {[]int{10, 12, 14, 20}, []int{10, 20}, "once instead of 2 times"},
		"other pauses":          {[]int{10, 20, 24, 40}, []int{10, 25, 30, 40}, "pauses at other times"},
	} {
		_, got := migrate.Compare("s", nil, time.Unix(0, 0), []backtest.Alert{alert("page", nil, c.old...)},
			[]backtest.Alert{alert("page", nil, c.now...)})
		words := ""
		if len(got) == 1 {
			words = got[0].Words()
		}
		if words != c.want || len(got) > 1 {
			t.Errorf("%s: %q of %v, want %q", name, words, got, c.want)
		}
	}
}

// Severities and groups are held apart; what fires with another label that the SLO is not grouped by is one alert.
func TestWhatIsCompared(t *testing.T) {
	eu, us := map[string]string{"region": "eu", "pod": "a"}, map[string]string{"region": "us"}
	counts, got := migrate.Compare("s", []string{"region"}, time.Unix(0, 0),
		[]backtest.Alert{alert("critical", eu, 10, 20), alert("page", map[string]string{"region": "eu"}, 15, 30), alert("warning", us, 10, 20)},
		[]backtest.Alert{alert("page", map[string]string{"region": "eu"}, 10, 30), alert("page", us, 10, 20)})
	want := []migrate.Count{{SLO: "s", Severity: "page", Old: 1, New: 2, Same: 1, Differ: 1},
		{SLO: "s", Severity: "ticket", Old: 1, Differ: 1}}
	if !slices.Equal(counts, want) {
		t.Errorf("%+v", counts)
	}
	if len(got) != 2 || got[0].Labels["region"] != "us" || got[0].Words() != "new rules only" || got[1].Severity != "ticket" ||
		got[1].Words() != "old rules only" {
		t.Errorf("%+v", got)
	}
}

// What fires already when the time begins is no difference, and what ended before it is nothing.
func TestWhatBeganBefore(t *testing.T) {
	old := []backtest.Alert{alert("ticket", nil, 0, 5, 10, 40), alert("ticket", nil, 25, 30)}
	now := []backtest.Alert{alert("ticket", nil, 15, 40)}
	now[0].Episodes = []backtest.Episode{{Start: now[0].All[0].Start, End: now[0].All[0].End, BudgetSpent: 0.5}}
	counts, got := migrate.Compare("s", nil, time.Unix(0, 0).Add(20*time.Minute), old, now)
	if len(got) != 0 || counts[1].Old != 1 || counts[1].Same != 1 {
		t.Errorf("%+v, %+v", counts, got)
	}
}

// Rules differ in nothing from themselves, and what differs one way differs the other way round.
func TestCompareIsFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) []backtest.Alert {
			return []backtest.Alert{alert("page", nil, slices.Sorted(slices.Values(rapid.SliceOfN(rapid.IntRange(0, 200), 0, 12).Draw(t, name)))...)}
		}
		a, b := draw("a"), draw("b")
		if counts, got := migrate.Compare("s", nil, time.Unix(0, 0), a, a); len(got) > 0 || counts[0].Same == 0 && counts[0].Old > 0 {
			t.Fatalf("against itself: %+v", got)
		}
		_, there := migrate.Compare("s", nil, time.Unix(0, 0), a, b)
		_, back := migrate.Compare("s", nil, time.Unix(0, 0), b, a)
		if len(there) != len(back) {
			t.Fatalf("%d differ one way and %d the other", len(there), len(back))
		}
		for i := range there {
			if !slices.Equal(there[i].Old, back[i].New) || !slices.Equal(there[i].New, back[i].Old) {
				t.Fatalf("%+v is not %+v the other way round", there[i], back[i])
			}
		}
	})
}
