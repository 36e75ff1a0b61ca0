package slo_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"treadmill/slo"
)

func ExamplePlan() {
	objective, _ := slo.ParsePercent("99.9")
	burns, _ := slo.Plan(objective, 30*slo.Day, slo.DefaultPolicy())
	for _, b := range burns {
		fmt.Println(b.Severity, b.Long, b.Short, b.Rate, b.Threshold.Percent(), b.Share.Percent())
	}
	// Output:
	// page 1h 5m 14.4 1.44% 2%
	// page 6h 30m 6 0.6% 5%
	// ticket 1d 2h 3 0.3% 10%
	// ticket 3d 6h 1 0.1% 10%
}

func TestNumbersStayExact(t *testing.T) {
	for text, want := range map[string]string{"99.9": "99.9", "0.1": "0.1", "1e-3": "0.001", "99.999999999": "99.999999999", "5.": "5",
		".5": "0.5", "+2": "2", "1E2": "100"} {
		n, err := slo.ParseNumber(text)
		if err != nil || n.String() != want {
			t.Errorf("%s: %v, %v", text, n, err)
		}
	}
	for _, text := range []string{"", "1e-1000000", "1e999", "1/3", "0x10", "1_000", "inf", "NaN", "ten", "1 ",
		strings.Repeat("9", 1000), "１"} {
		if n, err := slo.ParseNumber(text); err == nil {
			t.Errorf("%q is taken for %v", text, n)
		}
	}
	o, err := slo.ParsePercent("99.9")
	if b, _ := json.Marshal(o.Budget()); err != nil || string(b) != "0.001" || o.Percent() != "99.9%" {
		t.Errorf("budget %s, %v", b, err)
	}
	if got := slo.NewNumber(1, 3).String(); got != "0.333333333333" {
		t.Errorf("a third is %s", got)
	}
}

func TestObjectivesPromiseSomething(t *testing.T) {
	for text, want := range map[string]string{"100": "leaves no error budget", "100.1": "leaves no error budget", "0": "promises nothing",
		"-1": "promises nothing", "many": "is not a number"} {
		if _, err := slo.ParsePercent(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

func TestWindows(t *testing.T) {
	for text, want := range map[string]string{"5m": "5m", "24h": "1d", "4w": "28d", "36h": "36h", "90s": "1m30s", "1050s": "17m30s",
		"1500ms": "1s500ms", "30d": "30d", "1h30m": "90m"} {
		w, err := slo.ParseWindow(text)
		if err != nil || w.String() != want {
			t.Errorf("%s: %v, %v", text, w, err)
		}
	}
	for _, text := range []string{"", "0s", "5", "m", "-5m", "99999y", "11y"} {
		if w, err := slo.ParseWindow(text); err == nil {
			t.Errorf("%q is taken for %v", text, w)
		}
	}
}

func TestRepairs(t *testing.T) {
	for _, c := range []struct {
		percent string
		period  slo.Window
		want    []string
	}{
		{"99.9", 30 * slo.Day, []string{"page 1h/5m 14.4", "page 6h/30m 6", "ticket 1d/2h 3", "ticket 3d/6h 1"}},
		{"90", 30 * slo.Day, []string{"page 2h/10m 7.2", "page 6h/30m 6", "ticket 1d/2h 3", "ticket 3d/6h 1"}},
		{"50", 30 * slo.Day, []string{"page 8h/40m 1.8", "page 1d/2h 1.5", "ticket 2d/4h 1.5", "ticket 3d/6h 1"}},
		{"99", 28 * slo.Day, []string{"page 1h/5m 13.44", "page 6h/30m 5.6", "ticket 1d/2h 2.8", "ticket 3d/6h 1"}},
		{"99", slo.Day, []string{"page 1h/5m 1", "page 6h/30m 1", "ticket 1d/2h 1"}},
		{"5", 30 * slo.Day, nil},
	} {
		o, _ := slo.ParsePercent(c.percent)
		burns, _ := slo.Plan(o, c.period, slo.DefaultPolicy())
		var got []string
		for _, b := range burns {
			got = append(got, fmt.Sprintf("%s %s/%s %s", b.Severity, b.Long, b.Short, b.Rate))
		}
		if strings.Join(got, ", ") != strings.Join(c.want, ", ") {
			t.Errorf("%s%% over %s: %v, want %v", c.percent, c.period, got, c.want)
		}
	}
}

// TestEveryPlanKeepsItsPromise holds for any objective and period: thresholds can be reached, nothing fires inside the
// budget, the share is what the burn spends, and more errors are never found later.
func TestEveryPlanKeepsItsPromise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o, err := slo.NewObjective(slo.NewNumber(rapid.Int64Range(1, 99_999).Draw(t, "objective"), 100_000))
		if err != nil {
			t.Fatal(err)
		}
		period := slo.Day * slo.Window(rapid.IntRange(1, 400).Draw(t, "days"))
		burns, _ := slo.Plan(o, period, slo.DefaultPolicy())
		one := slo.NewNumber(1, 1)
		for _, b := range burns {
			if b.Threshold.Cmp(one) >= 0 || b.Rate.Cmp(one) < 0 || b.Long > period || b.Short < slo.Tile || b.Short > b.Long {
				t.Fatalf("%+v", b)
			}
			if spent := b.Rate.Mul(b.Long.Over(period)); spent.Cmp(b.Share) != 0 {
				t.Fatalf("share %s, but %s is spent", b.Share, spent)
			}
			if b.Threshold.Cmp(b.Rate.Mul(o.Budget())) != 0 {
				t.Fatalf("threshold %s", b.Threshold)
			}
			last := slo.Window(0)
			for _, share := range []int64{100, 50, 10, 5, 2, 1} {
				d, ok := b.Detection(slo.NewNumber(share, 100), slo.Evaluation)
				if ok && (d < last || d <= 0 || d > b.Long+slo.Evaluation) {
					t.Fatalf("detection at %d%% after %s, at more after %s", share, d, last)
				}
				last = d
			}
		}
	})
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"99.9", "1e-1000000", "-0", "1e99", "٣", "0.1.2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := slo.ParseNumber(s)
		if err != nil {
			return
		}
		again, ok := new(big.Rat).SetString(n.String())
		if !ok || again.Cmp(n.Rat()) != 0 {
			t.Errorf("%q is written as %s", s, n)
		}
	})
}

func FuzzParseWindow(f *testing.F) {
	f.Add("1h30m")
	f.Add("90s")
	f.Fuzz(func(t *testing.T, s string) {
		w, err := slo.ParseWindow(s)
		if err != nil {
			return
		}
		again, err := slo.ParseWindow(w.String())
		if err != nil || again != w {
			t.Errorf("%q is written as %s: %v", s, time.Duration(w), err)
		}
	})
}
