package windows_test

import (
	"reflect"
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

func TestMergeLaysFactsOver(t *testing.T) {
	base := embedded(t)
	over := read(t, `
version: 1
provider: eks
nodeSkew: 2
sources: {contract: {title: our contract, read: 2026-11-01}}
dates:
  - {minor: 1.34, milestone: standard, date: 2026-12-31, status: announced, source: contract}
  - {minor: 1.38, milestone: available, date: 2027-02-01, status: planned, source: contract}
`)
	got := base.Merge(over)
	w, _ := got.Window("eks", upgrade.V1(34))
	if w.StandardEnd.Day.String() != "2026-12-31" || len(w.StandardEnd.Conflicts) != 3 || w.StandardEnd.Conflicts[0].Source != "aws-docs" {
		t.Errorf("standard end = %+v", w.StandardEnd)
	}
	w, _ = got.Window("eks", upgrade.V1(38))
	if w.Available.Status != windows.Planned || w.StandardEnd.Status != windows.Projected || w.StandardEnd.Day.String() != "2028-04-01" {
		t.Errorf("1.38 = %+v", w)
	}
	p, _ := got.Provider("eks")
	if p.NodeSkew != 2 || p.RollbackDays != 7 || p.Title != "Amazon EKS" || p.Extended == nil || p.Read() != day(t, "2026-11-01") {
		t.Errorf("provider = %+v", p)
	}
	before, _ := base.Window("eks", upgrade.V1(34))
	if before.StandardEnd.Day.String() != "2026-12-02" {
		t.Errorf("the table that was merged into has changed: %+v", before.StandardEnd)
	}
}

// A file may name a provider by an alias of the embedded one.
func TestMergeByAlias(t *testing.T) {
	got := embedded(t).Merge(read(t, "version: 1\nprovider: azure\nnodeSkew: 1\n"))
	if p, _ := got.Provider("aks"); p.NodeSkew != 1 || len(got.Providers()) != len(embedded(t).Providers()) {
		t.Errorf("providers = %v, aks = %+v", got.Names(), p)
	}
}

func TestMergeWithNothingChangesNothing(t *testing.T) {
	base := embedded(t)
	if got := base.Merge(windows.Table{}); !reflect.DeepEqual(got, base) {
		t.Error("an empty table changed the embedded one")
	}
	if got := (windows.Table{}).Merge(base); !reflect.DeepEqual(got.Windows("gke"), base.Windows("gke")) {
		t.Error("the embedded table changed by being laid over nothing")
	}
}

func TestUpstreamMovesEveryProjection(t *testing.T) {
	base := embedded(t)
	got := base.Merge(read(t, `
version: 1
provider: upstream
sources: {news: {title: a slip, read: 2026-12-10}}
dates: [{minor: 1.38, milestone: available, date: 2027-01-13, status: planned, source: news}]
`))
	for _, p := range []string{"eks", "gke", "aks", "k3s"} {
		was, _ := base.Window(p, upgrade.V1(38))
		is, _ := got.Window(p, upgrade.V1(38))
		if is.Available.Day-was.Available.Day != 28 {
			t.Errorf("%s: %s moved to %s", p, was.Available.Day, is.Available.Day)
		}
	}
}

func TestState(t *testing.T) {
	table := embedded(t)
	for _, c := range []struct {
		provider string
		minor    int
		now      string
		want     windows.State
	}{
		{"eks", 34, "2025-10-01", windows.Coming}, {"eks", 34, "2025-10-02", windows.InStandard}, {"eks", 34, "2026-12-01", windows.InStandard},
		{"eks", 34, "2026-12-02", windows.InExtended}, {"eks", 34, "2027-12-01", windows.InExtended}, {"eks", 34, "2027-12-02", windows.Ended},
		{"upstream", 34, "2026-10-27", windows.Ended}, {"aks", 37, "2026-11-23", windows.Unconfirmed}, {"gke", 38, "2026-11-23", windows.Coming},
	} {
		w, _ := table.Window(c.provider, upgrade.V1(c.minor))
		if got := w.State(day(t, c.now)); got != c.want {
			t.Errorf("%s 1.%d on %s: got %s, want %s", c.provider, c.minor, c.now, got, c.want)
		}
	}
}

func TestAvailableInAChannel(t *testing.T) {
	w, _ := embedded(t).Window("gke", upgrade.V1(36))
	stable := w.AvailableIn("stable")
	if stable.Status != windows.Projected || stable.Day <= w.Available.Day || stable.Late < 30 {
		t.Errorf("stable = %+v", stable)
	}
	for _, channel := range []string{"", "regular", "extended", "maintenance"} {
		if got := w.AvailableIn(channel); got.Day != w.Available.Day {
			t.Errorf("%q: got %s, want %s", channel, got.Day, w.Available.Day)
		}
	}
}
