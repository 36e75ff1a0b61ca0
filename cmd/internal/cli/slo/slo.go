// Package slo is the commands about service level objectives.
package slo

import (
	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
)

// Group is `treadmill slo`.
func Group(a *app.App) *cobra.Command {
	return a.Group("slo", "Validate, explain and review SLOs", "Validate, explain and review service level objectives.",
		convertCommand(a), explainCommand(a), gateCommand(a), migrateCommand(a), reportCommand(a), suggestCommand(a), validateCommand(a))
}
