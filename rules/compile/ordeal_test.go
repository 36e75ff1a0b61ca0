package compile_test

import "time"

// ordeal is a course of events of targets, and what of it a Prometheus gets to see.
type ordeal struct {
	name    string
	targets int
	warm    time.Duration // before anything happens
	run     time.Duration
	blind   bool                                       // raw windows do not see it: it lies in a gap that is longer than their short windows
	lacks   float64                                    // share of events that may be lacking, as counters are young
	twice   time.Duration                              // as Prometheus itself was down so long, windows may hold as much more
	rate    float64                                    // events a second of each target
	share   func(target int, at time.Duration) float64 // of events that fail, from the end of the warm-up on
	answers func(target int, at time.Duration) bool    // a scrape
	down    func(at time.Duration) bool                // Prometheus does nothing
	skips   func(evaluation int) bool                  // an evaluation is missed
	restart func(target int, at time.Duration) bool    // counters start again
	lives   func(target int, at time.Duration) bool    // the target is there
	busy    func(target int, at time.Duration) float64 // times the rate
}

func always(v float64) func(int, time.Duration) float64 {
	return func(int, time.Duration) float64 { return v }
}

func during(from, to time.Duration, share float64) func(int, time.Duration) float64 {
	return func(_ int, at time.Duration) float64 { return when(at >= from && at < to, share) }
}

// ordeals are the faults.
func ordeals() []ordeal {
	const m, h = time.Minute, time.Hour
	silent := func(from, to time.Duration) func(int, time.Duration) bool {
		return func(_ int, at time.Duration) bool { return at < from || at >= to }
	}
	one := func(from, to time.Duration) func(int, time.Duration) bool {
		return func(i int, at time.Duration) bool { return i > 0 || at < from || at >= to }
	}
	within := func(from, to time.Duration) func(time.Duration) bool {
		return func(at time.Duration) bool { return at >= from && at < to }
	}
	return []ordeal{
		{name: "an outage of twenty minutes", share: during(10*m, 30*m, 1)},
		{name: "fails for 10 m and does not answer meanwhile", share: during(10*m, 20*m, 1), answers: silent(10*m, 20*m)},
		{name: "the same, 6 m", share: during(10*m, 16*m, 1), answers: silent(10*m, 16*m)},
		{name: "the same, 4 m", share: during(10*m, 14*m, 1), answers: silent(10*m, 14*m)},
		{name: "the same, 50 m", share: during(10*m, 60*m, 1), answers: silent(10*m, 60*m), run: 4 * h, blind: true},
		{
			name:    "one of five fails for 25 m and does not answer meanwhile",
			targets: 5,
			share:   func(i int, at time.Duration) float64 { return when(i == 0 && at >= 10*m && at < 35*m, 1) },
			answers: one(10*m, 35*m),
		},
		{name: "Prometheus is down for 10 m while all fail", share: during(10*m, 20*m, 1), down: within(10*m, 20*m), twice: 10 * m},
		{name: "the same, 3 m", share: during(10*m, 13*m, 1), down: within(10*m, 13*m), twice: 3 * m},
		{name: "the same, 40 m", share: during(10*m, 50*m, 0.5), down: within(10*m, 50*m), run: 4 * h, blind: true, twice: 40 * m},
		{
			name:    "one scrape in twelve answers",
			share:   during(10*m, 46*m, 1),
			answers: func(_ int, at time.Duration) bool { return at < 10*m || at >= 46*m || at%(6*m) < 30*time.Second },
		},
		{name: "one burst of 25 s", share: during(30*m+10*time.Second, 30*m+35*time.Second, 1)},
		{name: "an hourly job that fails", rate: 0.0001, busy: func(_ int, at time.Duration) float64 {
			return when((at+5*h)%h >= 10*time.Second && (at+5*h)%h < 25*time.Second, 50000)
		}, share: during(0, 3*h, 1), run: 4 * h},
		{
			name:    "targets restart every two hours while 5 % fail",
			targets: 3,
			share:   during(10*m, 70*m, 0.05),
			restart: func(i int, at time.Duration) bool { return (at+10*h-time.Duration(i)*m)%(2*h) == 0 },
		},
		{
			name:    "pods are replaced every hour while 5 % fail",
			targets: 24,
			rate:    8,
			lacks:   0.02,
			share:   during(10*m, 70*m, 0.05),
			lives: func(i int, at time.Duration) bool {
				return (at+6*h)/h == time.Duration(i/2) || (at+6*h-2*m)/h == time.Duration(i/2)
			},
		},
		{name: "every twentieth evaluation is missed in an outage", share: during(10*m, 30*m, 1), skips: func(n int) bool { return n%20 == 7 }},
		{name: "three evaluations are missed", share: during(10*m, 40*m, 0.05), skips: func(n int) bool { return n > 750 && n < 754 }},
		{name: "as many fail as the budget allows", share: always(0.001)},
		{
			name:  "an idle target ends twice within 54 m, and fails while it does not answer again",
			share: during(64*m, 84*m, 1),
			busy:  func(_ int, at time.Duration) float64 { return when(at < 10*m || at >= 64*m, 1) },
			answers: func(_ int, at time.Duration) bool {
				return at < 10*m || at >= 61*m && at < 64*m || at >= 84*m
			},
		},
	}
}
