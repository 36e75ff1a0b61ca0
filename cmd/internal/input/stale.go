package input

import (
	"fmt"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/windows"
)

// FindingStale and FindingBehind are the IDs of what is said about tables of facts that a result rests on.
const (
	FindingStale  = "data/stale"  // a table was read long ago
	FindingBehind = "data/behind" // a release is out of which a table says nothing
)

// APIData says what there is to say about the age of the catalogue of APIs: that it is old, and, where no version was asked for, that
// releases are out which it does not know.
func APIData(a *app.App, table *lifecycle.Table, asked upgrade.Minor) ([]diag.Finding, error) {
	found := StaleTable(a, "the catalogue of APIs", table.Date)
	if !asked.IsZero() {
		return found, nil
	}
	behind, err := Behind(a, "the catalogue of APIs", table.Newest, table.Date)
	return append(found, behind...), err
}

// StaleTable warns of a table of facts that was read more than 90 days ago; read is such as 2026-11-30.
func StaleTable(a *app.App, what, read string) []diag.Finding {
	day, err := windows.ParseDay(read)
	age := int(Today(a) - day)
	if err != nil || age <= windows.StaleAfter {
		return nil
	}
	return []diag.Finding{{ID: FindingStale, Severity: diag.Warning, Message: fmt.Sprintf(
		"%s: read on %s, %d days ago, and what came since is not in it; take newer data (docs/data.md)", what, read, age)}}
}

// fresh is for how many days after a table was read no release is looked for that came since.
const fresh = 7

// Behind warns that the support calendar knows of releases which a table does not: a result for the newest release of the table is no
// result for the newest release.
func Behind(a *app.App, what string, newest upgrade.Minor, read string) ([]diag.Finding, error) {
	day, err := windows.ParseDay(read)
	if err != nil || int(Today(a)-day) <= fresh {
		return nil, err
	}
	files, err := a.Facts("windows")
	if err != nil {
		return nil, err
	}
	calendar, err := windows.UpstreamIn(files)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, w := range calendar.Windows(windows.Upstream) {
		if d := w.Available; newest.Less(w.Minor) && !d.IsZero() && d.Day <= Today(a) {
			since := d.Day.String()
			if d.Status == windows.Projected {
				since = "about " + since
			}
			out = append(out, fmt.Sprintf("%s (out since %s)", w.Minor, since))
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return []diag.Finding{{ID: FindingBehind, Severity: diag.Warning, Message: fmt.Sprintf(
		"%s of %s ends at %s, which is what was checked for; the support calendar has %s: name a version, and take newer data (docs/data.md)",
		what, read, newest, strings.Join(out, ", "))}}, nil
}
