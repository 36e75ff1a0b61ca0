package slo

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/migrate"
	"treadmill/slo"
)

// migrateFlags say what is migrated, where to, and what the rules are compared over.
type migrateFlags struct {
	input.Past
	from   app.Choice
	out    string
	format input.RuleFormat
	since  slo.Window
	old    []string
}

func migrateCommand(a *app.App) *cobra.Command {
	f := migrateFlags{from: app.Choice{Of: migrate.Tools()}, format: input.RuleFormat(rules.PrometheusRule), since: 30 * slo.Day}
	c := &cobra.Command{
		Use: "migrate --from TOOL FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Move SLOs from Sloth or Pyrra, and compare what the old and the new rules page for",
		Long: `Makes the OpenSLO specs of SLOs of Sloth or Pyrra and the rules of those, and writes them to slos and rules below --out, beside what there
is: no file that was read is changed, and nothing is written until everything can be. Labels, annotations, names and severities of alerts are
kept. $value in annotations, the share of bad events with both tools, is rewritten, as the value of an alert is the burn here.

With a history the old rules and the new ones are replayed over it, and the episodes that differ are listed. The old rules are those that the
tool makes of the specs by default; --old takes the files of those that you run, which is what counts.`,
		Example: "  treadmill slo migrate --from sloth --out migrated/ sloth/ --old rules/ --prometheus http://prometheus:9090\n" +
			"  treadmill slo migrate --from pyrra --out migrated/ pyrra/ --tsdb snapshot/ --since 14d -o html > migration.html",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			m := migration{from: migrate.Tool(f.from.Word), flags: f, now: time.Time(a.Now)}
			results, findings := input.Compiled(a, args)
			m.findings = input.Loud(findings)
			m.move(results)
			if diag.Any(m.findings, diag.Error) {
				return m.view(), nil
			}
			files, err := m.files(args)
			if err != nil {
				return report.View{}, err
			}
			if err := m.replay(ctx, a); err != nil {
				return report.View{}, err
			}
			if f.out == "" || diag.Any(m.findings, diag.Error) {
				return m.view(), nil
			}
			return m.view(), a.WriteFiles(files)
		}),
	}
	f.AddOptional(c)
	c.Flags().Var(&f.from, "from", "whose specs they are: sloth, pyrra")
	c.Flags().StringVar(&f.out, "out", "", "folder to write the specs and the rules to; without it nothing is written")
	c.Flags().Var(&f.format, "format", "form of the rules: prometheusrule, prometheus, mimir, vmrule, thanos")
	c.Flags().StringArrayVar(&f.old, "old", nil, "files of the rules that run now, instead of those that the tool makes by default")
	c.Flags().Var(input.Span{W: &f.since}, "since", "how far to look back in the history")
	app.MustHave(c, "from")
	return a.Returns(c, migrateData{})
}
