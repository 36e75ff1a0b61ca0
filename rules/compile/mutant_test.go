package compile_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage"

	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/slo"
)

// mutants are variants of an expression, each with one number, window or operator changed.
func mutants(expr string) []string {
	var out []string
	replace := func(pattern string, with func(string) []string) {
		for _, at := range regexp.MustCompile(pattern).FindAllStringSubmatchIndex(expr, -1) {
			for _, s := range with(expr[at[2]:at[3]]) {
				out = append(out, expr[:at[2]]+s+expr[at[3]:])
			}
		}
	}
	replace(`[ (]([0-9]+(?:\.[0-9]+)?)(?: |\)|$)`, func(n string) []string {
		f, _ := strconv.ParseFloat(n, 64)
		if f == 0 {
			return []string{"1"}
		}
		return []string{fmt.Sprint(f * 0.9), fmt.Sprint(f * 1.1)}
	})
	replace(`(?:increase|offset )([0-9]+[mhd])`, func(w string) []string {
		return map[string][]string{"5m": {"30m"}, "30m": {"5m", "1h"}, "1h": {"30m", "2h"}, "2h": {"1h", "6h"}, "6h": {"2h", "1d"},
			"1d": {"6h", "3d"}, "3d": {"1d", "2h"}}[w]
	})
	replace(`slo:events_(bad|total):`, func(s string) []string { return []string{map[string]string{"bad": "total", "total": "bad"}[s]} })
	replace(`[ \n](and|or|>|\+|/|\*)[ \n]`, func(op string) []string {
		return map[string][]string{"and": {"or", "unless"}, "or": {"and"}, ">": {"<", "=="}, "+": {"-"}, "/": {"*"}, "*": {"/"}}[op]
	})
	return out
}

// TestNoMutantOfAnAlertSurvives changes every number, window and operator of the alerts: each change must show in a table
// of situations, in which the windows of each pair burn just above or just below the rate and there is much or little traffic.
func TestNoMutantOfAnAlertSurvives(t *testing.T) {
	r := compiled(t, availability(t, "99.9"), compile.Options{})
	situations, want := table(r)
	for _, rule := range r.Groups[0].Rules {
		if rule.Alert == "" {
			continue
		}
		severity := slo.Severity(rule.Labels["slo_severity"])
		w := newWorld(t, time.Minute)
		w.quiet = true
		w.place(situations)
		if got := w.outcome(rule.Expr, want[severity]); got != want[severity] {
			t.Fatalf("%s fires in\n%s, want\n%s", severity, got, want[severity])
		}
		all := mutants(rule.Expr)
		for _, m := range all {
			if w.outcome(m, want[severity]) == want[severity] {
				t.Errorf("a mutant of the %s survives:\n%s", severity, diffLine(rule.Expr, m))
			}
		}
		t.Logf("%s: %d mutants", severity, len(all))
	}
}

// situation is the burn and the number of events of each window.
type situation map[slo.Window][2]float64

// table makes for each pair the situations that tell its conditions apart, and says which alert fires in which.
func table(r compile.Result) (out []situation, want map[slo.Severity]string) {
	want = map[slo.Severity]string{}
	add := func(b slo.Burn, long, short, events float64, fires bool) {
		s := situation{}
		for _, x := range r.Burns {
			s[x.Long], s[x.Short] = [2]float64{0, size(x.Long)}, [2]float64{0, size(x.Short)}
		}
		s[b.Long], s[b.Short] = [2]float64{long, events}, [2]float64{short, size(b.Short)}
		out = append(out, s)
		for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
			want[severity] += map[bool]string{true: "1", false: "0"}[fires && severity == b.Severity]
		}
	}
	for _, b := range r.Burns {
		rate, p := b.Rate.Float(), b.Threshold.Float()
		much := 25/p + 1
		least := func(n float64) float64 { return (p*n + 2.33*math.Sqrt(p*(1-p)*n)) / n / p * rate } // the burn at which n events are enough
		for _, c := range []struct {
			long, short, events float64
			fires               bool
		}{
			{rate * 1.05, rate * 1.05, size(b.Long), true},
			{rate * 0.95, rate * 1.05, size(b.Long), false},
			{rate * 1.05, rate * 0.95, size(b.Long), false},
			{rate * 1.05, rate * 1.05, much * 1.05, true},
			{rate * 1.05, rate * 1.05, much * 0.95, false},
			{least(much/2) * 1.02, rate * 1.05, much / 2, true},
			{least(much/2) * 0.98, rate * 1.05, much / 2, false},
			{least(much/25) * 1.02, rate * 1.05, much / 25, true},
			{least(much/25) * 0.98, rate * 1.05, much / 25, false},
			{1.55 / 3 * 1000, rate * 1.05, 3, true}, // of three events one and a half failed
			{1.45 / 3 * 1000, rate * 1.05, 3, false},
			{2 * rate, 2 * rate, size(b.Long), true},
		} {
			add(b, c.long, c.short, c.events, c.fires)
		}
	}
	return out, want
}

