package slo

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/slo"
)

func gateCommand(a *app.App) *cobra.Command {
	f := input.GateFlags{
		MinBudget: 0.25,
		MaxBurn:   1,
		Window:    slo.Hour,
		Reserve:   0.1,
		OnNoData:  app.Choice{Word: "closed", Of: []string{"closed", "open"}},
	}
	c := &cobra.Command{
		Use: "gate --prometheus URL FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Say whether the error budgets allow a risk now, as an exit status",
		Long: `Asks Prometheus for the events of each SLO in its period and closes the gate when too little of the budget is left or when it
burns too fast now. Every group of a grouped SLO is judged by itself, a composite as a whole: by the sum of
its components' burns, as its alerts are.

Exit status: 0 open; 1 closed; 3 not known, because the server does not answer or has no data of an SLO. With
--on-no-data open what is not known is a warning.`,
		Example: "  treadmill slo gate --prometheus http://prometheus:9090 slos/\n  treadmill slo gate --prometheus http://prometheus:9090 --upgrade --reserve 15% slos/payments.yaml && ./upgrade.sh",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			src, err := input.OpenHistory(a, f.Past)
			if err != nil {
				return report.View{}, err
			}
			results, findings := input.Compiled(a, args)
			gates := input.Each(
				ctx,
				src,
				input.Usable(results),
				func(s slo.SLO) (time.Time, error) { return input.SinceTrend(a, s) },
				time.Time(a.Now),
				func(m input.Measured) input.Gated { return input.Judge(a, m, f) },
			)
			for _, g := range gates {
				findings = append(findings, g.Findings...)
			}
			return gateView(gates, a.Settle(input.Loud(findings))), nil
		}),
	}
	f.Add(c)
	c.Flags().Var(&f.MinBudget, "min-budget", "share of the period's budget that must be left")
	c.Flags().Float64Var(&f.MaxBurn, "max-burn", f.MaxBurn, "how many times faster than allowed the budget may burn")
	c.Flags().Var(input.Span{W: &f.Window}, "burn-window", "time over which the burn is measured")
	c.Flags().BoolVar(&f.Upgrade, "upgrade", false, "want --reserve more of the budget, for what the upgrade will spend")
	c.Flags().Var(&f.Reserve, "reserve", "share of the budget that an upgrade spends")
	c.Flags().Var(&f.OnNoData, "on-no-data", "what an SLO without data does to the gate: "+strings.Join(f.OnNoData.Of, " or "))
	return a.Returns(c, gateData{})
}
