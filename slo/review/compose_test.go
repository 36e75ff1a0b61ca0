package review_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"treadmill/slo"
	"treadmill/slo/review"
)

// journey is a composite of a component with a budget of 0.1 % and weight 1, and one with 1 % and weight 2.
func journey(t testing.TB, slice slo.Slice) slo.SLO {
	s := slo.SLO{ID: "journey", Period: slo.Period{Length: slo.Day}, Components: []slo.Component{
		{Name: "cart", Weight: slo.NewNumber(1, 1), Objective: objective(t, "99.9"), Indicator: slo.Indicator{Slice: slice}},
		{Name: "payment", Weight: slo.NewNumber(2, 1), Objective: objective(t, "99"), Indicator: slo.Indicator{Slice: slice}}}}
	var err error
	if s.Objective, err = slo.Whole(s.Components); err != nil {
		t.Fatal(err)
	}
	return s
}

// events is a history of a day.
func events(total, bad func(i int) float64) review.History {
	h := review.History{Labels: map[string]string{}, Grid: slo.Grid{From: start, Step: slo.Tile, N: 288}}
	for i := range h.Grid.N {
		h.Total, h.Bad = append(h.Total, total(i)), append(h.Bad, bad(i))
	}
	return h
}

func flat(v float64) func(int) float64 { return func(int) float64 { return v } }

// The burn of the whole over any span is the sum of its components' burns by weight, however uneven their traffic.
func TestBurnsAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := journey(t, slo.Slice{})
		counts := rapid.SliceOfN(rapid.Float64Range(0, 1000), 288, 288)
		var parts [][]review.History
		for range s.Components {
			total, share := counts.Draw(rt, "total"), counts.Draw(rt, "share")
			parts = append(
				parts,
				[]review.History{events(func(i int) float64 { return total[i] }, func(i int) float64 { return total[i] * share[i] / 1000 })},
			)
		}
		from := rapid.IntRange(0, 287).Draw(rt, "from")
		to := rapid.IntRange(from+1, 288).Draw(rt, "to")
		whole := review.Compose(s, nil, parts)[0]
		want := 0.0
		for i, c := range s.Components {
			want += c.Weight.Float() * parts[i][0].Sums().Steps(from, to).Burn(c.Objective)
		}
		span := whole.Sums().Steps(from, to)
		if got := span.Burn(s.Objective); math.Abs(got-want) > 1e-9*max(1, want) {
			rt.Errorf("burn is %g, want %g", got, want)
		}
		if n := whole.Sums().Steps(0, 288).Budget(s.Objective, slo.Day, slo.Tile); math.Abs(
			n.Spent-n.Components[0].Spent-n.Components[1].Spent,
		) > 1e-9*max(
			1,
			n.Spent,
		) {
			rt.Errorf("%+v do not add up to %g", n.Components, n.Spent)
		}
	})
}

func TestGateOfAComposite(t *testing.T) {
	nan := math.NaN()
	calm := events(flat(100), flat(0))
	now := start.Add(287 * 5 * time.Minute)
	late := func(v float64) func(int) float64 {
		return func(i int) float64 {
			if i >= 276 {
				return v
			}
			return 0
		}
	}
	cases := map[string]struct {
		cart, payment review.History
		state         review.State
		reason        string
	}{
		"calm": {calm, calm, review.Open, ""},
		"each keeps 40 % of its own budget, together they have none left": {
			events(flat(100), flat(0.06)),
			events(flat(100), flat(0.6)),
			review.Closed,
			"-80.0% of the budget is left, 25.0% is wanted; cart spent 60.0%; payment spent 120.0%",
		},
		"payment alone burns, by its weight": {calm, events(flat(100), late(0.6)), review.Closed, "burns 1.2 times"},
		"one bad event among few is chance": {
			calm,
			events(flat(2), func(i int) float64 { return map[bool]float64{true: 1}[i == 287] }),
			review.Open,
			"",
		},
		"payment is idle": {calm, events(flat(0), flat(0)), review.Open, ""},
		"payment is gone": {
			calm,
			events(func(i int) float64 { return late(nan)(i) + 1 }, func(i int) float64 { return late(nan)(i) }),
			review.Unknown,
			"its component payment: nothing is known of the last 20m",
		},
	}
	s := journey(t, slo.Slice{})
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			h := review.Compose(s, nil, [][]review.History{{c.cart}, {c.payment}})[0]
			v := h.Judge(s.Objective, s.Period, now.Add(-24*time.Hour), now, review.Limits{MinBudget: 0.25, MaxBurn: 1, BurnWindow: slo.Hour})
			if v.State != c.state || !strings.Contains(strings.Join(v.Reasons, "\n"), c.reason) {
				t.Errorf("%s %q", v.State, v.Reasons)
			}
		})
	}
}

// Where slices of time are counted a slice is bad when it is bad for any component, and shares of slices add up to one at most.
func TestComposeSlices(t *testing.T) {
	one := func(share float64, at ...int) []review.History {
		return []review.History{events(flat(1), func(i int) float64 {
			if slices.Contains(at, i) {
				return share
			}
			return 0
		})}
	}
	whole := slo.Slice{Window: slo.Tile, Target: slo.NewNumber(9, 10)}
	if got := review.Compose(journey(t, whole), nil, [][]review.History{one(1, 1, 2), one(1, 2, 3)})[0].Sums().Steps(0, 288); got.Bad != 3 ||
		got.Total != 288 {
		t.Errorf("%+v", got)
	}
	if got := review.Compose(journey(t, slo.Slice{Window: slo.Tile}), nil,
		[][]review.History{one(0.3, 1, 2), one(0.4, 2, 3)})[0].Sums().Steps(0, 288); math.Abs(
		got.Bad-(0.3+1+0.8),
	) > 1e-9 {
		t.Errorf("%+v", got)
	}
}

// Groups are composed by their labels; one that a component lacks is made of the others.
func TestComposeGroups(t *testing.T) {
	a, b := events(flat(1), flat(0)), events(flat(1), flat(0))
	a.Labels, b.Labels = map[string]string{"region": "a"}, map[string]string{"region": "b"}
	got := review.Compose(journey(t, slo.Slice{}), []string{"region"}, [][]review.History{{a, b}, {b}})
	if len(got) != 2 || got[0].Name() != "region=a" || len(got[0].Parts) != 1 || len(got[1].Parts) != 2 {
		t.Errorf("%+v", got)
	}
}
