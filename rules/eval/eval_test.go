package eval_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
	promrules "github.com/prometheus/prometheus/rules"
	"pgregory.net/rapid"

	"treadmill/rules"
	"treadmill/rules/eval"
)

const step = time.Minute

// loaded is an evaluator over series in the notation of Prometheus, one sample a minute.
func loaded(t rapid.TB, series []string, groups []rules.Group, o eval.Options) (*eval.Evaluator, func(at time.Time)) {
	t.Helper()
	store := eval.NewStore()
	type input struct {
		labels labels.Labels
		values []eval.Sample
	}
	var inputs []input
	for _, s := range series {
		ls, values, err := rules.NewParser().ParseSeriesDesc(s)
		if err != nil {
			t.Fatal(err)
		}
		in := input{labels: ls}
		for i, v := range values {
			if !v.Omitted {
				in.values = append(in.values, eval.Sample{Millis: int64(i) * step.Milliseconds(), Value: v.Value, Histogram: v.Histogram})
			}
		}
		inputs = append(inputs, in)
	}
	o.Interval = step
	return eval.New(store, groups, o), func(at time.Time) {
		for i := range inputs {
			in := &inputs[i]
			for len(in.values) > 0 && in.values[0].Millis <= at.UnixMilli() {
				if err := store.Append(in.labels, in.values[0]); err != nil {
					t.Fatal(err)
				}
				in.values = in.values[1:]
			}
		}
	}
}

func minutes(n int) time.Time { return time.Unix(int64(n)*60, 0).UTC() }

// states runs a rule and writes its alerts at each minute: . none, p pending, F firing.
func states(t *testing.T, values string, rule rules.Rule, until int) string {
	t.Helper()
	rule.Alert, rule.Expr = "A", "x > 0"
	e, load := loaded(t, []string{"x " + values}, []rules.Group{{Name: "g", Rules: []rules.Rule{rule}}}, eval.Options{})
	var b strings.Builder
	for i := range until {
		load(minutes(i))
		if p := e.Eval(context.Background(), minutes(i)); len(p) > 0 {
			t.Fatal(p)
		}
		switch alerts := e.Alerts(); {
		case len(alerts) == 0:
			b.WriteByte('.')
		default:
			b.WriteByte(map[eval.State]byte{eval.Pending: 'p', eval.Firing: 'F'}[alerts[0].State])
		}
	}
	return b.String()
}

func TestStatesOfAnAlert(t *testing.T) {
	m := func(n int) model.Duration { return model.Duration(time.Duration(n) * time.Minute) }
	for _, c := range []struct {
		values    string
		hold, fwd int
		want      string
	}{
		{"0 1 1 1 0 0", 0, 0, ".FFF.."},
		{"0 1 1 1 1 0", 2, 0, ".ppFF."},
		{"0 1 1 0 1 1 1", 2, 0, ".pp.ppF"},
		{"0 1 1 0 0 0 0", 1, 2, ".pFFF.."}, // kept for two minutes after it ended
		{"0 1 1 0 1 0 0 0", 1, 2, ".pFFFFF."},
		{"0 1 0 0 0", 2, 3, ".p..."}, // a pending alert is not kept
	} {
		rule := rules.Rule{For: m(c.hold), KeepFiringFor: m(c.fwd)}
		if got := states(t, c.values, rule, len(c.want)); got != c.want {
			t.Errorf("%s for %dm keep %dm: %s, want %s", c.values, c.hold, c.fwd, got, c.want)
		}
	}
}

func TestTemplatesSeeLabelsAndValue(t *testing.T) {
	rule := rules.Rule{Alert: "A", Expr: "x > 0", Labels: map[string]string{"who": "{{ $labels.job }}"}, Annotations: map[string]string{
		"a": "{{ $labels.job }} has {{ $value | humanize }} in {{ $externalLabels.cluster }} {{ $externalURL }}",
		"b": `{{ query "x" | first | value }} {{ pathPrefix }}`, "c": "{{ $labels.", "d": "{{ humanize \"no\" }}"}}
	e, load := loaded(t, []string{`x{job="j"} 2000`}, []rules.Group{{Name: "g", Rules: []rules.Rule{rule}}},
		eval.Options{ExternalLabels: map[string]string{"cluster": "c1"}, ExternalURL: "http://p/prom"})
	load(minutes(0))
	e.Eval(context.Background(), minutes(0))
	a := e.Alerts()[0]
	if got := a.Labels.String(); got != `{alertname="A", job="j", who="j"}` {
		t.Errorf("labels %s", got)
	}
	for name, want := range map[string]string{"a": "j has 2k in c1 http://p/prom", "b": "2000 /prom", "c": "<error expanding template",
		"d": "<error expanding template"} {
		if got := a.Annotations.Get(name); !strings.HasPrefix(got, want) {
			t.Errorf("annotation %s: %s, want %s", name, got, want)
		}
	}
}

