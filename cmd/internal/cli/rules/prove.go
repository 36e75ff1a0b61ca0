package rules

import (
	"context"
	"runtime"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/prove"
)

// proveFlags are the flags of rules prove.
type proveFlags struct {
	scenarios, baseline, only []string
	pages, tickets            []string
	alertmanager              string
}

func proveCommand(a *app.App) *cobra.Command {
	f := proveFlags{pages: prove.DefaultRouting().Pages, tickets: prove.DefaultRouting().Tickets}
	c := &cobra.Command{
		Use: "prove RULES...", Args: cobra.MinimumNArgs(1),
		Short: "Play failures to alert rules and say who would have been woken",
		Long: `Plays scenarios to rules in Prometheus's own engine: failures that users notice must page in time, matters for the day must
make a ticket, and what is harmless must wake nobody. An alert counts only if it would not have come without the event. With
--alertmanager the routes and inhibit rules of your configuration say who is told, and what reaches nobody counts as not told.
With --baseline it plays them to other rules as well, to compare.`,
		Example: "  treadmill rules prove new/ --baseline old.yaml\n  treadmill rules prove rules.yaml --scenarios ours.yaml --only api-servers-down",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			files, findings := input.RuleFiles(a, args)
			sources := []prove.Source{prove.ShippedSource()}
			for _, name := range f.scenarios {
				in, err := a.Read(name)
				if err != nil {
					return report.View{}, err
				}
				sources = append(sources, prove.Source{Name: in.Name, Data: in.Data})
			}
			p := proof{routing: prove.Routing{Pages: f.pages, Tickets: f.tickets}, rules: args[0], findings: findings}
			if f.alertmanager != "" {
				routes, problems, err := routes(a, f.alertmanager)
				if err != nil || diag.Any(problems, diag.Error) {
					return report.View{Findings: problems}, err
				}
				p.routing.Routes = &routes
			}
			if err := p.play(ctx, sources, files, f.only, false); err != nil {
				return report.View{}, err
			}
			if len(f.baseline) > 0 {
				old, more := input.RuleFiles(a, f.baseline)
				p.findings = append(p.findings, more...)
				if err := p.play(ctx, sources, old, f.only, true); err != nil {
					return report.View{}, err
				}
			}
			return p.view(), ctx.Err()
		}),
	}
	c.Flags().StringSliceVar(&f.scenarios, "scenarios", nil, "file with more scenarios; may be given several times")
	c.Flags().StringSliceVar(&f.baseline, "baseline", nil, "rules to compare with")
	c.Flags().StringSliceVar(&f.only, "only", nil, "play only these scenarios")
	c.Flags().StringSliceVar(&f.pages, "pages", f.pages, "severities that wake somebody")
	c.Flags().StringVar(&f.alertmanager, "alertmanager", "", "configuration of your Alertmanager, to say who is told")
	c.Flags().StringSliceVar(&f.tickets, "tickets", f.tickets, "severities that make a ticket")
	app.CompleteFlag(c, "only", func(*cobra.Command) []cobra.Completion { return scenarioNames() })
	for _, name := range []string{"pages", "tickets"} {
		app.CompleteFlag(c, name, func(*cobra.Command) []cobra.Completion {
			return []string{"critical", "page", "error", "warning", "ticket", "info"}
		})
	}
	return a.Returns(c, proofData{})
}

// scenarioNames are the scenarios that the program brings, for completion.
func scenarioNames() []cobra.Completion {
	scenarios, _ := prove.Shipped(nil)
	var out []cobra.Completion
	for _, s := range scenarios {
		out = append(out, cobra.CompletionWithDesc(s.Name, s.Says))
	}
	return out
}

// play plays the scenarios to one set of rules. The world takes its names from those rules.
func (p *proof) play(ctx context.Context, sources []prove.Source, files []rules.File, only []string, baseline bool) error {
	scenarios, problems := prove.Read(sources, files)
	scenarios, err := prove.Only(scenarios, only)
	if err != nil {
		return app.Usage("%w", err)
	}
	outcomes := prove.PlayAll(ctx, scenarios, files, p.routing, runtime.GOMAXPROCS(0))
	if baseline {
		p.baseline = outcomes
		return nil
	}
	p.outcomes, p.findings = outcomes, append(p.findings, problems...)
	return nil
}
