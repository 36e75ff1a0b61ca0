package input

import (
	"treadmill/cmd/internal/app"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
)

// ScanTarget is the version to scan for. Beyond the last release for which anything is planned nothing can be said, and before
// 1.10 a digit is more likely to be missing than a cluster to be so old.
func ScanTarget(to upgrade.Minor, table *lifecycle.Table) (upgrade.Minor, error) {
	switch oldest, last := upgrade.V1(10), table.Last(); {
	case to.IsZero():
		return table.Newest, nil
	case to.Less(oldest):
		return to, app.Usage("--to %s: releases before %s are not known; is %s0 meant?", to, oldest, to)
	case last.Less(to):
		return to, app.Usage("--to %s: nothing is known of that version; the catalogue of %s knows releases up to %s and plans up to %s",
			to, table.Date, table.Newest, last)
	}
	return to, nil
}
