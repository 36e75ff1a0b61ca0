package eval_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules"
	"treadmill/rules/eval"
)

// TestRunGivesWhatEvalGives plays one world to rules of every kind, in two parts and at once, and compares the alerts, the problems and every
// sample at every minute with evaluations one after the other.
func TestRunGivesWhatEvalGives(t *testing.T) {
	const middle, end = 12, 40
	world := forked{
		`up{job="a",instance="1"}`: func(n int) float64 { return float64(n % 9 / 4) },
		`up{job="a",instance="2"}`: func(n int) float64 {
			if n > 20 && n < 28 {
				return math.NaN()
			}
			return 1
		},
		`errors_total`: func(n int) float64 { return float64(max(0, n-15)) * 300 },
		`free`:         func(n int) float64 { return 100 - 3*float64(n) },
		`stamp`:        func(n int) float64 { return float64(min(n, 14))*60 - 60 },
	}
	for seed := range uint64(25) {
		text := ways(seed)
		files, findings := rules.Read("r.yaml", []byte(text))
		if len(findings) > 0 {
			t.Fatal(text, findings)
		}
		options := eval.Options{Interval: time.Minute, Intervals: true}
		all := func(labels.Labels) bool { return true }
		one, other := eval.NewStore(), eval.NewStore()
		slow, quick := eval.New(one, files[0].Groups, options), eval.New(other, files[0].Groups, options)
		var want, got []string
		for n := range end {
			world.append(t, one, n, all)
			problems := slow.Eval(context.Background(), minute(n))
			firing := slices.DeleteFunc(slow.Alerts(), func(a eval.Alert) bool { return a.State != eval.Firing })
			want = append(want, shown(firing, problems))
		}
		for _, part := range [][2]int{{0, middle}, {middle, end}} {
			load := func(at time.Time) { world.append(t, other, int(at.Unix()/60), all) }
			for _, m := range quick.Run(context.Background(), minute(part[0]), minute(part[1]-1), load) {
				got = append(got, shown(m.Firing, m.Problems))
			}
		}
		for n := range end {
			if got[n] != want[n] {
				t.Fatalf("%s at %d:\n%s\nwant\n%s", text, n, got[n], want[n])
			}
			if got, want := everything(t, quick, n), everything(t, slow, n); !slices.Equal(got, want) {
				t.Fatalf("%s at %d:\n%s\nwant\n%s", text, n, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

func shown(firing []eval.Alert, problems []eval.Problem) string {
	var out strings.Builder
	for _, a := range firing {
		fmt.Fprintln(&out, a.Rule.Alert, a.Labels, a.Value, a.ActiveAt.Unix(), a.FiredAt.Unix())
	}
	for _, p := range problems {
		fmt.Fprintln(&out, p.Rule.Name(), p.At.Unix(), p.Err)
	}
	return out.String()
}
