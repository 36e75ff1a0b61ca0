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
	"treadmill/slo/policy"
	"treadmill/slo/review"
)

// gateFlags say when the gate is closed.
type gateFlags struct {
	input.Past
	input.PolicyFlag
	minBudget app.Share
	maxBurn   float64
	window    slo.Window
	upgrade   bool
	reserve   app.Share
	onNoData  app.Choice
}

func gateCommand(a *app.App) *cobra.Command {
	f := gateFlags{
		minBudget: 0.25,
		maxBurn:   1,
		window:    slo.Hour,
		reserve:   0.1,
		onNoData:  app.Choice{Word: "closed", Of: []string{"closed", "open"}},
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
		RunE:    a.Run(func(ctx context.Context, args []string) (report.View, error) { return judgeSLOs(ctx, a, f, args) }),
	}
	f.Past.Add(c)
	f.PolicyFlag.Add(c)
	c.Flags().Var(&f.minBudget, "min-budget", "share of the period's budget that must be left")
	c.Flags().Float64Var(&f.maxBurn, "max-burn", f.maxBurn, "how many times faster than allowed the budget may burn")
	c.Flags().Var(input.Span{W: &f.window}, "burn-window", "time over which the burn is measured")
	c.Flags().BoolVar(&f.upgrade, "upgrade", false, "want --reserve more of the budget, for what the upgrade will spend")
	c.Flags().Var(&f.reserve, "reserve", "share of the budget that an upgrade spends")
	c.Flags().Var(&f.onNoData, "on-no-data", "what an SLO without data does to the gate: "+strings.Join(f.onNoData.Of, " or "))
	c.PreRunE = func(c *cobra.Command, _ []string) error {
		for _, name := range []string{"min-budget", "max-burn", "reserve"} {
			if f.PolicyFile != "" && c.Flags().Changed(name) {
				return app.Usage("--policy says what must be left and what an upgrade spends: leave --%s out, or write it there", name)
			}
		}
		return nil
	}
	return a.Returns(c, gateData{})
}

// judgeSLOs is the gate of SLOs by their budgets now.
func judgeSLOs(ctx context.Context, a *app.App, f gateFlags, args []string) (report.View, error) {
	src, err := input.OpenHistory(a, f.Past)
	if err != nil {
		return report.View{}, err
	}
	rules, findings, err := input.ReadPolicy(a, f.PolicyFlag)
	if err != nil {
		return report.View{}, err
	}
	results, more := input.Compiled(a, args)
	findings = append(findings, more...)
	since := func(s slo.SLO) (time.Time, error) { return input.SinceTrend(a, s) }
	gates := input.Each(ctx, src.Under(rules), input.Usable(results), since, time.Time(a.Now), func(m input.Measured) input.Gated {
		limits := func(labels map[string]string) review.Limits { return f.limits(rules, m.SLO, labels, time.Time(a.Now)) }
		return input.Judge(a, m, limits, f.onNoData.Word == "open")
	})
	for _, g := range gates {
		findings = append(findings, g.Findings...)
	}
	return gateView(gates, a.Settle(input.Loud(findings))), nil
}

// limits are those of the flags, or those of a policy for a release, or with --upgrade for an upgrade.
func (f gateFlags) limits(rules policy.Policy, s slo.SLO, labels map[string]string, now time.Time) review.Limits {
	if rules.File == "" {
		limits := review.Limits{MinBudget: float64(f.minBudget), MaxBurn: f.maxBurn, BurnWindow: f.window}
		if f.upgrade {
			limits.Reserve = float64(f.reserve)
		}
		return limits
	}
	act := policy.Releases
	if f.upgrade {
		act = policy.Upgrades
	}
	limits := input.StandardNeeds(rules, input.SubjectOf(s, labels, ""), act, now)
	limits.BurnWindow = f.window
	return limits
}
