package quality_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/rules/eval"
	"treadmill/rules/quality"
	"treadmill/slo"
)

var start = time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)

// history is two days of series, a sample a minute, as promtool's tests write them.
func history(t *testing.T, series ...string) quality.Source {
	t.Helper()
	text := "start: 2026-11-01T00:00:00Z\ninterval: 1m\nseries:\n"
	for _, s := range series {
		name, values, _ := strings.Cut(s, " = ")
		text += fmt.Sprintf("  - {series: '%s', values: '%s'}\n", name, values)
	}
	store := eval.NewStore()
	if problems := backtest.ReadSamples(store, "history.yaml", []byte(text)); diag.Any(problems, diag.Error) {
		t.Fatal(problems)
	}
	return backtest.Local{Store: store}.Range
}

func of(t *testing.T, ask quality.Source, queries []string, by ...string) string {
	t.Helper()
	var lines []string
	for _, f := range quality.Of(t.Context(), ask, queries, by, quality.Span{Since: start, Now: start.Add(48 * time.Hour), Clock: true}) {
		lines = append(lines, f.Severity.String()+" "+f.ID+" "+f.Message)
	}
	return strings.Join(lines, "\n")
}

func ratio(bad, total string) []string {
	return []string{"sum(increase(" + total + "[5m]))", "sum(increase(" + bad + "[5m]))"}
}

var latency = []string{`sum(increase(seconds_count{job="a"}[5m]))`, `sum(increase(seconds_bucket{job="a",le=~"0.5"}[5m]))`}

func TestOf(t *testing.T) {
	sound := []string{
		`hits{code="200",instance="a"} = 0+10x2880`,
		`hits{code="500",instance="a"} = 0+1x2880`,
		`hits{code="200",instance="b"} = 7+10x2880`,
	}
	for name, c := range map[string]struct {
		series  []string
		queries []string
		by      []string
		want    string
	}{
		"sound":  {sound, ratio(`hits{code="500"}`, "hits"), nil, ""},
		"absent": {sound, ratio("none", "nothing"), nil, ""},
		"restarts": {[]string{`hits{code="200"} = 0+10x1000 0+10x1000 0+10x878`, `hits{code="500"} = 0+1x2880`}, ratio(`hits{code="500"}`, "hits"), nil,
			"info history/resets hits: 2 counter resets; what was counted between the last scrape and the restart is not known"},
		"no counter": {[]string{"hits = " + strings.Repeat("5 3 ", 1440)}, ratio(`hits{code="500"}`, "hits"), nil,
			"warning history/resets hits: one series began anew"},
		"HA pair": {append([]string{`hits{code="200",instance="a",prometheus_replica="p-0"} = 0+10x2880`, `hits{code="200",instance="a",prometheus_replica="p-1"} = 3+10x2880`}, sound[1]),
			ratio(`hits{code="500"}`, "hits"), nil, "warning history/replicas hits: 1 series is there more than once, as an HA pair of servers writes them: they differ in prometheus_replica only (without one, p-0, p-1)"},
		"replicas that are groups": {[]string{`hits{replica="a"} = 0+10x2880`, `hits{replica="b"} = 0+10x2880`}, []string{"sum by (replica) (increase(hits[5m]))"}, []string{"replica"}, ""},
		"replicas made one":        {[]string{`hits{replica="a"} = 0+10x2880`, `hits{replica="b"} = 0+10x2880`}, []string{"sum(max without (replica) (increase(hits[5m])))"}, nil, ""},
		"replicas of two servers":  {[]string{`hits{instance="x",replica="a"} = 0+10x2880`, `hits{instance="y",replica="b"} = 0+10x2880`}, ratio(`hits{code="500"}`, "hits"), nil, ""},
		"from the future": {[]string{"hits = 0+10x2900"}, ratio(`hits{code="500"}`, "hits"), nil,
			"warning history/clock hits: 1 series has samples that are later than now"},
		"other buckets": {[]string{`seconds_count{job="a"} = 0+10x2880`, `seconds_bucket{job="a",le="0.5"} = 0+9x2880`, `seconds_bucket{job="a",le="+Inf"} = 0+10x2880`,
			`seconds_bucket{job="a",le="0.1"} = 0+1x1440`, `seconds_bucket{job="a",le="0.25"} = _x1440 0+1x1439`}, latency, nil,
			"warning history/buckets seconds_bucket: the buckets changed between 2026-11-01 23:15 and 2026-11-02 00:00: gone are 0.1, new are 0.25; a bound"},
		"the bound goes away": {[]string{`seconds_count{job="a"} = 0+10x2880`, `seconds_bucket{job="a",le="0.5"} = 0+9x1440`, `seconds_bucket{job="a",le="+Inf"} = 0+10x2880`}, latency, nil,
			"warning history/buckets seconds_bucket: histograms without a bucket 0.5: 1 of 1, seen from 2026-11-02 00:45 to 2026-11-03 00:00; their events count as bad"},
		"one histogram lacks the bound": {[]string{`seconds_count{job="a"} = 0+10x2880`, `seconds_bucket{job="a",le="0.5"} = 0+9x2880`, `seconds_bucket{job="a",le="+Inf"} = 0+10x2880`,
			`seconds_bucket{job="a",le="+Inf",path="/"} = 0+10x2880`}, latency, nil, "warning history/buckets seconds_bucket: histograms without a bucket 0.5: 1 of 2"},
		"one bound written in two ways": {[]string{`seconds_count{job="a"} = 0+10x2880`, `seconds_bucket{job="a",le="1"} = 0+9x1440`, `seconds_bucket{job="a",le="1.0"} = _x1440 0+9x1439`,
			`seconds_bucket{job="a",le="+Inf"} = 0+10x2880`}, []string{latency[0], `sum(increase(seconds_bucket{job="a",le=~"1(\\.0)?"}[5m]))`}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := of(t, history(t, c.series...), c.queries, c.by...)
			if c.want == "" && got != "" || !strings.Contains(got, c.want) {
				t.Errorf("%s\nwant %s", got, c.want)
			}
		})
	}
}

// What cannot be asked is said, once.
func TestOfWithoutAnswers(t *testing.T) {
	fails := func(context.Context, string, slo.Grid) (slo.Answer, error) {
		return slo.Answer{}, errors.New("the server is tired")
	}
	got := of(t, fails, ratio(`hits{code="500"}`, "hits"))
	if want := "warning history/unchecked whether its series have anything odd about them is not known: the server is tired"; got != want {
		t.Errorf("%s", got)
	}
	if got := quality.Of(t.Context(), fails, nil, nil, quality.Span{Since: start, Now: start}); got != nil {
		t.Errorf("%v", got)
	}
}
