package noise

import (
	"cmp"
	"slices"
	"time"

	"github.com/prometheus/common/model"

	"treadmill/slo"
)

// Noise is how one rule behaved over a time. Durations are in words such as "15m"; shares are from 0 to 1.
type Noise struct {
	Episodes     int      `json:"episodes"`                 // of all its instances: firing now and not one step before
	Instances    int      `json:"instances"`                // that fired
	AlertMinutes float64  `json:"alertMinutes"`             // of all its instances
	Median       string   `json:"medianDuration"`           // of episodes
	P90          string   `json:"p90Duration"`              // of episodes
	SelfResolved float64  `json:"selfResolvedShare"`        // of episodes: over within 15 minutes
	FlapsPerDay  float64  `json:"flapsPerDay"`              // episodes of one instance that begin within 30 minutes after its last one, per day
	DutyCycle    float64  `json:"dutyCycle"`                // of the time: at least one instance fires
	FanOut       float64  `json:"fanOut"`                   // instances that begin in one step, at the median
	CoFiring     []Twin   `json:"coFiring"`                 // rules that fire at the same times
	PagesPerWeek float64  `json:"pagesPerWeek"`             // notifications with an alert of the rule, after routing
	NightPages   int      `json:"nightPages"`               // of these, those between 22:00 and 07:00 UTC
	FalsePages   *float64 `json:"falsePageShare,omitempty"` // of these, those without a burning SLO within 15 minutes; absent without SLOs, and for a dead-man switch
	NeverFired   bool     `json:"neverFired"`
	NoInput      bool     `json:"noInput"` // a selector of its expression has had no series in all the time
}

// Twin is a rule that fires when another does. Share is the time in which both fire, of the time in which either does.
type Twin struct {
	Alert    string  `json:"alert"`
	Severity string  `json:"severity"`
	Share    float64 `json:"share"`
}

// The bounds of the formulas.
const (
	resolved = 15 * time.Minute // an episode that is over sooner has resolved itself
	flap     = 30 * time.Minute
	coFiring = 0.8 // a share from which on two rules are said to fire together
	nearby   = 15 * time.Minute
)

// Input is what rules are measured by.
type Input struct {
	Instances []Instance
	From, To  time.Time
	Step      slo.Window
	Pages     []Notification
	Burning   []Span // when an SLO burned its budget too fast; nil when no SLO is known
	SLOs      bool   // whether Burning says something
}

// Measure gives the noise of every rule that fired.
func Measure(in Input) map[Rule]Noise {
	byRule := map[Rule][]Instance{}
	for _, i := range in.Instances {
		byRule[i.Rule()] = append(byRule[i.Rule()], i)
	}
	unions := map[Rule][]Span{}
	for r, instances := range byRule {
		unions[r] = union(instances)
	}
	out := map[Rule]Noise{}
	for r, instances := range byRule {
		n := measure(instances, in)
		n.DutyCycle = share(length(unions[r]), in.To.Sub(in.From))
		n.CoFiring = twins(r, unions)
		out[r] = n
	}
	pages(out, in)
	return out
}

func union(instances []Instance) []Span {
	var all []Span
	for _, i := range instances {
		all = append(all, i.Spans...)
	}
	return join(all)
}

func share(part, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return min(1, float64(part)/float64(whole))
}

func measure(instances []Instance, in Input) Noise {
	var n Noise
	var lengths []time.Duration
	starts := map[time.Time]int{}
	short, flaps := 0, 0
	for _, i := range instances {
		n.Instances++
		for k, s := range i.Spans {
			lengths = append(lengths, s.To.Sub(s.From))
			starts[s.From]++
			if s.To.Sub(s.From) < resolved {
				short++
			}
			if k > 0 && s.From.Sub(i.Spans[k-1].To) < flap {
				flaps++
			}
		}
		n.AlertMinutes += length(i.Spans).Minutes()
	}
	slices.Sort(lengths)
	n.Episodes = len(lengths)
	n.Median, n.P90 = model.Duration(quantile(lengths, 50)).String(), model.Duration(quantile(lengths, 90)).String()
	n.SelfResolved = float64(short) / float64(max(1, len(lengths)))
	n.FlapsPerDay = float64(flaps) / max(1, in.To.Sub(in.From).Hours()/24)
	var together []float64
	for _, k := range starts {
		together = append(together, float64(k))
	}
	n.FanOut = slo.Median(together)
	return n
}

// quantile is the smallest value that at least percent of the sorted values do not exceed.
func quantile(sorted []time.Duration, percent int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[max(0, (len(sorted)*percent+99)/100-1)]
}

// twins are the rules whose times are those of a rule: the Jaccard index of their times is high.
func twins(r Rule, unions map[Rule][]Span) []Twin {
	out := []Twin{}
	own := unions[r]
	for other, spans := range unions {
		if other == r {
			continue
		}
		both := overlap(own, spans)
		if s := share(both, length(own)+length(spans)-both); s >= coFiring {
			out = append(out, Twin{other.Name, other.Severity, s})
		}
	}
	slices.SortFunc(out, func(a, b Twin) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), cmp.Compare(a.Alert, b.Alert), cmp.Compare(a.Severity, b.Severity))
	})
	return out
}

// pages adds the notifications of every rule, and how many of them had no reason.
func pages(out map[Rule]Noise, in Input) {
	sent, idle := map[Rule]int{}, map[Rule]int{}
	for _, p := range in.Pages {
		needless := in.SLOs && overlap(in.Burning, []Span{{p.At.Add(-nearby), p.At.Add(nearby)}}) == 0
		for _, r := range p.Rules {
			n := out[r]
			sent[r]++
			if Night(p.At) {
				n.NightPages++
			}
			if needless {
				idle[r]++
			}
			out[r] = n
		}
	}
	weeks := in.To.Sub(in.From).Hours() / 24 / 7
	for r, n := range out {
		if weeks > 0 {
			n.PagesPerWeek = float64(sent[r]) / weeks
		}
		if in.SLOs && sent[r] > 0 && r.Severity != "none" { // a dead-man switch tells that all is well
			s := float64(idle[r]) / float64(sent[r])
			n.FalsePages = &s
		}
		out[r] = n
	}
}

// Night reports whether a moment is at night: between 22:00 and 07:00 UTC.
func Night(at time.Time) bool { h := at.UTC().Hour(); return h >= 22 || h < 7 }
