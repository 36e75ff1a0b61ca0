package app

import (
	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
)

// Complete adds completion of the values of flags that take one of a few words.
func Complete(c *cobra.Command) {
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
