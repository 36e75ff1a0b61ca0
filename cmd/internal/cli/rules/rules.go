// Package rules is the commands about Prometheus rules.
package rules

import (
	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli/rules/backtest"
)

// Group is `treadmill rules`.
func Group(a *app.App) *cobra.Command {
	return a.Group(
		"rules",
		"Generate, test and audit alert rules",
		"Generate, test and audit Prometheus rules.",
		auditCommand(a),
		backtest.Command(a),
		ciCommand(a),
		diffCommand(a),
		lintCommand(a),
		packCommand(a),
		proveCommand(a),
		pushCommand(a),
		replaceCommand(a),
		generateCommand(a),
		testCommand(a),
	)
}
