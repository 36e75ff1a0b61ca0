package windows_test

import (
	"testing"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

// The figures of docs/windows.md. They change with the data; what must hold is that predictions stay useful.
func TestBacktest(t *testing.T) {
	table := embedded(t)
	for _, c := range []struct {
		provider string
		mean     float64 // largest mean error one to three releases ahead, in days
	}{{"upstream", 5}, {"eks", 4}, {"gke", 30}, {"aks", 30}} {
		got := table.Backtest(c.provider)
		if len(got) < 3 {
			t.Fatalf("%s: only %d horizons could be tested", c.provider, len(got))
		}
		for _, a := range got {
			t.Logf("%s, %d ahead: %d predictions, mean error %.1f days, largest %d", c.provider, a.Ahead, a.N, a.Mean, a.Max)
			if a.Ahead <= 3 && a.Mean > c.mean {
				t.Errorf("%s, %d ahead: mean error %.1f days is more than %.1f", c.provider, a.Ahead, a.Mean, c.mean)
			}
		}
	}
}

func TestProjectedReleases(t *testing.T) {
	table := embedded(t)
	last, _ := table.Window(windows.Upstream, upgrade.V1(38))
	if last.Available.Status != windows.Planned {
		t.Fatalf("1.38 is %s", last.Available.Status)
	}
	before, bar := last.Available.Day, 0
	for i := range windows.Horizon {
		w, ok := table.Window(windows.Upstream, last.Minor.Add(i+1))
		a := w.Available
		switch {
		case !ok || a.Status != windows.Projected || a.Source != "cadence":
			t.Fatalf("%s is not projected: %+v", last.Minor.Add(i+1), a)
		case a.Day.Time().Weekday() != time.Wednesday:
			t.Errorf("%s comes on a %s", w.Minor, a.Day.Time().Weekday())
		case a.Day-before < 80 || a.Day-before > 160:
			t.Errorf("%s comes %d days after the one before", w.Minor, a.Day-before)
		case a.Late < bar || a.Late != a.Early || a.Late == 0:
			t.Errorf("%s has error bars of -%d +%d days, the one before %d", w.Minor, a.Early, a.Late, bar)
		case w.StandardEnd.Day.Time().Day() != 28 || w.StandardEnd.Late < a.Late:
			t.Errorf("%s ends on %s +%d", w.Minor, w.StandardEnd.Day, w.StandardEnd.Late)
		}
		before, bar = a.Day, a.Late
	}
	if _, ok := table.Window(windows.Upstream, last.Minor.Add(windows.Horizon+1)); ok {
		t.Error("there is a window past the horizon")
	}
}

// What is known today must not look better than it was: a table cut off in the past projects the releases since within their bars.
func TestProjectionHoldsInThePast(t *testing.T) {
	table := read(t, `
version: 1
provider: upstream
projection:
  standard: {after: available, months: 14, day: 28}
sources: {s: {title: a calendar, read: 2025-05-01}}
dates:
  - {minor: 1.25, milestone: available, date: 2022-08-23, status: actual, source: s}
  - {minor: 1.26, milestone: available, date: 2022-12-08, status: actual, source: s}
  - {minor: 1.27, milestone: available, date: 2023-04-11, status: actual, source: s}
  - {minor: 1.28, milestone: available, date: 2023-08-15, status: actual, source: s}
  - {minor: 1.29, milestone: available, date: 2023-12-13, status: actual, source: s}
  - {minor: 1.30, milestone: available, date: 2024-04-17, status: actual, source: s}
  - {minor: 1.31, milestone: available, date: 2024-08-13, status: actual, source: s}
  - {minor: 1.32, milestone: available, date: 2024-12-11, status: actual, source: s}
  - {minor: 1.33, milestone: available, date: 2025-04-23, status: actual, source: s}
`)
	full := embedded(t)
	for m := 34; m <= 37; m++ {
		was, _ := table.Window(windows.Upstream, upgrade.V1(m))
		is, _ := full.Window(windows.Upstream, upgrade.V1(m))
		if off := is.Available.Day - was.Available.Day; off < -14 || off > 14 {
			t.Errorf("1.%d was projected for %s and came on %s", m, was.Available.Day, is.Available.Day)
		}
	}
}

func TestProviderProjections(t *testing.T) {
	table := embedded(t)
	for _, p := range table.Providers() {
		for _, w := range table.Windows(p.Name) {
			switch {
			case w.Provider != p.Name:
				t.Errorf("%s %s says it is of %q", p.Name, w.Minor, w.Provider)
			case w.Available.IsZero() && w.StandardEnd.IsZero():
				t.Errorf("%s %s knows neither begin nor end", p.Name, w.Minor)
			case !w.StandardEnd.IsZero() && w.StandardEnd.Day < w.Available.Day,
				!w.ExtendedEnd.IsZero() && w.ExtendedEnd.Day < w.StandardEnd.Day:
				t.Errorf("%s %s: %s, %s, %s are out of order", p.Name, w.Minor, w.Available.Day, w.StandardEnd.Day, w.ExtendedEnd.Day)
			}
			for _, d := range []windows.Date{w.Available, w.StandardEnd, w.ExtendedEnd} {
				s, ok := p.Source(d.Source)
				switch {
				case d.IsZero() || d.Status == windows.Projected:
				case !ok:
					t.Errorf("%s %s: the source %q of %s is not listed", p.Name, w.Minor, d.Source, d.Day)
				case d.Status == windows.Actual && d.Day > s.Read:
					t.Errorf("%s %s: %s is said to have happened, but its source was read on %s", p.Name, w.Minor, d.Day, s.Read)
				}
			}
		}
		if p.Title == "" || p.Read() == 0 || p.Rows == 0 {
			t.Errorf("%s has no title, sources or rows", p.Name)
		}
	}
}
