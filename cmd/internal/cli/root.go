// Package cli is the tree of commands. A group of them is a package below it; a command is flags → one source → one domain call → one view.
//
// Commands hold no logic of their own; they introduce packages that do not know each other.
package cli

import (
	"context"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/build"
	"treadmill/cmd/internal/cli/data"
	"treadmill/cmd/internal/cli/drift"
	"treadmill/cmd/internal/cli/pullrequest"
	"treadmill/cmd/internal/cli/review"
	"treadmill/cmd/internal/cli/rules"
	"treadmill/cmd/internal/cli/serve"
	"treadmill/cmd/internal/cli/setup"
	"treadmill/cmd/internal/cli/slo"
	"treadmill/cmd/internal/cli/upgrade"
	"treadmill/cmd/internal/report"
	"treadmill/internal/net"
)

// Main runs one command line and returns the exit status.
func Main(ctx context.Context, env app.Env) int {
	return app.Main(ctx, env, Root)
}

// Root is the command tree of a run.
func Root(a *app.App) *cobra.Command {
	c := a.Group(
		"treadmill",
		"Plan Kubernetes upgrades, find deprecated APIs, generate burn-rate alerts",
		`Treadmill plans Kubernetes upgrades from version support windows, finds deprecated APIs in use and generates
multi-window burn-rate alerts that replace the noisy defaults. It reads clusters and Prometheus servers and writes
files; it never changes a cluster.

Exit status: 0 fine; 1 findings at or above --fail-on, or a gate is closed; 2 command line; 3 the work was not done.`,
		setup.Command(a),
		upgrade.Group(a),
		slo.Group(a),
		rules.Group(a),
		review.Command(a),
		pullrequest.Group(a),
		data.Group(a),
		drift.Command(a),
		serve.Command(a, Root),
		explainCommand(a),
		versionCommand(a),
	)
	c.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: a.Name()}
	c.SilenceErrors, c.SilenceUsage = true, true
	c.Version = build.Read().String()
	c.SetVersionTemplate(a.Name() + " {{.Version}}\n")
	c.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		a.Started = c.Parent() != nil && c.Parent().Name() == "completion" // a.Run says so of our own
		return app.Required(c)
	}
	c.SetIn(a.Env.Stdin)
	c.SetOut(a.Env.Stdout)
	c.SetErr(a.Env.Stderr)
	a.Strict(c)
	f := c.PersistentFlags()
	f.VarP(&a.Output, "output", "o", "output format: "+report.FormatNames())
	f.Var(&a.FailOn, "fail-on", "lowest severity of a finding that makes the exit status 1: info, warning, error")
	f.BoolVar(&a.Partial, "allow-partial", false, "take inputs that cannot be read as warnings instead of failing with status 3")
	f.Var(&a.Now, "now", "the time to take as now, such as 2026-11-23 (default: the clock)")
	f.Lookup("now").DefValue = ""
	f.DurationVar(&a.Timeout, "timeout", net.Timeout, "how long one request to a server may take, its answer included")
	f.DurationVar(
		&a.Within,
		"deadline",
		0,
		"how long the whole work may take, after which the exit status is 3 (default: as long as it takes)",
	)
	f.StringVar(
		&a.DataFile,
		"data",
		"",
		"a snapshot of the tables of facts, or a folder of them, to use instead of those in the program (docs/data.md)",
	)
	f.StringVar(&a.DataKey, "data-key", "", "a key, or a file of keys, that snapshots are checked with besides those in the program")
	f.BoolVarP(&a.Verbose, "verbose", "v", false, "log what is done to standard error")
	c.InitDefaultVersionFlag()
	a.Complete(c)
	a.PlainArgs(c)
	return c
}

// Tree is the command tree, for what reads it and does not run it: the generator of the documentation, and tests. The app knows the machine
// shapes of its commands.
func Tree(env app.Env) (*cobra.Command, *app.App) {
	a := app.New(env)
	return Root(a), a
}
