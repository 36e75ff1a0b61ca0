package windows_test

import (
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

func embedded(t testing.TB) windows.Table {
	t.Helper()
	table, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func day(t testing.TB, s string) windows.Day {
	t.Helper()
	d, err := windows.ParseDay(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestEmbeddedWindows(t *testing.T) {
	table := embedded(t)
	for _, c := range []struct {
		provider                      string
		minor                         int
		available, standard, extended string
	}{
		{"upstream", 37, "2026-08-26 actual", "2027-10-28 announced", " projected"},
		{"eks", 34, "2025-10-02 actual", "2026-12-02 announced", "2027-12-02 announced"},
		{"eks", 37, "2026-10-01 actual", "2027-12-01 announced", "2028-12-01 projected"},
		{"gke", 34, "2025-09-30 actual", "2027-01-25 announced", "2027-11-25 announced"},
		{"azure", 34, "2026-01-04 actual", "2026-11-30 announced", "2027-11-30 announced"},
	} {
		w, ok := table.Window(c.provider, upgrade.V1(c.minor))
		if !ok {
			t.Errorf("%s 1.%d is missing", c.provider, c.minor)
		}
		for _, d := range []struct {
			got  windows.Date
			want string
		}{{w.Available, c.available}, {w.StandardEnd, c.standard}, {w.ExtendedEnd, c.extended}} {
			if got := d.got.Day.String() + " " + d.got.Status.String(); got != d.want {
				t.Errorf("%s 1.%d: got %s, want %s", c.provider, c.minor, got, d.want)
			}
		}
	}
}

func TestNewest(t *testing.T) {
	table := embedded(t)
	for _, c := range []struct{ provider, at, want string }{
		{"eks", "2026-09-30", "1.36"}, {"eks", "2026-10-01", "1.37"}, {"EKS", "2027-02-01", "1.38"}, {"upstream", "2026-11-23", "1.37"},
		{"no", "2026-11-23", ""},
	} {
		if got := table.Newest(c.provider, day(t, c.at)).String(); got != c.want {
			t.Errorf("newest %s on %s: got %s, want %s", c.provider, c.at, got, c.want)
		}
	}
}