func TestProblemsOfRules(t *testing.T) {
	for expr, want := range map[string]string{
		`label_replace(x, "job", "", "", "")`: "same labelset",
		`x`:                                   "exceeded limit of 1 with 2",
		`x[5m]`:                               "neither a vector nor a scalar",
		`x * on () x`:                         "many-to-many",
	} {
		for _, kind := range []rules.Rule{{Alert: "A"}, {Record: "r"}} {
			kind.Expr = expr
			e, load := loaded(
				t,
				[]string{`x{job="a"} 1`, `x{job="b"} 1`},
				[]rules.Group{{Name: "g", Limit: 1, Rules: []rules.Rule{kind}}},
				eval.Options{},
			)
			load(minutes(0))
			p := e.Eval(context.Background(), minutes(0))
			if len(p) != 1 || !strings.Contains(p[0].Err.Error(), want) || len(e.Alerts()) > 0 {
				t.Errorf("%s %s: %v, want %s", kind.Name(), expr, p, want)
			}
		}
	}
}

func TestAppendRefusesWhatStorageRefuses(t *testing.T) {
	s := eval.NewStore()
	x := labels.FromStrings("__name__", "x")
	for i, c := range []struct {
		at   eval.Sample
		want string
	}{
		{eval.Sample{Millis: 10, Value: 1}, ""}, {eval.Sample{Millis: 10, Value: 1}, ""},
		{eval.Sample{Millis: 10, Value: 2}, "another value"}, {eval.Sample{Millis: 9, Value: 1}, "out of order"},
		{eval.Sample{Millis: 11, Value: 1}, ""},
	} {
		if got := fmt.Sprint(s.Append(x, c.at)); (c.want == "") != (got == "<nil>") || !strings.Contains(got, c.want) {
			t.Errorf("sample %d: %s, want %q", i, got, c.want)
		}
	}
}

// TestAgreesWithPrometheus runs random rules over random series here and in Prometheus's own rule manager and storage and
// compares every series that both have at every minute.
func TestAgreesWithPrometheus(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.SampledFrom(
			[]string{"0", "1", "2", "_", "stale", "1x2", "0+1x3", "_x3", "0x6", "5-1x4", "{{count:2 sum:3 buckets:[2]}}x2"},
		)
		var series []string
		for _, name := range []string{`x{job="a"}`, `x{job="b"}`, `y{job="a"}`} {
			series = append(series, name+" "+strings.Join(rapid.SliceOfN(value, 1, 8).Draw(t, name), " "))
		}
		duration := rapid.SampledFrom([]string{"0s", "1m", "3m", "90s"})
		expr := rapid.SampledFrom(
			[]string{"x > 0", "sum(x)", "rate(x[3m]) > 0", "x - on (job) y", "absent(x)", "vector(1)", "sum by (job) (x) > 1",
				"count_over_time(ALERTS[5m])", "ALERTS", "r", "sum_over_time(x[4m:])", "histogram_quantile(0.5, x)", "r > 1 or y",
				"timestamp(x)", "x offset 2m"},
		)
		group := rules.Group{Name: "g", Limit: rapid.SampledFrom([]int{0, 0, 0, 1}).Draw(t, "limit")}
		for i := range rapid.IntRange(1, 4).Draw(t, "rules") {
			r := rules.Rule{
				Expr:   expr.Draw(t, "expr"),
				Labels: map[string]string{"sev": rapid.SampledFrom([]string{"a", "{{ $value }}", ""}).Draw(t, "label")},
			}
			if rapid.Bool().Draw(t, "alert") {
				r.Alert = fmt.Sprintf("A%d", i%2)
				for _, d := range []*model.Duration{&r.For, &r.KeepFiringFor} {
					v, _ := model.ParseDuration(duration.Draw(t, "duration"))
					*d = v
				}
			} else {
				r.Record, r.Labels["sev"] = rapid.SampledFrom([]string{"r", "s"}).Draw(t, "record"), "k"
				if strings.Contains(strings.Join(series, ""), "{{") {
					// Of two rules that write histograms to one series, storage starts a chunk anew when it refuses the second.
					r.Record = string("rstu"[i])
				}
			}
			group.Rules = append(group.Rules, r)
		}
		until := 25
		got, want := ours(t, series, group, until), theirs(t, series, group, until)
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%+v\n%s\nours:\n%s\nPrometheus:\n%s", group.Rules, strings.Join(series, "\n"), got[i], want[i])
			}
		}
	})
}

