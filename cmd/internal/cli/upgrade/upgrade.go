// Package upgrade is the commands about upgrades: those that need more than a file or two have a package of their own below it.
package upgrade

import (
	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli/upgrade/addons"
	"treadmill/cmd/internal/cli/upgrade/changes"
	"treadmill/cmd/internal/cli/upgrade/plan"
	"treadmill/cmd/internal/cli/upgrade/scan"
	"treadmill/cmd/internal/cli/upgrade/windows"
)

// Group is `treadmill upgrade`.
func Group(a *app.App) *cobra.Command {
	return a.Group("upgrade", "Plan upgrades and find what they break", "Plan upgrades from version support windows and find what they break.",
		plan.Command(a), checkCommand(a), exportCommand(a), windows.Command(a), addons.Command(a), inventoryCommand(a),
		preflightCommand(a), scan.Command(a), changes.Command(a), fixCommand(a), gateCommand(a), watchCommand(a), recordCommand(a))
}
