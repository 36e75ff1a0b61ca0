package addons

import (
	"slices"

	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

// seasons is how many minors Kubernetes releases a year; recent, how many past lags a mean is taken of; floor, the least error in
// days that a forecast shows.
const (
	seasons = 3
	recent  = 3
	floor   = 14
)

// Lag is by how many days an add-on's first release that supports a minor came after the minor itself.
type Lag struct {
	Minor   upgrade.Minor
	Release string
	Days    int
}

// Lags is the history of an add-on, by rising minor. Minors are left out whose support was added to a release that was there before
// them, as the table does not say when, and those for which the table may not hold the first release that supports them.
func (a Addon) Lags(calendar windows.Table) []Lag {
	var out []Lag
	for _, w := range calendar.Windows(windows.Upstream) {
		if w.Available.IsZero() || w.Available.Status < windows.Announced {
			continue
		}
		i := slices.IndexFunc(a.Releases, func(r Release) bool { return !r.Kubernetes.Max.IsZero() && !r.Kubernetes.above(w.Minor) })
		if i < 1 || !bounded(a.Releases[i]) || !bounded(a.Releases[i-1]) {
			continue
		}
		if r := a.Releases[i]; r.Released >= w.Available.Day && r.Released != 0 {
			out = append(out, Lag{w.Minor, r.Version, int(r.Released - w.Available.Day)})
		}
	}
	return out
}

// bounded reports whether a row says which minors are too new for it.
func bounded(r Release) bool { return r.Semantics == Tested || r.Semantics == Newest }

// predict is the lag for a minor by those before it, by the rule that would have missed by less in the add-on's past: that of the minor a
// year earlier, since projects keep their own rhythm of releases beside the three of Kubernetes, or the mean of the last three.
func predict(lags []Lag, m upgrade.Minor) (int, bool) {
	season, mean := 0, 0
	for i, l := range lags {
		a, ok := bySeason(lags[:i], l.Minor)
		b, also := byMean(lags[:i], l.Minor)
		if ok && also && l.Minor.Less(m) {
			season, mean = season+abs(a-l.Days), mean+abs(b-l.Days)
		}
	}
	if days, ok := bySeason(lags, m); ok && season <= mean {
		return days, true
	}
	return byMean(lags, m)
}

// bySeason is the lag of the minor a year before.
func bySeason(lags []Lag, m upgrade.Minor) (int, bool) {
	i := slices.IndexFunc(lags, func(l Lag) bool { return l.Minor == yearBefore(m) })
	if i < 0 {
		return 0, false
	}
	return lags[i].Days, true
}

// byMean is the mean of the last three lags before a minor.
func byMean(lags []Lag, m upgrade.Minor) (int, bool) {
	sum, n := 0, 0
	for _, l := range slices.Backward(lags) {
		if l.Minor.Less(m) && n < recent {
			sum, n = sum+l.Days, n+1
		}
	}
	if n == 0 {
		return 0, false
	}
	return (sum + n/2) / n, true
}

// errorsOf is what predict would have missed for each minor of a history, walking forward.
func errorsOf(lags []Lag) []int {
	var out []int
	for i, l := range lags {
		if p, ok := predict(lags[:i], l.Minor); ok {
			out = append(out, abs(p-l.Days))
		}
	}
	return out
}

// Forecast is the day on which an add-on is likely to have a release that supports a minor. Its error bar is the largest error that
// the same forecast made in the add-on's past, or what four in five forecasts of all add-ons stayed within where there are not two.
// An add-on without a history gets the middle of what all add-ons take, with a bar over four in five of them.
// A day before the add-on's data was read has passed without such a release, so that the forecast is that day at the earliest.
// For a minor that a release in the table supports it is the day of that release, zero when the table does not say.
// It is false for an unknown add-on and a minor that the calendar does not have.
func (t Table) Forecast(name string, m upgrade.Minor, calendar windows.Table) (windows.Date, bool) {
	a, ok := t.Addon(name)
	w, known := calendar.Window(windows.Upstream, m)
	if !ok || !known || w.Available.IsZero() {
		return windows.Date{}, false
	}
	if i := slices.IndexFunc(a.Releases, func(r Release) bool { return r.fits(m) == Compatible }); i >= 0 {
		return windows.Date{Day: a.Releases[i].Released, Status: windows.Actual, Source: a.Releases[i].Source}, true
	}
	lag, early, late := t.lag(a, m, calendar)
	base := w.Available
	d := windows.Date{Day: base.Day + windows.Day(lag), Status: windows.Projected, Source: "lag",
		Early: early + base.Early, Late: late + base.Late, Note: t.basis(a, m, calendar)}
	if read := a.Read(); d.Day < read {
		d.Late = max(int(d.Day)+d.Late-int(read), floor)
		d.Day, d.Early = read, 0
	}
	d.Early = min(d.Early, int(d.Day-base.Earliest()))
	return d, true
}

// lag is how many days after a minor an add-on is likely to support it, and by how much that may be wrong.
func (t Table) lag(a Addon, m upgrade.Minor, calendar windows.Table) (days, early, late int) {
	lags := a.Lags(calendar)
	var pooled, misses []int
	for _, e := range t.entries {
		history := e.Lags(calendar)
		misses = append(misses, errorsOf(history)...)
		for _, l := range history[max(0, len(history)-recent):] {
			pooled = append(pooled, l.Days)
		}
	}
	slices.Sort(pooled)
	slices.Sort(misses)
	days, ok := predict(lags, m)
	if !ok {
		days = share(pooled, 50)
		return days, days - share(pooled, 10), share(pooled, 90) - days
	}
	bar := share(misses, 80)
	if own := errorsOf(lags); len(own) >= 2 {
		bar = slices.Max(own)
	}
	bar = max(bar, floor)
	return days, bar, bar
}

// basis says in words what a forecast rests on.
func (t Table) basis(a Addon, m upgrade.Minor, calendar windows.Table) string {
	lags := a.Lags(calendar)
	days, ok := predict(lags, m)
	switch season, known := bySeason(lags, m); {
	case !ok:
		return "by what other add-ons take"
	case known && season == days:
		return "by what " + a.Name + " took for " + yearBefore(m).String()
	default:
		return "by what " + a.Name + " took for the minors before"
	}
}

// share is the value that so many per cent of sorted values do not exceed; 0 without values.
func share(sorted []int, percent int) int {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)-1)*percent/100]
}

// yearBefore is the minor that was released a year before another.
func yearBefore(m upgrade.Minor) upgrade.Minor { return m.Add(-seasons) }

func abs(n int) int { return max(n, -n) }
