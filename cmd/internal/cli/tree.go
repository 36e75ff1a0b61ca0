package cli

import (
	"log/slog"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
)

// Tree is the command tree, for what reads it and does not run it: the generator of the documentation, and tests.
func Tree(env Env) *cobra.Command { return newApp(env).root() }

func newApp(env Env) *app {
	return &app{env: env, log: slog.New(slog.DiscardHandler), now: clock(env.Now()), output: report.Text, failOn: severity(diag.Error)}
}

// complete adds completion of the values of flags that take one of a few words.
func complete(c *cobra.Command) {
	words := map[string]cobra.CompletionFunc{
		"output":  cobra.FixedCompletions(formatWords(), cobra.ShellCompDirectiveNoFileComp),
		"fail-on": cobra.FixedCompletions([]string{"info", "warning", "error"}, cobra.ShellCompDirectiveNoFileComp),
		"now":     cobra.NoFileCompletions,
	}
	for name, values := range words {
		_ = c.RegisterFlagCompletionFunc(name, values) // fails only for a flag that c does not have, which tests would see
	}
}

func formatWords() []string {
	var words []string
	for _, f := range report.Formats() {
		words = append(words, string(f))
	}
	return words
}
