package cli

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/review"
)

// gateFlags say when the gate is closed.
type gateFlags struct {
	past
	minBudget share
	maxBurn   float64
	window    slo.Window
	upgrade   bool
	reserve   share
	onNoData  choice
}

func (a *app) sloGate() *cobra.Command {
	f := gateFlags{minBudget: 0.25, maxBurn: 1, window: slo.Hour, reserve: 0.1, onNoData: choice{"closed", []string{"closed", "open"}}}
	c := &cobra.Command{
		Use: "gate --prometheus URL FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Say whether the error budgets allow a risk now, as an exit status",
		Long: `Asks Prometheus for the events of each SLO in its period and closes the gate when too little of the budget is left or when it
burns too fast now. Every group of a grouped SLO is judged by itself, a composite as a whole: by the sum of
its components' burns, as its alerts are.

Exit status: 0 open; 1 closed; 3 not known, because the server does not answer or has no data of an SLO. With
--on-no-data open what is not known is a warning.`,
		Example: "  treadmill slo gate --prometheus http://prometheus:9090 slos/\n  treadmill slo gate --prometheus http://prometheus:9090 --upgrade --reserve 15% slos/payments.yaml && ./upgrade.sh",
		RunE: a.run(func(ctx context.Context, args []string) (report.View, error) {
			src, err := a.source(f.past)
			if err != nil {
				return report.View{}, err
			}
			results, findings := a.compiled(args)
			gates := each(ctx, src, usable(results), a.periodStart, time.Time(a.now), func(m measured) gated { return a.judge(m, f) })
			for _, g := range gates {
				findings = append(findings, g.findings...)
			}
			return gateView(gates, a.settle(loud(findings))), nil
		}),
	}
	f.flags(c)
	c.Flags().Var(&f.minBudget, "min-budget", "share of the period's budget that must be left")
	c.Flags().Float64Var(&f.maxBurn, "max-burn", f.maxBurn, "how many times faster than allowed the budget may burn")
	c.Flags().Var(span{&f.window}, "burn-window", "time over which the burn is measured")
	c.Flags().BoolVar(&f.upgrade, "upgrade", false, "want --reserve more of the budget, for what the upgrade will spend")
	c.Flags().Var(&f.reserve, "reserve", "share of the budget that an upgrade spends")
	c.Flags().Var(&f.onNoData, "on-no-data", "what an SLO without data does to the gate: "+strings.Join(f.onNoData.of, " or "))
	return c
}

// gated is what the gate says of one SLO.
type gated struct {
	Name      string       `json:"name"`
	Objective slo.Number   `json:"objective"`
	State     review.State `json:"state"`
	Groups    []gatedGroup `json:"groups"`
	findings  []diag.Finding
}

type gatedGroup struct {
	Labels map[string]string `json:"labels"`
	review.Verdict
}

// periodStart is when the period of an SLO began that holds the present.
func (a *app) periodStart(s slo.SLO) (time.Time, error) {
	return review.Start(s.Period, time.Time(a.now))
}

// judge is the verdict of one SLO: that of its worst group.
func (a *app) judge(m measured, f gateFlags) gated {
	limits := review.Limits{MinBudget: float64(f.minBudget), MaxBurn: f.maxBurn, BurnWindow: f.window}
	if f.upgrade {
		limits.Reserve = float64(f.reserve)
	}
	g := gated{Name: m.slo.ID, Objective: m.slo.Objective.Mul(slo.NewNumber(100, 1)), State: review.Open, Groups: []gatedGroup{}, findings: m.findings}
	for _, h := range m.groups {
		v := h.Judge(m.slo.Objective, m.slo.Period, m.from, time.Time(a.now), limits)
		g.Groups = append(g.Groups, gatedGroup{h.Labels, v})
		if v.State != review.Unknown {
			g.findings = append(g.findings, gaps(m.slo, h, m.from, time.Time(a.now))...)
		}
		for _, reason := range v.Reasons {
			g.findings = append(g.findings, verdictFinding(m.slo, h.Name(), v.State, reason))
		}
		if v.State == review.Unknown || v.State == review.Closed && g.State == review.Open {
			g.State = v.State
		}
	}
	if len(m.groups) == 0 {
		g.State = review.Unknown
		if !diag.Any(m.findings, diag.Error) {
			g.findings = append(g.findings, verdictFinding(m.slo, "", review.Unknown, "the server has no events of this SLO: check its queries and that the service is scraped"))
		}
	}
	if f.onNoData.word == "open" {
		for i := range g.findings {
			if g.findings[i].ID == diag.Unread {
				g.findings[i].Severity = diag.Warning
			}
		}
	}
	return g
}

func verdictFinding(s slo.SLO, group string, state review.State, reason string) diag.Finding {
	f := diag.Finding{ID: "gate/closed", Severity: diag.Error, Position: s.Pos, Message: s.ID + ": " + reason}
	if group != "" {
		f.Message = s.ID + " (" + group + "): " + reason
	}
	if state == review.Unknown {
		f.ID = diag.Unread
	}
	return f
}

// loud leaves out what is said for information about the rules, which is not what was asked, unlike the history.
func loud(findings []diag.Finding) []diag.Finding {
	var out []diag.Finding
	for _, f := range findings {
		if f.Severity > diag.Info || ofHistory(f) {
			out = append(out, f)
		}
	}
	return out
}
