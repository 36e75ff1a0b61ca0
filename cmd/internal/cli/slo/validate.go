package slo

import (
	"context"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/compile"
)

// validateData is the machine shape of `slo validate`.
type validateData struct {
	Findings []diag.Finding `json:"findings"`
	Valid    []string       `json:"valid"`
	Version  int            `json:"version"`
}

func validateCommand(a *app.App) *cobra.Command {
	var options compile.Options
	var target scrapeFlags
	c := &cobra.Command{
		Use: "validate FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Check SLO specs: their form, their PromQL and what they promise",
		Long: `Checks SLOs (OpenSLO, Sloth, Pyrra): unknown fields, wrong types, dangling references, duplicates, queries that are not PromQL,
and alerts that could never fire or would fire inside the budget.`,
		Example: "  treadmill slo validate slos/\n  treadmill slo validate -o sarif slos/ > slos.sarif\n  treadmill slo validate --traffic 30/m --retention 15d slos/\n" +
			"  curl -s localhost:8080/metrics | treadmill slo validate --metrics - --relabel relabel.yaml slos/",
		RunE: a.Run(func(_ context.Context, args []string) (report.View, error) {
			drafts, findings := input.Drafted(a, args, options)
			blind, err := checkScrape(a, target, drafts)
			if err != nil {
				return report.View{}, err
			}
			findings = append(findings, blind...)
			names := []string{}
			for _, r := range drafts {
				if !r.Failed() {
					names = append(names, r.SLO.ID)
				}
			}
			return report.View{Lead: []string{input.Outcome(drafts) + ", " + app.Count(len(findings), "finding", "findings")}, Findings: findings,
				Data: validateData{Version: 1, Valid: names, Findings: app.List(findings)}}, nil
		}),
	}
	input.Intervals(c.Flags(), &options)
	target.add(c.Flags())
	c.Flags().
		Var((*traffic)(&options.Traffic), "traffic", "events of each SLO, such as 20/s, 30/m or 5000/d: says where the budget is only a few of them")
	c.Flags().
		Var(retention{&options.Retention}, "retention", "how long Prometheus keeps samples, such as 15d: says where windows look back further")
	return a.Returns(c, validateData{})
}
