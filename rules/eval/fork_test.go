package eval_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules"
	"treadmill/rules/eval"
)

// ruleWays are rules that see each other in every way: before and after in the order, in circles, through ALERTS, through
// a series that several write, through labels that templates ask for, in the past and in the future.
var ruleWays = []string{
	"{record: 'ok', expr: 'sum by (job) (up)'}",
	"{record: 'ok:late', expr: 'ok offset 3m'}",
	"{record: 'circle:a', expr: 'sum(rate(errors_total[5m])) or 0 * circle:b'}",
	"{record: 'circle:b', expr: 'sum_over_time(circle:a[10m])'}",
	"{record: 'shared', expr: 'free{}', labels: {by: one}}",
	"{record: 'shared', expr: 'stamp{}', labels: {by: two}}",
	"{record: 'mixed', expr: 'sum(up)'}",
	"{record: 'mixed', expr: 'free * 2', labels: {which: free}}",
	"{record: early, expr: 'sum(free) + sum(late)'}",
	"{record: late, expr: 'sum(errors_total) + sum(stamp)'}",
	"{alert: Down, expr: 'up == 0', for: 4m, labels: {severity: critical}}",
	"{alert: Down, expr: 'ok < 2', for: 2m, labels: {severity: warning}}",
	"{alert: Held, expr: 'up == 0', keep_firing_for: 7m, labels: {severity: warning}}",
	"{alert: Told, expr: 'ALERTS{alertname=\"Down\", alertstate=\"firing\"}', labels: {severity: warning}}",
	"{alert: Circle, expr: 'circle:b > 100', labels: {severity: critical}}",
	"{alert: Low, expr: 'shared{by=\"one\"} < 50', labels: {severity: critical}}",
	"{alert: Old, expr: 'time() - shared{by=\"two\"} > 600', labels: {severity: warning}}",
	"{alert: Gone, expr: 'absent(up{job=\"a\"} == 1)', for: 3m, labels: {severity: critical}}",
	"{alert: Always, expr: 'vector(1)', for: 40m, labels: {severity: warning}}",
	"{alert: Mixed, expr: 'mixed{which=\"free\"} < 150', labels: {severity: warning}}",
	"{alert: Fails, expr: 'up * on () up', labels: {severity: warning}}",
	"{alert: Fails, expr: 'sum(up) < 2 and on () up * on () up', labels: {severity: warning}}",
}

// rareWays look at whatever there is, or at times that have not come.
var rareWays = []string{
	"{alert: Any, expr: 'count({__name__=~\".+\"}) < 5 or count({job=\"a\"}) < 4', labels: {severity: warning}}",
	"{alert: Asks, expr: 'free < 99', labels: {severity: '{{ with query \"up{instance=\\\"1\\\"} == 0\" }}critical{{ else }}warning{{ end }}'}}",
	"{alert: Soon, expr: 'sum(free offset -4m) + sum(up) < 98', labels: {severity: critical}}",
}

// ways puts rules, in any order, into groups of all kinds.
func ways(seed uint64) string {
	if seed == 0 {
		return "groups:\n- {name: past, query_offset: 2m, rules: [{record: late, expr: 'sum(errors_total) + sum(stamp)'}]}\n" +
			"- {name: now, rules: [{record: early, expr: 'sum(free) + sum(late)'}]}\n"
	}
	r := rand.New(rand.NewPCG(seed, 1))
	pool := slices.Clone(ruleWays)
	if i := r.IntN(2 * len(rareWays)); i < len(rareWays) {
		pool = append(pool, rareWays[i])
	}
	var text strings.Builder
	text.WriteString("groups:\n")
	order := r.Perm(len(pool))[r.IntN(len(pool)/2):]
	for i := 0; len(order) > 0; i++ {
		n := 1 + r.IntN(len(order))
		fmt.Fprintf(&text, "- name: g%d\n%s  rules:\n", i, []string{"", "", "  interval: 3m\n", "  query_offset: 2m\n"}[r.IntN(4)])
		for _, at := range order[:n] {
			text.WriteString("  - " + pool[at] + "\n")
		}
		order = order[n:]
	}
	return text.String()
}

