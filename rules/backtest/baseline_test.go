package backtest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"pgregory.net/rapid"

	"treadmill/rules"
	"treadmill/rules/backtest"
	"treadmill/rules/eval"
	"treadmill/slo"
)

// oldRules are a team's rules as they may be: thresholds with for and keep_firing_for, on raw series and on recorded ones, and on what is
// recorded of those.
func oldRules(rt *rapid.T) rules.Group {
	duration := func(name string) model.Duration {
		return model.Duration(rapid.SampledFrom([]time.Duration{0, time.Minute, 90 * time.Second, 5 * time.Minute}).Draw(rt, name))
	}
	g := rules.Group{
		Name:     "old",
		Interval: model.Duration(rapid.SampledFrom([]time.Duration{time.Minute, 30 * time.Second}).Draw(rt, "interval")),
		Rules: []rules.Rule{
			{Record: "g:errors:rate5m", Expr: "sum by (g) (rate(part[5m]))", Labels: map[string]string{"made": "yes"}},
			{Record: "g:all:rate5m", Expr: "sum by (g) (rate(total[5m]))"},
			{Record: "g:errors:ratio", Expr: "g:errors:rate5m / on (g) group_left () (g:all:rate5m > 0)"},
		},
	}
	for i, expr := range []string{"sum by (g) (rate(part[5m])) > 1", "g:errors:ratio > 0.05", "max_over_time(g:errors:ratio[10m]) > 0.3",
		"g:errors:rate5m offset 3m > 2", "total > 3000 and on (g) part > 5", "g:errors:rate5m > 1 and on (g) total offset 2m > 1000"} {
		g.Rules = append(g.Rules, rules.Rule{Alert: fmt.Sprintf("A%d", i), Expr: expr, For: duration("for"), KeepFiringFor: duration("keep"),
			Labels: map[string]string{"severity": []string{"page", "warning"}[i%2]}})
	}
	return g
}

// TestOtherRulesAreReplayedAsPrometheusDoes holds the replay of any rules against the evaluation of package eval, which a property test
// of its own holds against Prometheus's rule manager: the same alerts fire at the same evaluations.
func TestOtherRulesAreReplayedAsPrometheusDoes(t *testing.T) {
	fired := 0
	rapid.Check(t, func(rt *rapid.T) {
		const minutes = 120
		g := oldRules(rt)
		raw, full := eval.NewStore(), eval.NewStore()
		for _, group := range []string{"a", "b"}[:rapid.IntRange(1, 2).Draw(rt, "groups")] {
			tr := draw(rt, minutes, false)
			tr.load(rt2tb{t, rt}, raw, group)
			tr.load(rt2tb{t, rt}, full, group)
		}
		since, to := start, start.Add(minutes*time.Minute)
		alerts, errs := backtest.Other(context.Background(), backtest.Local{Store: raw}.Range, raw, []rules.Group{g}, since, to)
		if len(errs) > 0 {
			rt.Fatal(errs)
		}
		var got []string
		for _, a := range alerts {
			for _, e := range a.Episodes {
				fired++
				got = append(got, fmt.Sprint(a.Alert, " ", a.Severity, " ", a.Labels["g"], " ", e.Start.Sub(start), " ", e.End.Sub(start)))
			}
		}
		slices.Sort(got)
		grid := slo.NewGrid(since.Add(-time.Minute), to, slo.Window(g.Interval))
		fires := map[string][]bool{}
		e := eval.New(full, []rules.Group{g}, eval.Options{Interval: time.Duration(g.Interval)})
		for i := range grid.N {
			if problems := e.Eval(context.Background(), grid.At(i)); len(problems) > 0 {
				rt.Fatal(problems[0].Err)
			}
			for _, a := range e.Alerts() {
				key := fmt.Sprint(a.Labels.Get(labels.AlertName), " ", a.Labels.Get("severity"), " ", a.Labels.Get("g"))
				if fires[key] == nil {
					fires[key] = make([]bool, grid.N)
				}
				fires[key][i] = a.State == eval.Firing
			}
		}
		var want []string
		for key, at := range fires {
			for _, e := range backtest.Episodes(grid, at) {
				want = append(want, fmt.Sprint(key, " ", e.Start.Sub(start), " ", e.End.Sub(start)))
			}
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			rt.Fatalf("%+v\nreplayed:\n%s\nin truth:\n%s", g, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
	if fired == 0 && !testing.Short() { // which draws few traces
		t.Error("nothing fired in any of the traces")
	}
}

// TestRulesThatCannotBeReplayed are told with the reason.
func TestRulesThatCannotBeReplayed(t *testing.T) {
	store := eval.NewStore()
	trace{total: []int{1, 1, 1}, part: []int{0, 0, 0}}.load(t, store, "a")
	for expr, want := range map[string]string{
		"rec > 0 and on (g) total":     "reads rec, which is recorded by a rule of these files and is not in the history, together with total",
		"left > 0":                     "left, right, left read each other in a circle",
		"sum(rec) > ":                  "unexpected end of input",
		"twice > 0":                    "two rules record one series",
		"label_replace(total,'x','(',": "parse error",
	} {
		g := rules.Group{Rules: []rules.Rule{{Record: "rec", Expr: "total"}, {Record: "left", Expr: "right"}, {Record: "right", Expr: "left"},
			{Record: "twice", Expr: "sum(total)"}, {Record: "twice", Expr: "sum(part)"}, {Alert: "A", Expr: expr}}}
		_, errs := backtest.Other(context.Background(), backtest.Local{Store: store}.Range, nil, []rules.Group{g}, start, start.Add(time.Hour))
		if len(errs) != 1 || !strings.Contains(errs[0].Message, want) {
			t.Errorf("%s: %v, want %s", expr, errs, want)
		}
	}
}

// TestWhatFiredBefore: an alert that fires all the time is no page of the time, and finds no incident.
func TestWhatFiredBefore(t *testing.T) {
	store := eval.NewStore()
	trace{total: []int{1, 1, 1}, part: []int{0, 0, 0}}.load(t, store, "a")
	g := rules.Group{
		Rules: []rules.Rule{
			{Alert: "Watchdog", Expr: "vector(1)", For: model.Duration(15 * time.Minute)},
			{Alert: "Late", Expr: "vector(time()) > " + fmt.Sprint(start.Add(12*time.Hour).Unix())},
		},
	}
	alerts, errs := backtest.Other(
		t.Context(),
		backtest.Local{Store: store}.Range,
		store,
		[]rules.Group{g},
		start.Add(time.Hour),
		start.Add(24*time.Hour),
	)
	if len(errs) > 0 || len(alerts) != 2 || alerts[0].Alert != "Late" || alerts[0].Already || len(alerts[0].Episodes) != 1 ||
		!alerts[1].Already ||
		len(alerts[1].Episodes) > 0 {
		t.Fatalf("%+v %v", alerts, errs)
	}
	at := alerts[0].Episodes[0].Start
	for begins, want := range map[time.Duration]bool{0: true, 5 * time.Hour: true, 7 * time.Hour: false} {
		in := backtest.Incident{Start: at.Add(begins), End: at.Add(begins + time.Hour)}
		if got := backtest.Deserved(alerts[0], alerts[0].Episodes[0], []backtest.Incident{in}); got != want {
			t.Errorf("an incident %s later: %t", begins, got)
		}
	}
}
