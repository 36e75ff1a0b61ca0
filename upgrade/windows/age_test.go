package windows_test

import (
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

const aging = `version: 1
provider: acme
extendedSupport: {perClusterHour: 0.1, currency: EUR, source: prices}
terms: [{name: long}, {name: longer}, {name: longest}]
projection:
  extended3: {after: extended2, months: 6}
names: [{minor: 1.31, name: "8", source: page}]
sources:
  page: {title: p, read: 2026-03-01}
  news: {title: n, read: 2026-09-01}
  prices: {title: q, read: 2026-11-01}
dates:
  - {minor: 1.30, milestone: available, date: 2026-01-10, status: actual, source: page}
  - {minor: 1.30, milestone: standard, date: 2026-12-01, status: announced, source: page}
  - {minor: 1.30, milestone: standard, date: 2026-12-01, status: announced, source: news}
  - {minor: 1.30, milestone: extended, date: 2027-06-01, status: announced, source: news}
  - {minor: 1.30, milestone: extended2, date: 2028-06-01, status: announced, source: news}
  - {minor: 1.31, milestone: available, date: 2026-08-10, status: planned, source: page}
`

// TestOld: a date is as old as the newest source that gives it; one that had come when it was read never gets old, nor does one that is
// over.
func TestOld(t *testing.T) {
	table := read(t, aging)
	const ask = "; give newer ones with --windows"
	for now, want := range map[string]string{
		"2026-05-30": "",
		"2026-05-31": "the support dates of acme 1.31 were read on 2026-03-01, 91 days ago" + ask,
		"2026-11-30": "the support dates of acme 1.31 were read on 2026-03-01, 274 days ago" + ask, // the end of 1.30 was read again in September
		"2026-12-01": "the support dates of acme 1.31 were read on 2026-03-01, 275 days ago, and those of 1.30 on 2026-09-01, 91 days ago" + ask,
		"2027-02-01": "the support dates of acme 1.31 were read on 2026-03-01, 337 days ago, and those of 1.30 on 2026-09-01, 153 days ago; " +
			"the price of extended support of acme was read on 2026-11-01, 92 days ago" + ask,
		"2029-01-01": "the support dates of acme 1.31 were read on 2026-03-01, 1037 days ago; " +
			"the price of extended support of acme was read on 2026-11-01, 792 days ago" + ask,
	} {
		old, got := table.Old("acme", day(t, now)), ""
		if !old.IsZero() {
			got = old.Message("acme", day(t, now))
		}
		if got != want {
			t.Errorf("%s: %s\nwant %s", now, got, want)
		}
		if got != "" && old.Read() != day(t, "2026-03-01") {
			t.Errorf("%s: the oldest was read on %s", now, old.Read())
		}
	}
}

// TestAges: what was read on one day stands together, the oldest day first.
func TestAges(t *testing.T) {
	now, march, june := day(t, "2026-11-30"), day(t, "2026-03-01"), day(t, "2026-06-01")
	things := []windows.Aged{{Name: "a", Read: june}, {Name: "b", Read: march}, {Name: "c", Read: june}, {Name: "d", Read: now}}
	got := windows.Ages(things, now, "was last read", "of")
	want := "b was last read on 2026-03-01, 274 days ago, and of a, c on 2026-06-01, 182 days ago, and of d on 2026-11-30, 0 days ago"
	if got != want || windows.Ages(nil, now, "was read", "of") != "" {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestTerms(t *testing.T) {
	table := read(t, aging)
	w, _ := table.Window("acme", upgrade.V1(30))
	for terms, want := range map[int]string{0: "2028-12-01", 1: "2027-06-01", 2: "2028-06-01", 3: "2028-12-01", 4: "2028-12-01"} {
		if got := w.ExtendedIn(terms).Day.String(); got != want {
			t.Errorf("with %d terms until %s, want %s", terms, got, want)
		}
	}
	if got := w.End().Day.String(); got != "2028-12-01" || len(w.Terms()) != 3 {
		t.Errorf("ends on %s after %v", got, w.Terms())
	}
	for now, want := range map[string]windows.State{"2026-12-01": windows.InExtended, "2028-11-30": windows.InExtended,
		"2028-12-01": windows.Ended} {
		if got := w.State(day(t, now)); got != want {
			t.Errorf("%s on %s, want %s", got, now, want)
		}
	}
	if w, _ = table.Window("acme", upgrade.V1(31)); w.Release != "8" || w.Named != windows.Planned || !w.ExtendedIn(0).IsZero() {
		t.Errorf("1.31 is %+v", w)
	}
}

// TestOpenShift: names that nobody has confirmed are no facts, and both terms of extended update support are known.
func TestOpenShift(t *testing.T) {
	table := embedded(t)
	for minor, want := range map[int]string{35: "4.22 actual", 36: "4.23 planned", 37: "5.0 planned", 38: "5.1 planned", 39: " projected"} {
		w, _ := table.Window("openshift", upgrade.V1(minor))
		if got := w.Release + " " + w.Named.String(); got != want {
			t.Errorf("1.%d is %s, want %s", minor, got, want)
		}
	}
	for minor, want := range map[int]string{27: "2026-10-31", 29: "2027-06-27", 31: "2028-02-25", 33: "2028-10-21", 30: ""} {
		w, _ := table.Window("openshift", upgrade.V1(minor))
		if got := w.ExtendedIn(2).Day.String(); got != want {
			t.Errorf("term 2 of 1.%d ends on %s, want %s", minor, got, want)
		}
	}
	p, _ := table.Provider("gke")
	if c, ok := p.Channel("no-channel"); !ok || c.Name != "none" || c.Ends != day(t, "2027-06-14") || c.Then != "stable" {
		t.Errorf("no channel is %+v", c)
	}
}
