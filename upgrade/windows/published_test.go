package windows_test

import (
	"slices"
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

// TestProvidersOwnDays: where a provider named the day itself and another has a different one, the provider's newest word is used and
// the other one shown.
func TestProvidersOwnDays(t *testing.T) {
	table := embedded(t)
	for _, c := range []struct {
		provider         string
		minor            int
		used, by, beside string
		of               string
	}{
		{"gke", 24, "2024-01-08", "google-23", "2023-10-31", "eold"},
		{"aks", 28, "2025-01-31", "aks-2603", "", ""},
		{"aks", 30, "2025-08-22", "aks-docs", "2025-07-31", "aks-5076"},
	} {
		w, _ := table.Window(c.provider, upgrade.V1(c.minor))
		e := w.StandardEnd
		var beside []windows.Conflict
		if c.of != "" {
			beside = []windows.Conflict{{Day: day(t, c.beside), Source: c.of}}
		}
		if e.Day.String() != c.used || e.Source != c.by || !slices.Equal(e.Conflicts, beside) {
			t.Errorf("%s %s ends on %s (%s) beside %v, want %s (%s) beside %v", c.provider, w.Minor, e.Day, e.Source,
				e.Conflicts, c.used, c.by, beside)
		}
	}
}
