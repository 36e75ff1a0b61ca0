package review_test

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"treadmill/slo"
	"treadmill/slo/review"
)

// hop is one seeded change: what really happens in the minutes after it, and before.
type hop struct {
	name    string
	traffic float64                         // events a minute
	own     func(minute int) float64        // share of bad events of the cluster, by the minute since the change
	other   func(minute int) float64        // of a cluster for which nothing is changed
	flow    func(minute int) float64        // what is left of the traffic
	onset   int                             // minute at which what the change broke shows, -1 where it breaks nothing
	wrong   func(review.Bearing, bool) bool // what may not be said of it; the second is whether the onset was long enough ago
	wanted  map[review.Bearing]bool         // what has to be said some time
}

// play gives the histories of the cluster and of the other one, in steps of five minutes as the server counts them.
func (h hop) play(r *rand.Rand, start time.Time, hours int) (own, other review.History) {
	const before = 30 * 60
	make5 := func(bad, flow func(int) float64, cluster string) review.History {
		out := review.History{
			Labels: map[string]string{"cluster": cluster},
			Grid:   slo.NewGrid(start.Add(-before*time.Minute), start.Add(time.Duration(hours)*time.Hour), 5*slo.Minute),
		}
		for i := range out.Grid.N {
			total, lost := 0.0, 0.0
			for m := range 5 {
				minute := i*5 + m - before
				n := poisson(r, h.traffic*flow(minute))
				total += n
				lost += min(n, poisson(r, n*bad(minute)))
			}
			out.Total, out.Bad = append(out.Total, total), append(out.Bad, lost)
		}
		return out
	}
	always := func(int) float64 { return 1 }
	flow := h.flow
	if flow == nil {
		flow = always
	}
	return make5(h.own, flow, "eu"), make5(h.other, always, "us")
}

func poisson(r *rand.Rand, mean float64) float64 {
	if mean > 50 {
		return math.Max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64()))
	}
	n, p := 0.0, r.Float64()
	for limit := math.Exp(-mean); p > limit; p *= r.Float64() {
		n++
	}
	return n
}

const usual = 0.0002 // a fifth of the budget of 99.9 %

func calm(int) float64 { return usual }

func from(at, to int, share float64) func(int) float64 {
	return func(m int) float64 {
		if m >= at && m < to {
			return share
		}
		return usual
	}
}

// hops are the kinds of changes that are told apart.
func hops(r *rand.Rand) []hop {
	onset := r.IntN(30)
	traffic := []float64{120, 600, 6000}[r.IntN(3)]
	never := func(b review.Bearing, _ bool) bool {
		return b == review.Paging || b == review.Worse || b == review.Gone
	}
	foreign := func(b review.Bearing, _ bool) bool { return b == review.Paging }
	late := func(b review.Bearing, due bool) bool { return due && b != review.Paging }
	return []hop{
		{name: "nothing breaks", traffic: traffic, own: calm, other: calm, onset: -1, wrong: never},
		{name: "all fail", traffic: traffic, own: from(onset, 999, 1), other: calm, onset: onset, wrong: late},
		{name: "one in ten fails", traffic: traffic, own: from(onset, 999, 0.1), other: calm, onset: onset, wrong: late},
		{name: "three in a hundred fail", traffic: max(600, traffic), own: from(0, 999, 0.03), other: calm, onset: 0, wrong: late},
		{
			name:    "an outage of everything",
			traffic: traffic,
			own:     from(onset, onset+40, 0.5),
			other:   from(onset, onset+40, 0.5),
			onset:   -1,
			wrong:   foreign,
			wanted:  map[review.Bearing]bool{review.Elsewhere: true},
		},
		{
			name:    "an outage that began before",
			traffic: traffic,
			own:     from(-40, 40, 0.3),
			other:   calm,
			onset:   -1,
			wrong:   foreign,
			wanted:  map[review.Bearing]bool{review.Before: true},
		},
		{name: "a blip", traffic: max(600, traffic), own: from(onset, onset+3, 0.01), other: calm, onset: -1, wrong: foreign},
		{name: "it comes and goes", traffic: traffic, own: func(m int) float64 {
			if m >= onset && (m-onset)/10%2 == 0 {
				return 0.3
			}
			return usual
		}, other: calm, onset: -1, wrong: func(b review.Bearing, due bool) bool { return due && (b == review.Steady || b == review.Idle) },
			wanted: map[review.Bearing]bool{review.Paging: true}},
		{name: "nothing arrives", traffic: traffic, own: calm, other: calm, flow: func(m int) float64 {
			if m >= 5 {
				return 0
			}
			return 1
		}, onset: -1, wrong: foreign, wanted: map[review.Bearing]bool{review.Gone: true}},
		{name: "hardly used", traffic: 0.02, own: calm, other: calm, onset: -1, wrong: never},
	}
}

// TestSeededHopsAreJudgedByWhatReallyHappened: of what breaks it is told within ten minutes, and nobody else's outage is the hop's.
func TestSeededHopsAreJudgedByWhatReallyHappened(t *testing.T) {
	o := objective(t, "99.9")
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	asked, wrong := 0, map[string]int{}
	for seed := range uint64(30) {
		r := rand.New(rand.NewPCG(seed, 22))
		for _, h := range hops(r) {
			own, other := h.play(r, start, 1)
			said := map[review.Bearing]bool{}
			bad := false
			for minute := 5; minute <= 60; minute += 5 {
				now := start.Add(time.Duration(minute) * time.Minute)
				signs := own.Watch(o, 30*slo.Day, start, now, []review.History{other})
				said[signs.Bearing] = true
				due := h.onset >= 0 && minute >= h.onset+10 || h.onset < 0 && minute >= 45
				if h.wrong(signs.Bearing, due) {
					bad = true
				}
			}
			for b := range h.wanted {
				bad = bad || !said[b]
			}
			asked++
			if bad {
				wrong[h.name]++
			}
		}
	}
	sum := 0
	for _, n := range wrong {
		sum += n
	}
	t.Logf("%d hops, %d judged wrongly: %v", asked, sum, wrong)
	if 20*sum > asked || wrong["an outage of everything"]+wrong["an outage that began before"] > 0 {
		t.Errorf("%d of %d hops are judged wrongly: %v", sum, asked, wrong)
	}
}

// TestForeignOutagesAreNotBooked: of 200 seeded hops with an outage of everything, and of 200 that break something themselves, what is
// booked is what the hop lost: its own damage is in it, and next to nothing of the outages.
func TestForeignOutagesAreNotBooked(t *testing.T) {
	o := objective(t, "99.9")
	start := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	at := review.Stretch{From: start, To: start.Add(time.Hour)}
	foreign, own := 0, 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 23))
		for _, h := range hops(r) {
			outage, breaks := h.name == "an outage of everything", h.onset >= 0
			if !outage && !breaks {
				continue
			}
			cluster, other := h.play(r, start, 1)
			all, _ := cluster.Sums().Cost(o, slo.Day, at, nil)
			booked, _ := cluster.Sums().Cost(o, slo.Day, at, cluster.Elsewhere(o, at, []review.History{other}))
			if outage && booked.Share > all.Share/100 {
				foreign++
			}
			if breaks && booked.Bad != all.Bad {
				own++
			}
		}
	}
	t.Logf("%d of 200 outages of others are booked, and of %d of 600 hops that break something not all is", foreign, own)
	if foreign+own > 0 {
		t.Error("what is booked is not what the hop lost")
	}
}
