package app

import (
	"github.com/spf13/cobra"
)

// Group is a command that only holds others: it shows its help, and any other word is a usage error.
func (a *App) Group(name, short, long string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: name, Short: short, Long: long,
		Args: groupArgs, RunE: a.groupHelp,
	}
	c.SuggestionsMinimumDistance = 2
	c.AddCommand(commands...)
	return c
}

func groupArgs(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	return unknownCommand(c, args[0])
}

func (a *App) groupHelp(c *cobra.Command, _ []string) error {
	if err := c.Help(); err != nil {
		return err
	}
	a.status = exitUsage
	return nil
}
