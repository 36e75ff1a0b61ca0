package review

import (
	"fmt"
	"math"
	"slices"
	"time"

	"treadmill/slo"
)

// Bearing is how a group of an SLO does while something is changed and after it.
type Bearing string

// The bearings.
const (
	Steady    Bearing = "steady"    // no worse than before
	Worse     Bearing = "worse"     // burns budget that it did not burn before
	Paging    Bearing = "page"      // as fast as somebody would be paged for, and it still does
	Before    Bearing = "before"    // it burnt already when the change began
	Elsewhere Bearing = "elsewhere" // it burns where nothing is changed, too
	Passed    Bearing = "passed"    // it was worse since the change, and is not now
	Gone      Bearing = "gone"      // events come no more
	Idle      Bearing = "idle"      // too few events to say anything
	Unseen    Bearing = "unknown"
)

// Signs is what a watch reads of one group.
type Signs struct {
	Bearing Bearing
	Reason  string
	Usual   float64   // burn of the day before the change
	Long    float64   // burn since the change, of the last hour at most
	Short   float64   // burn of the newest five minutes
	Spent   float64   // share of the budget beyond what ordinary days spend, since the change
	Events  float64   // since the change
	Since   time.Time // when the newest step that was worse ended, zero without one
}

// The burn rates above which somebody is paged, by the time they are looked at: the pairs of The Site Reliability Workbook, chapter 5,
// table 5-8. What was changed less than an hour ago is looked at since then.
const (
	pageBurn  = 14.4
	pageSlow  = 6
	slowAfter = 30 * time.Minute
	lookBack  = time.Hour
	fewEvents = 10 // below which a service is idle
)

// Watch reads the signs of a group since a change, beside those of groups that nothing was changed for.
func (h History) Watch(o slo.Objective, period slo.Window, start, now time.Time, peers []History) Signs {
	w := newWatch(h, o, period, start, now)
	if reason := w.unseen(); reason != "" {
		w.signs.Bearing, w.signs.Reason = Unseen, reason
		return w.signs
	}
	w.look()
	if w.signs.Bearing == Worse || w.signs.Bearing == Paging {
		w.foreign(peers)
	}
	return w.signs
}

// watch is a group under watch.
type watch struct {
	h          History
	sums       Sums
	o          slo.Objective
	start, now time.Time
	usual      float64 // share of bad events of an ordinary day
	signs      Signs
}

func newWatch(h History, o slo.Objective, period slo.Window, start, now time.Time) *watch {
	w := &watch{h: h, sums: h.Sums(), o: o, start: start, now: now}
	w.signs.Usual = w.sums.Trend(o, start.Add(-24*time.Hour), start)
	w.usual = w.signs.Usual * o.Budget().Float()
	w.signs.Long, w.signs.Short = w.since().Burn(o), w.newest().Burn(o)
	w.signs.Events = w.sums.Between(start, now).Total
	if cost, known := w.sums.Cost(o, period, Stretch{start, now}, nil); known {
		w.signs.Spent = cost.Share
	}
	return w
}

// since is the events since the change, of the last hour at most.
func (w *watch) since() Span {
	return w.sums.Between(later(w.start, w.now.Add(-lookBack)), w.now)
}

// newest is the events of the newest five minutes, or of the newest step.
func (w *watch) newest() Span {
	return w.sums.Between(w.now.Add(-time.Duration(max(short, w.h.Grid.Step))), w.now)
}

// unseen says what a watch would have to know and does not.
func (w *watch) unseen() string {
	switch {
	case w.sums.Between(w.start.Add(-24*time.Hour), w.start).Known == 0:
		return "nothing is known of the day before the change, so that nothing can be compared with it"
	case w.since().Known == 0:
		return "nothing is known of the time since the change began: check that the service is scraped"
	case w.sums.Between(w.now.Add(-2*time.Duration(max(short, w.h.Grid.Step))), w.now).Known == 0:
		return fmt.Sprintf("the newest events are of %s: check that the service is scraped", w.h.newest().Format(time.RFC3339))
	}
	return ""
}

