package windows

import (
	"math"
	"slices"
	"time"

	"treadmill/upgrade"
)

// Horizon is how many releases past the last known one are projected: four years.
const Horizon = 12

// recent is how many past values a prediction averages, and slots how many releases a year has since 1.20.
const (
	recent = 3
	slots  = 3
)

// firstOfCadence is the first release of the cadence of three releases a year.
var firstOfCadence = upgrade.V1(20)

// lagRule projects the day a provider offers a minor: upstream's release and the mean of the provider's last lags.
type lagRule struct {
	since         upgrade.Minor // the first minor whose lag counts
	channelsSince upgrade.Minor // the same for release channels with days of their own
}

// endRule computes an end from a date before it.
type endRule struct {
	after  string        // available, standard, a term of extended support, or Upstream for upstream's release
	months int           // calendar months later
	day    int           // day of that month; 31 the last one; 0 the same as of the date before
	minors string        // "odd", "even", or "" for all
	since  upgrade.Minor // the first minor the rule holds for
	until  upgrade.Minor // the last one; zero for all
	// early and late are the least error in days, where history is too short to show it.
	early, late int
}

func (r endRule) holds(m upgrade.Minor) bool {
	return !m.Less(r.since) && (r.until.IsZero() || !r.until.Less(m)) && (r.minors == "" || (r.minors == "odd") == (m.Minor%2 == 1))
}

func (r endRule) apply(base Day) Day {
	d := base.AddMonths(r.months)
	if r.day == 0 {
		return d
	}
	y, m, _ := d.Time().Date()
	return min(NewDay(y, m, r.day), d.endOfMonth())
}

// release is a minor and the day it was released.
type release struct {
	minor upgrade.Minor
	day   Day
}

// predictCadence is the seasonal predictor: releases come in three slots a year, and a release to come falls on the
// mean day of the year of the last three releases in its slot, moved to the nearest Wednesday, which most releases were made on.
// known must hold consecutive minors and one of each slot at least.
func predictCadence(known []release, m upgrade.Minor) Day {
	sum, n, year := 0, 0, 0
	for _, r := range slices.Backward(known) {
		if n == recent || (m.Sub(r.minor))%slots != 0 {
			continue
		}
		t := r.day.Time()
		if n == 0 {
			year = t.Year() + m.Sub(r.minor)/slots
		}
		sum += t.YearDay()
		n++
	}
	if n == 0 {
		return 0
	}
	return NewDay(year, time.January, (sum+n/2)/n).nearest(time.Wednesday)
}

// releasesOf lists the releases of the cadence that pass a filter.
func releasesOf(ws []Window, keep func(Date) bool) []release {
	var out []release
	for _, w := range ws {
		if !w.Minor.Less(firstOfCadence) && !w.Available.IsZero() && keep(w.Available) {
			out = append(out, release{w.Minor, w.Available.Day})
		}
	}
	return out
}

func happened(d Date) bool   { return d.Status >= Announced }
func dated(d Date) bool      { return d.Status > Projected }
func lastOf[T any](ts []T) T { return ts[len(ts)-1] }

// projectCadence adds the releases that upstream has not dated.
func projectCadence(ws []Window) []Window {
	known := releasesOf(ws, dated)
	if len(known) < slots {
		return ws
	}
	errors := widen(cadenceErrors(releasesOf(ws, happened)))
	last := lastOf(known).minor
	for ahead := 1; ahead <= Horizon; ahead++ {
		m := last.Add(ahead)
		e := at(errors, ahead)
		ws = put(ws, m, available, Date{Day: predictCadence(known, m), Status: Projected, Source: "cadence", Early: e, Late: e})
	}
	return ws
}

// put dates a milestone of a minor that has no date yet. Only what becomes available makes a window that is not there.
func put(ws []Window, m upgrade.Minor, name string, d Date) []Window {
	i, found := slices.BinarySearchFunc(ws, m, func(w Window, m upgrade.Minor) int { return w.Minor.Compare(m) })
	switch {
	case !found && name == available:
		ws = slices.Insert(ws, i, Window{Minor: m, Available: d})
	case found && ws[i].date(name).IsZero():
		ws[i].set(name, d)
	}
	return ws
}

