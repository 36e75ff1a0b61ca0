package windows_test

import (
	"testing"

	"treadmill/upgrade/windows"
)

// TestEmbeddedDatesAreInOrder: in every provider's table minors come one after the other, support ends after it begins, extended support
// after standard support, and every date that is shown names a source that is there and was read on or before the table's own day.
func TestEmbeddedDatesAreInOrder(t *testing.T) {
	table := embedded(t)
	for _, p := range table.Providers() {
		var before windows.Window
		for _, w := range table.Windows(p.Name) {
			if !before.Available.IsZero() && !w.Available.IsZero() && w.Available.Day < before.Available.Day {
				t.Errorf("%s %s is available on %s, before %s on %s", p.Name, w.Minor, w.Available.Day, before.Minor, before.Available.Day)
			}
			if last := w.Available; !last.IsZero() {
				before = w
			}
			order := []windows.Date{w.Available, w.StandardEnd, w.ExtendedEnd}
			for i, d := range order {
				if d.IsZero() {
					continue
				}
				for _, earlier := range order[:i] {
					if !earlier.IsZero() && d.Day <= earlier.Day {
						t.Errorf("%s %s: %s does not come after %s", p.Name, w.Minor, d.Day, earlier.Day)
					}
				}
				source, ok := p.Source(d.Source)
				if d.Status != windows.Projected && (!ok || source.Title == "" || source.Read > p.Read()) {
					t.Errorf("%s %s: %s is of the source %q, which is not there", p.Name, w.Minor, d.Day, d.Source)
				}
			}
		}
	}
}
