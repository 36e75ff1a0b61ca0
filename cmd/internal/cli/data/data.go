// Package data has the commands about the tables of facts that the others judge by: where they come from, how old they are, and newer ones.
package data

import (
	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
)

// Group is `treadmill data`.
func Group(a *app.App) *cobra.Command {
	return a.Group(
		"data",
		"Show the tables of facts and take newer ones",
		`Treadmill judges by tables of facts: support windows, add-ons, APIs, feature gates, flags, metrics and more. They are in the
program; a signed snapshot of newer ones can stand in their place. docs/data.md says where each table comes from.`,
		statusCommand(a),
		updateCommand(a),
		verifyCommand(a),
	)
}