// projectLag adds the days on which a provider, or one of its channels, will offer the minors that it has not dated.
func projectLag(ws, upstream []Window, since upgrade.Minor, name string) []Window {
	lags := lagsOf(ws, upstream, since, name)
	if len(lags) == 0 {
		return ws
	}
	bars := widen(lagErrors(lags))
	lag := mean(lags)
	least := spread(lags, lag)
	var newest upgrade.Minor
	for _, w := range ws {
		if !w.date(name).IsZero() {
			newest = w.Minor
		}
	}
	for _, u := range upstream {
		if !newest.Less(u.Minor) || u.Available.IsZero() {
			continue
		}
		e := max(least, at(bars, u.Minor.Sub(newest)))
		ws = put(ws, u.Minor, name, Date{Day: u.Available.Day + Day(lag), Status: Projected, Source: "lag",
			Early: both(u.Available.Early, e), Late: both(u.Available.Late, e)})
	}
	return ws
}

// fewLags is the error in days that a mean of fewer than three lags is given: nothing can be derived from so few.
const fewLags = 30

// spread is the largest distance of a lag that the mean was made of from the mean. Where history is too short to be replayed it
// is the only error bar there is.
func spread(lags []int, mean int) int {
	if len(lags) < recent {
		return fewLags
	}
	worst := 0
	for _, v := range lags[max(0, len(lags)-recent-1):] {
		worst = max(worst, v-mean, mean-v)
	}
	return worst
}

// unsure is the width in days from which a date is too vague to measure a lag by.
const unsure = 32

// lagsOf lists by how many days a provider, or one of its channels, followed upstream, by minor.
func lagsOf(ws, upstream []Window, since upgrade.Minor, name string) []int {
	var out []int
	for _, w := range ws {
		i := slices.IndexFunc(upstream, func(u Window) bool { return u.Minor == w.Minor })
		d := w.date(name)
		if i >= 0 && !w.Minor.Less(since) && !d.IsZero() && happened(d) && happened(upstream[i].Available) && d.Early+d.Late < unsure {
			out = append(out, int(d.Day-upstream[i].Available.Day))
		}
	}
	return out
}

// both is the error of two steps that err independently: the root of the sum of squares, rounded up.
func both(a, b int) int { return int(math.Ceil(math.Hypot(float64(a), float64(b)))) }

// mean is the rounded mean of the last recent+1 values.
func mean(values []int) int {
	values = values[max(0, len(values)-recent-1):]
	sum := 0
	for _, v := range values {
		sum += v
	}
	n := len(values)
	return (2*sum + n) / (2 * n)
}

// projectEnds fills the ends that no source gives by the provider's rules, each after those that it may rest on.
func projectEnds(ws, upstream []Window, rules [4]*endRule) {
	for i, name := range append([]string{standard}, termMilestones...) {
		if rules[i] != nil {
			fillEnds(ws, upstream, *rules[i], name)
		}
	}
}

func fillEnds(ws, upstream []Window, rule endRule, name string) {
	base := func(w *Window) Date {
		if rule.after != Upstream {
			return w.date(rule.after)
		}
		if i := slices.IndexFunc(upstream, func(u Window) bool { return u.Minor == w.Minor }); i >= 0 {
			return upstream[i].Available
		}
		return Date{}
	}
	early, late := rule.early, rule.late
	for i := range ws {
		b, e := base(&ws[i]), ws[i].date(name)
		if rule.holds(ws[i].Minor) && dated(b) && dated(e) && !b.IsZero() && !e.IsZero() {
			off := int(e.Day - rule.apply(b.Day))
			early, late = max(early, -off), max(late, off)
		}
	}
	for i := range ws {
		b, e := base(&ws[i]), ws[i].date(name)
		if e.IsZero() && !b.IsZero() && rule.holds(ws[i].Minor) {
			ws[i].set(name, Date{Day: rule.apply(b.Day), Status: Projected, Source: "rule", Early: both(b.Early, early), Late: both(b.Late, late)})
		}
	}
}
