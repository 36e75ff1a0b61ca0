package input

import (
	"treadmill/cmd/internal/app"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
)

// ScanTarget is the version to scan for. Beyond the last release for which anything is planned nothing can be said.
func ScanTarget(to upgrade.Minor, table *lifecycle.Table) (upgrade.Minor, error) {
	switch last := table.Last(); {
	case to.IsZero():
		return table.Newest, nil
	case last.Less(to):
		return to, app.Usage("--to %s: nothing is known of that version; the catalogue of %s knows releases up to %s and plans up to %s",
			to, table.Date, table.Newest, last)
	}
	return to, nil
}