func ours(t rapid.TB, series []string, group rules.Group, until int) []string {
	e, load := loaded(t, series, []rules.Group{group}, eval.Options{})
	var out []string
	for i := range until {
		load(minutes(i))
		failed := map[string]bool{}
		for _, p := range e.Eval(context.Background(), minutes(i)) {
			failed[p.Rule.Name()] = true
		}
		out = append(out, line(i, failed, func(q string) (promql.Vector, error) { return e.Query(context.Background(), q, minutes(i)) }))
	}
	return out
}

func theirs(t rapid.TB, series []string, group rules.Group, until int) []string {
	suite, err := promqltest.NewLazyLoader(
		"load 1m\n  "+strings.Join(series, "\n  "),
		promqltest.LazyLoaderOpts{EnableAtModifier: true, EnableNegativeOffset: true, Parser: rules.NewParser()},
	)
	if err != nil {
		t.Fatal(err)
	}
	defer suite.Close()
	suite.SubqueryInterval = step
	query := promrules.EngineQueryFunc(suite.QueryEngine(), suite.Storage())
	var list []promrules.Rule
	for _, r := range group.Rules {
		expr, err := rules.ParseExpr(r.Expr)
		if err != nil {
			t.Fatal(err)
		}
		if r.Alert != "" {
			list = append(list, promrules.NewAlertingRule(r.Alert, expr, time.Duration(r.For), time.Duration(r.KeepFiringFor),
				labels.FromMap(r.Labels), labels.EmptyLabels(), labels.EmptyLabels(), "", true, promslog.NewNopLogger()))
		} else {
			list = append(list, promrules.NewRecordingRule(r.Record, expr, labels.FromMap(r.Labels)))
		}
	}
	g := promrules.NewGroup(promrules.GroupOptions{Name: "g", Interval: step, Limit: group.Limit, Rules: list, Opts: &promrules.ManagerOptions{
		QueryFunc: query, AppendableV2: suite.Storage(), Context: context.Background(), Logger: promslog.NewNopLogger(),
		NotifyFunc: func(context.Context, string, ...*promrules.Alert) {}}})
	var out []string
	for i := range until {
		failed := map[string]bool{}
		suite.WithSamplesTill(minutes(i), func(err error) {
			if err != nil {
				t.Fatal(err)
			}
			g.Eval(context.Background(), minutes(i))
			for _, r := range g.Rules() {
				if r.LastError() != nil {
					failed[r.Name()] = true
				}
			}
		})
		out = append(out, line(i, failed, func(q string) (promql.Vector, error) { return query(context.Background(), q, minutes(i)) }))
	}
	return out
}

// line writes every series that exists at a minute, and the rules that failed.
func line(at int, failed map[string]bool, query func(string) (promql.Vector, error)) string {
	vector, err := query(`{__name__=~".+"}`)
	var parts []string
	for _, s := range vector {
		v := fmt.Sprint(s.F)
		if s.H != nil {
			v = s.H.TestExpression()
		}
		parts = append(parts, s.Metric.String()+" "+v)
	}
	slices.Sort(parts)
	return fmt.Sprint(at, " ", strings.Join(parts, ", "), " failed ", failed, " ", err)
}

func TestSubqueriesWithoutEndAreRefused(t *testing.T) {
	at := time.Unix(0, 0)
	for expr, refused := range map[string]bool{
		"max_over_time(vector(1)[10y:1ms])":                     true,
		"max_over_time(max_over_time(vector(1)[1h:])[2y:1s])":   true,
		"max_over_time(max_over_time(vector(1)[2y:1s])[1h:1h])": true,
		"max_over_time(vector(1)[1d:1m])":                       false,
		"job:up:sum[5m:1m]":                                     false,
	} {
		_, err := eval.New(eval.NewStore(), nil, eval.Options{Interval: time.Minute}).Query(t.Context(), expr, at)
		if got := err != nil && strings.Contains(err.Error(), "a subquery of it has"); got != refused {
			t.Errorf("%s: %v", expr, err)
		}
		_, _, err = eval.Range(t.Context(), eval.NewStore(), expr, at, at.Add(time.Hour), time.Minute)
		if got := err != nil && strings.Contains(err.Error(), "a subquery of it has"); got != refused {
			t.Errorf("%s over an hour: %v", expr, err)
		}
	}
}