// size is a number of events that is different, and large, for each window.
func size(w slo.Window) float64 { return 1e6 * float64(w/slo.Tile) }

// place writes situations as recorded series, an hour apart.
func (w *world) place(all []situation) {
	app := storage.AppenderV2AsLimitedV1(w.storage.AppenderV2(context.Background()))
	for i, s := range all {
		at := start.Add(time.Duration(i) * time.Hour).UnixMilli()
		for window, v := range s {
			for name, value := range map[string]float64{"bad": v[0] * 0.001 * v[1], "total": v[1]} {
				ls := labels.FromStrings(model.MetricNameLabel, "slo:events_"+name+":increase"+window.String(), "slo", "web-availability")
				if _, err := app.Append(0, ls, at, value); err != nil {
					w.t.Fatal(err)
				}
			}
		}
	}
	if err := app.Commit(); err != nil {
		w.t.Fatal(err)
	}
}

func diffLine(a, b string) string {
	as, bs := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(as), len(bs)) {
		if as[i] != bs[i] {
			return as[i] + "\n" + bs[i]
		}
	}
	return b
}

// TestNoMutantOfASumSurvives compares every recorded window with what truly happened in it, under traffic that differs
// from tile to tile; then it changes each window, offset and operator of the sums, and each change must show.
func TestNoMutantOfASumSurvives(t *testing.T) {
	s := availability(t, "99.9")
	s.Period.Length = 6 * slo.Day
	r := compiled(t, s, slowly)
	random := rand.New(rand.NewPCG(1, 2))
	rates := map[string][]float64{}
	for range 6 * 24 * 12 {
		rates["200"] = append(rates["200"], 10*math.Exp(random.NormFloat64()))
		rates["500"] = append(rates["500"], math.Exp(random.NormFloat64()))
	}
	rate := func(code string) func(time.Duration) float64 {
		return func(at time.Duration) float64 { return rates[code][min(int(at/(5*time.Minute)), len(rates[code])-1)] }
	}
	w := newWorld(t, time.Minute, requests(rate("200"), rate("500"), time.Minute)...)
	w.load(r.Groups)
	w.run(36*time.Hour, nil)
	w.down(30 * time.Minute)
	w.run(6*24*time.Hour-36*time.Hour-30*time.Minute, nil)
	w.quiet = true
	moments := []time.Time{w.now, start.Add(5 * time.Minute)} // all tiles are known; only one is
	for _, minutes := range []time.Duration{20, 30, 60, 120, 240, 360, 720, 1080, 1440, 2880, 4320} {
		moments = append(moments, start.Add(36*time.Hour+15*time.Minute+minutes*time.Minute)) // one tile lies where Prometheus was down
	}
	truth := func(rule rules.Rule) float64 {
		window, _ := slo.ParseWindow(rule.Record[strings.Index(rule.Record, "increase")+len("increase"):])
		sum := 0.0
		for code, all := range rates {
			if code == "500" || strings.Contains(rule.Record, "total") {
				for _, v := range all[len(all)-int(window/slo.Tile):] {
					sum += 300 * v
				}
			}
		}
		return sum
	}
	mutated := 0
	for _, rule := range append(r.Groups[0].Rules, r.Groups[1].Rules...) {
		if !strings.HasPrefix(rule.Record, "slo:events_") {
			continue
		}
		want := truth(rule)
		if got := w.value(rule.Record); !nearly(got, want, 0.05) {
			t.Errorf("%s is %v, truly %v", rule.Record, got, want)
		}
		if strings.HasSuffix(rule.Record, "increase5m") {
			continue
		}
		var before []float64
		for _, at := range moments {
			before = append(before, w.one(rule.Expr, at))
		}
		for _, m := range mutants(rule.Expr) {
			if nought.ReplaceAllString(m, "0") == nought.ReplaceAllString(rule.Expr, "0") {
				continue // nothing times anything is nothing
			}
			mutated++
			same := 0
			for same < len(moments) && w.one(m, moments[same]) == before[same] {
				same++
			}
			if same == len(moments) {
				t.Errorf("a mutant of %s survives: %s", rule.Record, diffLine(rule.Expr, m))
			}
		}
	}
	t.Logf("%d mutants", mutated)
}

var nought = regexp.MustCompile(`0 [*/] slo:events_(bad|total):increase[0-9]+[mhd]`)

// one is the value of an expression that has one element, NaN for any other.
func (w *world) one(expr string, at time.Time) float64 {
	v, err := w.query(context.Background(), expr, at)
	if err != nil || len(v) != 1 {
		return math.NaN()
	}
	return v[0].F
}
