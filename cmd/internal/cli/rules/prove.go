package rules

import (
	"context"
	"runtime"
	"slices"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/prove"
)

// maxNodes bounds the worlds that scenarios are played in.
const maxNodes = 5000

// proveFlags are the flags of rules prove.
type proveFlags struct {
	scenarios, baseline, only []string
	pages, tickets            []string
	alertmanager              string
	nodes                     []int
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
			sources := prove.ShippedSources()
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
			old, more := []rules.File(nil), []diag.Finding(nil)
			if p.compared = len(f.baseline) > 0; p.compared {
				old, more = input.RuleFiles(a, f.baseline)
			}
			p.findings, p.sizes = append(p.findings, more...), len(f.nodes)
			var err error
			if p.outcomes, err = p.play(ctx, sources, f, files); err != nil {
				return report.View{}, err
			}
			if p.compared {
				if p.baseline, err = p.play(ctx, sources, f, old); err != nil {
					return report.View{}, err
				}
			}
			return p.view(), ctx.Err()
		}),
	}
	c.Flags().StringSliceVar(&f.scenarios, "scenarios", nil, "file with more scenarios; may be given several times")
	c.Flags().StringSliceVar(&f.baseline, "baseline", nil, "rules to compare with")
	c.Flags().StringSliceVar(&f.only, "only", nil, "play only these scenarios")
	c.Flags().IntSliceVar(&f.nodes, "nodes", []int{prove.UsualNodes},
		"how many nodes the cluster has; several sizes are played one after the other")
	c.Flags().StringSliceVar(&f.pages, "pages", f.pages, "severities that wake somebody")
	c.Flags().StringVar(&f.alertmanager, "alertmanager", "", "configuration of your Alertmanager, to say who is told")
	c.Flags().StringSliceVar(&f.tickets, "tickets", f.tickets, "severities that make a ticket")
	app.CompleteFlag(c, "only", func(*cobra.Command) []cobra.Completion { return scenarioNames() })
	for _, name := range []string{"pages", "tickets"} {
		app.CompleteFlag(c, name, func(*cobra.Command) []cobra.Completion {
			return []string{"critical", "page", "error", "warning", "ticket", "info"}
		})
	}
	c.PreRunE = func(*cobra.Command, []string) error {
		if slices.ContainsFunc(f.nodes, func(n int) bool { return n < 1 || n > maxNodes }) || len(f.nodes) == 0 {
			return app.Usage("--nodes: want numbers from 1 to %d", maxNodes)
		}
		return nil
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

// world is the sources of scenarios, and how many nodes their cluster has.
// play plays the scenarios of all sizes to rules. Problems of the scenarios themselves are told once.
func (p *proof) play(ctx context.Context, sources []prove.Source, f proveFlags, files []rules.File) ([]prove.Outcome, error) {
	var scenarios []prove.Scenario
	for i, nodes := range f.nodes {
		all, problems := prove.ReadAt(sources, files, nodes)
		some, err := prove.Only(all, f.only)
		if err != nil {
			return nil, app.Usage("%w", err)
		}
		if scenarios = append(scenarios, some...); i == 0 && !p.told {
			p.findings, p.told = append(p.findings, problems...), true
		}
	}
	return prove.PlayAll(ctx, scenarios, files, p.routing, runtime.GOMAXPROCS(0)), nil
}