// forked is a world of series, each a function of the minute, NaN where it has no sample.
type forked map[string]func(minute int) float64

func (w forked) append(t *testing.T, store *eval.Store, at int, owns func(labels.Labels) bool) {
	t.Helper()
	for name, value := range w {
		ls, err := rules.NewParser().ParseMetric(name)
		if err != nil {
			t.Fatal(err)
		}
		if v := value(at); v == v && owns(ls) {
			// A rule may have written the same series; the evaluation without a fork refuses it just so.
			_ = store.Append(ls, eval.Sample{Millis: minute(at).UnixMilli(), Value: v})
		}
	}
}

func minute(n int) time.Time { return time.Unix(int64(n)*60, 0).UTC() }

// everything is the value of each series two minutes ago, when rules that write into the past have written, too.
func everything(t *testing.T, e *eval.Evaluator, at int) []string {
	t.Helper()
	v, err := e.Query(context.Background(), `{__name__=~".+"}`, minute(at-2))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, s := range v {
		out = append(out, s.String())
	}
	slices.Sort(out)
	return out
}

// TestAForkGoesTheWayThatAllRulesWouldGo plays one world to the end, forks from its middle into another, and compares every
// sample at every minute with an evaluation of all rules in that other world.
func TestAForkGoesTheWayThatAllRulesWouldGo(t *testing.T) {
	const middle, end = 12, 26
	calm := forked{
		`up{job="a",instance="1"}`: func(int) float64 { return 1 },
		`up{job="a",instance="2"}`: func(int) float64 { return 1 },
		`errors_total`:             func(int) float64 { return 0 },
		`free`:                     func(n int) float64 { return 100 - float64(n)/10 },
		`stamp`:                    func(n int) float64 { return float64(n)*60 - 60 },
	}
	for name, value := range (forked{
		`up{job="a",instance="1"}`: func(int) float64 { return 0 },
		`up{job="a",instance="2"}`: func(int) float64 { return math.NaN() },
		`errors_total`:             func(n int) float64 { return float64(n-middle) * 300 },
		`free`:                     func(n int) float64 { return 100 - 8*float64(n-middle) },
		`stamp`:                    func(int) float64 { return 600 },
		`circle:a`:                 func(int) float64 { return 50 },
		`up{job="b",instance="1"}`: func(int) float64 { return 0 },
	}) {
		other := forked{name: func(n int) float64 {
			if n >= middle {
				return value(n)
			}
			if calm[name] == nil {
				return math.NaN()
			}
			return calm[name](n)
		}}
		for series, f := range calm {
			if series != name {
				other[series] = f
			}
		}
		for seed := range uint64(12) {
			text := ways(seed)
			files, findings := rules.Read("r.yaml", []byte(text))
			if len(findings) > 0 {
				t.Fatal(text, findings)
			}
			options := eval.Options{Interval: time.Minute, Intervals: true}
			all := func(labels.Labels) bool { return true }
			base, full := eval.NewStore(), eval.NewStore()
			first, slow := eval.New(base, files[0].Groups, options), eval.New(full, files[0].Groups, options)
			var before *eval.Snapshot
			for n := range end {
				if n == middle {
					before = first.Snapshot()
				}
				calm.append(t, base, n, all)
				first.Eval(context.Background(), minute(n))
			}
			ls, _ := rules.NewParser().ParseMetric(name)
			fork := before.Fork([]labels.Labels{ls})
			for n := range end {
				other.append(t, full, n, all)
				slow.Eval(context.Background(), minute(n))
				if n < middle {
					continue
				}
				other.append(t, fork.Store(), n, fork.Owns)
				fork.Eval(context.Background(), minute(n))
				if got, want := everything(t, &fork.Evaluator, n), everything(t, slow, n); !slices.Equal(got, want) {
					t.Fatalf("%s, %s after %d minutes:\n%s\nwant\n%s", text, name, n-middle, strings.Join(got, "\n"), strings.Join(want, "\n"))
				}
			}
		}
	}
}
