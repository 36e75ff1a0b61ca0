package input

import (
	"fmt"

	"treadmill/cmd/internal/app"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
)

// ScanTarget is the version to scan for. Beyond the last release for which anything is planned nothing can be said, and before
// 1.10 a digit is more likely to be missing than a cluster to be so old.
func ScanTarget(to upgrade.Minor, table *lifecycle.Table) (upgrade.Minor, error) {
	if to.IsZero() {
		return table.Newest, nil
	}
	if err := knownTarget(to, table); err != nil {
		return to, app.Usage("--to %w", err)
	}
	return to, nil
}

// knownTarget says why nothing can be said of a version.
func knownTarget(to upgrade.Minor, table *lifecycle.Table) error {
	switch oldest, last := upgrade.V1(10), table.Last(); {
	case to.Less(oldest):
		return fmt.Errorf("%s: releases before %s are not known; is %s0 meant?", to, oldest, to)
	case last.Less(to):
		return fmt.Errorf("%s: nothing is known of that version; the catalogue of %s knows releases up to %s and plans up to %s",
			to, table.Date, table.Newest, last)
	}
	return nil
}