// excess is how much faster than on ordinary days a span burns, 0 where chance may have done it: fewer than three standard deviations of
// a Poisson count more than is usual, or hardly any bad events at all.
func (w *watch) excess(s Span) float64 {
	lost, usual := s.loss(), w.usual*s.Total
	if s.Total == 0 || lost <= 2*fewBad || lost-usual < 3*math.Sqrt(usual+1) {
		return 0
	}
	return (lost - usual) / (s.Total * w.o.Budget().Float())
}

// look says how the group itself does.
func (w *watch) look() {
	long, now := w.excess(w.since()), w.excess(w.newest())
	w.signs.Since = w.worst()
	slow := w.now.Sub(w.start) >= slowAfter
	before := w.sums.Between(w.start.Add(-time.Hour), w.start)
	arrived := w.sums.Between(w.now.Add(-2*time.Duration(max(short, w.h.Grid.Step))), w.now)
	switch {
	case w.excess(w.sums.Between(w.start.Add(-15*time.Minute), w.start)) > 1 && long > 1:
		w.say(Before, "it burnt %s times its budget in the hour before, so that this is not of the change alone", decimal(before.Burn(w.o)))
	case before.Total >= 10*fewEvents && arrived.Total < before.Total/1000:
		w.say(Gone, "events come no more: %s in the hour before, none now", count(before.Total))
	case long >= pageBurn && now >= pageBurn || slow && long >= pageSlow && now >= pageSlow:
		w.say(Paging,
			"the budget burns %s times faster than allowed since the change, %s times in the newest minutes, and %s times on ordinary days",
			decimal(w.signs.Long), decimal(w.signs.Short), decimal(w.signs.Usual))
	case long > 1 && now > 1:
		w.say(Worse, "the budget burns %s times faster than allowed since the change, and %s times on ordinary days",
			decimal(w.signs.Long), decimal(w.signs.Usual))
	case long > 1 || !w.signs.Since.IsZero() && w.now.Sub(w.signs.Since) < lookBack:
		w.say(Passed, "it was worse until %s; the newest minutes are clean", w.signs.Since.Format("15:04 MST"))
	case w.signs.Events < fewEvents && before.Total < fewEvents:
		w.say(Idle, "%s events since the change show nothing", count(w.signs.Events))
	default:
		w.say(Steady, "it burns %s times its budget, and %s times on ordinary days", decimal(w.signs.Long), decimal(w.signs.Usual))
	}
}

func (w *watch) say(b Bearing, format string, args ...any) {
	w.signs.Bearing, w.signs.Reason = b, fmt.Sprintf(format, args...)
}

// worst is the end of the newest step since the change that burns more than allowed beyond ordinary days.
func (w *watch) worst() time.Time {
	for i := w.h.Grid.N - 1; i >= 0; i-- {
		at := w.h.Grid.At(i)
		if !at.After(w.start) {
			break
		}
		if !at.After(w.now) && w.excess(w.sums.Steps(i, i+1)) > 1 {
			return at
		}
	}
	return time.Time{}
}

// foreign says that groups for which nothing was changed burn too: at least half of those that have events, half as fast or faster.
func (w *watch) foreign(peers []History) {
	own := w.excess(w.since())
	var seen, burning int
	name := ""
	for _, p := range peers {
		o := newWatch(p, w.o, slo.Day, w.start, w.now)
		if o.since().Total == 0 {
			continue
		}
		seen++
		if o.excess(o.since()) >= own/2 {
			burning++
			name = p.Name()
		}
	}
	if burning > 0 && 2*burning >= seen {
		w.say(Elsewhere, "it burns %s times its budget, and %d of %d others, for which nothing was changed, burn too (%s)",
			decimal(w.signs.Long), burning, seen, name)
	}
}

func count(f float64) string { return fmt.Sprintf("%.0f", f) }

// Rank orders bearings, the worst last.
func Rank(b Bearing) int {
	return slices.Index([]Bearing{Idle, Steady, Passed, Before, Elsewhere, Gone, Worse, Unseen, Paging}, b)
}
