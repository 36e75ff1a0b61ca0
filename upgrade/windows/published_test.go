package windows_test

import (
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

// TestProvidersOwnDays: where a provider named the day of an end itself and endoflife.date has another, the provider's is used and the
// other one shown.
func TestProvidersOwnDays(t *testing.T) {
	table := embedded(t)
	for _, c := range []struct {
		provider         string
		minor            int
		used, by, beside string
	}{
		{"gke", 24, "2024-01-08", "google-23", "2023-10-31"},
		{"aks", 27, "2024-07-15", "aks-4289", "2024-07-31"},
		{"aks", 30, "2025-07-31", "aks-5076", "2025-08-22"},
	} {
		w, _ := table.Window(c.provider, upgrade.V1(c.minor))
		e, beside := w.StandardEnd, windows.Conflict{Day: day(t, c.beside), Source: "eold"}
		if e.Day.String() != c.used || e.Source != c.by || len(e.Conflicts) != 1 || e.Conflicts[0] != beside {
			t.Errorf("%s %s ends on %s (%s) beside %v, want %s (%s) beside %v", c.provider, w.Minor, e.Day, e.Source,
				e.Conflicts, c.used, c.by, beside)
		}
	}
}
