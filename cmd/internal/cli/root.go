package cli

import (
	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
)

// root is the command tree.
func (a *app) root() *cobra.Command {
	c := a.group("treadmill", "Plan Kubernetes upgrades, find deprecated APIs, generate burn-rate alerts", `Treadmill plans Kubernetes upgrades from version support windows, finds deprecated APIs in use and generates
multi-window burn-rate alerts that replace the noisy defaults. It reads clusters and Prometheus servers and writes
files; it never changes a cluster.

Exit status: 0 fine; 1 findings at or above --fail-on, or a gate is closed; 2 command line; 3 the work was not done.`,
		a.upgrade(), a.slo(), a.rules(), a.version())
	c.Annotations = map[string]string{cobra.CommandDisplayNameAnnotation: a.name()}
	c.SilenceErrors, c.SilenceUsage = true, true
	c.PersistentPreRunE = func(c *cobra.Command, _ []string) error {
		a.started = c.Parent() != nil && c.Parent().Name() == "completion" // a.run says so of our own
		return required(c)
	}
	c.SetIn(a.env.Stdin)
	c.SetOut(a.env.Stdout)
	c.SetErr(a.env.Stderr)
	c.InitDefaultCompletionCmd()
	f := c.PersistentFlags()
	f.VarP(&a.output, "output", "o", "output format: "+report.FormatNames())
	f.Var(&a.failOn, "fail-on", "lowest severity of a finding that makes the exit status 1: info, warning, error")
	f.BoolVar(&a.partial, "allow-partial", false, "take inputs that cannot be read as warnings instead of failing with status 3")
	f.Var(&a.now, "now", "the time to take as now, such as 2026-11-23 (default: the clock)")
	f.Lookup("now").DefValue = ""
	f.BoolVarP(&a.verbose, "verbose", "v", false, "log what is done to standard error")
	complete(c)
	plainArgs(c)
	return c
}

// group is a command that only holds others: it shows its help, and a word that is none of its commands is a usage error.
func (a *app) group(name, short, long string, commands ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use: name, Short: short, Long: long,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return unknownCommand(c, args[0])
		},
		RunE: func(c *cobra.Command, _ []string) error {
			if err := c.Help(); err != nil {
				return err
			}
			a.status = exitUsage
			return nil
		},
	}
	c.AddCommand(commands...)
	return c
}

func unknownCommand(c *cobra.Command, word string) error {
	c.SuggestionsMinimumDistance = 2
	if near := c.SuggestionsFor(word); len(near) > 0 {
		return usage("%s has no command %q; did you mean %q?", c.CommandPath(), word, near[0])
	}
	return usage("%s has no command %q", c.CommandPath(), word)
}

func (a *app) upgrade() *cobra.Command {
	return a.group("upgrade", "Plan upgrades and find what they break", "Plan upgrades from version support windows and find what they break.",
		a.upgradePlan(), a.upgradeCheck(), a.upgradeExport(), a.upgradeWindows(), a.upgradeAddons(), a.upgradeInventory(),
		a.upgradePreflight(), a.upgradeScan(), a.upgradeFix(), a.upgradeGate(), a.upgradeRecord())
}

func (a *app) slo() *cobra.Command {
	return a.group("slo", "Validate, explain and review SLOs", "Validate, explain and review service level objectives.",
		a.sloConvert(), a.sloExplain(), a.sloGate(), a.sloReport(), a.sloSuggest(), a.sloValidate())
}

func (a *app) rules() *cobra.Command {
	return a.group("rules", "Generate, test and audit alert rules", "Generate, test and audit Prometheus rules.",
		a.rulesAudit(), a.rulesBacktest(), a.rulesDiff(), a.rulesLint(), a.rulesPack(), a.rulesProve(), a.rulesPush(), a.rulesReplace(), a.rulesGenerate(), a.rulesTest())
}
