package compile_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"treadmill/rules/compile"
	"treadmill/slo"
)

// siblings are three SLOs over one total, two of which count the same bad events too, and one that counts its own total.
func siblings(t testing.TB) []slo.SLO {
	t.Helper()
	strict, loose, fast, other := availability(t, "99.9"), availability(t, "99"), availability(t, "95"), availability(t, "99")
	loose.ID, fast.ID, other.ID = "loose", "fast", "other"
	loose.Period.Length = 7 * slo.Day
	fast.Indicator.Bad, fast.Indicator.Good = slo.Query{}, slo.Query{Text: `sum(rate(requests_fast[5m]))`}
	other.Indicator.Total.Text = `sum(rate(others_total[5m]))`
	return []slo.SLO{strict, loose, other, fast}
}

// TestSharedEventsAreReadOnce compares what SLOs record that share their events with what each records by itself, in the
// engine, through an outage and after traffic has ended.
func TestSharedEventsAreReadOnce(t *testing.T) {
	slos := siblings(t)
	drafts := compile.Prepare(slos, slowly)
	families := compile.Families(drafts)
	if len(families) != 2 || len(families[0]) != 3 || families[1][0].SLO.ID != "other" {
		t.Fatalf("%d families, the first of %d", len(families), len(families[0]))
	}
	if c := drafts[1].Cost; c.TotalFrom != "web-availability" || c.BadFrom != "web-availability" || c.PerSeries.Float() != 0 {
		t.Errorf("the same events: %+v", c)
	}
	if c := drafts[3].Cost; c.TotalFrom != "web-availability" || c.BadFrom != "" || c.PerSeries.Float() == 0 {
		t.Errorf("the same total: %+v", c)
	}
	raw := 0
	for _, g := range compile.Groups(families[0]) {
		for _, r := range g.Rules {
			if r.Record != "" && strings.Contains(r.Expr, "requests_total") {
				raw++
			}
		}
	}
	if raw != 3 {
		t.Errorf("%d rules read requests_total, want one for all events, one for bad ones, and one that keeps counters which do not answer", raw)
	}
	hour := func(at time.Duration) bool { return at > 4*time.Hour && at < 5*time.Hour }
	until := func(f func(time.Duration) float64) func(time.Duration) float64 {
		return func(at time.Duration) float64 {
			if v := f(at); at < 8*time.Hour {
				return v
			}
			return math.NaN()
		}
	}
	again := func() []series { // counters remember what they counted: each world has its own
		traffic := requests(
			func(at time.Duration) float64 { return 9 + at.Hours() },
			func(at time.Duration) float64 { return when(hour(at), 3) },
			time.Minute,
		)
		traffic = append(traffic, series{metric("requests_fast"), counter(func(at time.Duration) float64 { return 8 + at.Hours() }, time.Minute)})
		for i := range traffic {
			traffic[i].value = until(traffic[i].value)
		}
		return traffic
	}
	together, apart := newWorld(t, time.Minute, again()...), newWorld(t, time.Minute, again()...)
	together.load(compile.Groups(families[0]))
	for _, s := range []slo.SLO{slos[0], slos[1], slos[3]} {
		apart.load(compile.Compile(s, slowly).Groups)
	}
	compare := func() {
		for _, id := range []string{"web-availability", "loose", "fast"} {
			for _, name := range []string{"slo:events_total:increase5m", "slo:events_bad:increase5m", "slo:events_bad:increase6h",
				"slo:error_budget:remaining"} {
				q := name + "{slo=\"" + id + "\"}"
				a, b := together.value(q), apart.value(q)
				if a != b && !(math.IsNaN(a) && math.IsNaN(b)) {
					t.Fatalf("%s is %v together and %v apart after %s", q, a, b, together.now.Sub(start))
				}
			}
		}
	}
	for range 9 * 12 {
		together.run(5*time.Minute, nil)
		apart.run(5*time.Minute, nil)
		compare()
	}
	if together.samples >= apart.samples {
		t.Errorf("%d samples are read together, %d apart", together.samples, apart.samples)
	}
}

// TestSlicesAreNoEvents keeps slices of five minutes, whose tiles hold one slice, from standing in for the events of a tile.
func TestSlicesAreNoEvents(t *testing.T) {
	events, slices := availability(t, "99.9"), availability(t, "99")
	slices.ID, slices.Indicator.Slice = "slices", slo.Slice{Window: slo.Tile, Target: slo.NewNumber(9, 10)}
	for _, slos := range [][]slo.SLO{{events, slices}, {slices, events}} {
		if families := compile.Families(compile.Prepare(slos, slowly)); len(families) != 2 {
			t.Errorf("%s and %s share what they count", slos[0].ID, slos[1].ID)
		}
	}
}
