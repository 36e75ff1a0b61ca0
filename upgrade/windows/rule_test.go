package windows_test

import (
	"testing"

	"treadmill/upgrade/windows"
)

// TestEndsKeepToTheRule: the bar of a projected end is as wide as the known ends of its provider miss the rule, so a day that was entered
// wrong, such as one with another year, makes it wider than any provider has ever been late.
func TestEndsKeepToTheRule(t *testing.T) {
	const early, late = 75, 150 // days
	table := embedded(t)
	checked := 0
	for _, p := range table.Providers() {
		for _, w := range table.Windows(p.Name) {
			for _, d := range []windows.Date{w.StandardEnd, w.ExtendedEnd} {
				if d.Status != windows.Projected || d.IsZero() {
					continue
				}
				checked++
				if d.Early > early || d.Late > late {
					t.Errorf("%s %s ends by its rule on %s, -%d +%d days; want at most -%d +%d: which known end misses the rule by so much?",
						p.Name, w.Minor, d.Day, d.Early, d.Late, early, late)
				}
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d ends are projected", checked)
	}
}
