package backtest_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"treadmill/rules/backtest"
	"treadmill/slo"
)

// tried is an SLO at an objective for which another is suggested; SLOs of one metric count the same events.
func tried(t testing.TB, metric, now, suggested string) backtest.Tried {
	t.Helper()
	s := spec(t, now, 30*slo.Day, true, nil)
	s.ID = metric + " " + now
	s.Indicator.Good.Text = "sum(rate(" + metric + "[{{.window}}]))"
	to, err := slo.ParseNumber(suggested)
	if err != nil {
		t.Fatal(err)
	}
	return backtest.Tried{SLO: s, Options: []backtest.Option{{Objective: to, Suggested: true}}}
}

func TestAdopt(t *testing.T) {
	for name, c := range map[string]struct {
		of     []backtest.Tried
		loosen bool
		want   []string // what is taken, or a part of why not
	}{
		"stricter":          {[]backtest.Tried{tried(t, "a", "99", "99.5")}, false, []string{"99.5"}},
		"looser":            {[]backtest.Tried{tried(t, "a", "99.9", "99.5")}, false, []string{"--loosen writes it"}},
		"looser, as wanted": {[]backtest.Tried{tried(t, "a", "99.9", "99.5")}, true, []string{"99.5"}},
		"as it is":          {[]backtest.Tried{tried(t, "a", "99.5", "99.5")}, false, []string{"99.5"}},
		"two tiers": {[]backtest.Tried{tried(t, "a", "99", "99.5"), tried(t, "a", "99.9", "99.5")}, true,
			[]string{"tier below a 99.9", "99.5"}},
		"tiers would be one": {[]backtest.Tried{tried(t, "a", "99.9", "99"), tried(t, "a", "99", "99")}, true,
			[]string{"no stricter than its tier a 99", "99"}},
		"not tiers": {[]backtest.Tried{tried(t, "a", "99", "99.5"), tried(t, "b", "99.9", "99.5")}, true, []string{"99.5", "99.5"}},
	} {
		for i, got := range backtest.Adopt(c.of, c.loosen) {
			if taken := got.Kept == "" && got.To.String() == c.want[i]; !taken && (got.Kept == "" || !strings.Contains(got.Kept, c.want[i])) {
				t.Errorf("%s: %s becomes %s (%s), want %s", name, got.From, got.To, got.Kept, c.want[i])
			}
		}
	}
}

// Tiers that differ go on to differ, in the same order, whatever is suggested.
func TestAdoptKeepsTiersApart(t *testing.T) {
	percents := []string{"90", "95", "99", "99.5", "99.9", "99.99"}
	rapid.Check(t, func(rt *rapid.T) {
		var of []backtest.Tried
		for _, now := range rapid.SliceOfNDistinct(rapid.SampledFrom(percents), 1, 4, rapid.ID).Draw(rt, "now") {
			of = append(of, tried(t, "a", now, rapid.SampledFrom(percents).Draw(rt, "suggested")))
		}
		after := backtest.Adopt(of, rapid.Bool().Draw(rt, "loosen"))
		for i := range after {
			for j := range after {
				if before := after[i].From.Cmp(after[j].From); taken(after[i]).Cmp(taken(after[j])) != before {
					rt.Fatalf("%v", after)
				}
			}
		}
	})
}

func taken(a backtest.Adoption) slo.Number {
	if a.Kept != "" {
		return a.From
	}
	return a.To
}
