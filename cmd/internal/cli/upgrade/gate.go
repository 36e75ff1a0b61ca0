package upgrade

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/review"
	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/gate"
	"treadmill/upgrade/history"
)

// hopFlags say which hop waits at the gate.
type hopFlags struct {
	hopInput
	to       app.Minor
	planned  string
	onNoData app.Choice
	live     input.LiveFlags
}

func gateCommand(a *app.App) *cobra.Command {
	f := hopFlags{onNoData: app.Choice{Word: "closed", Of: []string{"closed", "open"}}}
	c := &cobra.Command{
		Use: "gate -f fleet.yaml --cluster NAME", Args: cobra.NoArgs,
		Short: "Say whether a cluster's next hop may start now, as an exit status",
		Long: `Gate is for pipelines: may this hop start now? It asks the plan, the provider's versions, version skew, the time to roll back,
the soak of the environment before, freezes and maintenance windows, and the error budgets of the SLOs that guard the
cluster, of which enough must be left for what a hop spends (by the file of past campaigns, else by the fleet's policy).

Exit status: 0 open; 1 closed; 3 not known, as something that it takes to say so is missing. With --on-no-data open what is
not known is a warning.`,
		Example: `  treadmill upgrade gate -f fleet.yaml --cluster pay-prod-eu --plan plan.json --records campaigns.yaml \
    --prometheus http://prometheus:9090 --slo slos/ && ./upgrade.sh pay-prod-eu`,
		RunE: a.Run(func(ctx context.Context, _ []string) (report.View, error) { return judgeHop(ctx, a, f) }),
	}
	f.add(a, c, "the cluster that is to be upgraded")
	c.Flags().Var(&f.to, "to", "the version to hop to (default: that of the plan's next step, else one minor more)")
	c.Flags().StringVar(&f.planned, "plan", "", "a plan (JSON of upgrade plan) that must have the hop now")
	c.Flags().Var(&f.onNoData, "on-no-data", "what a rule of which nothing is known does to the gate: "+strings.Join(f.onNoData.Of, " or "))
	f.live.Add(a, c, "context of the cluster, to say where it runs something else than the fleet file says")
	return a.Returns(c, gateData{})
}

func judgeHop(ctx context.Context, a *app.App, f hopFlags) (report.View, error) {
	h, err := readHop(a, f.hopInput)
	if err != nil {
		return report.View{}, err
	}
	in := gate.Input{Fleet: h.fleet, Table: h.table, Cluster: h.cluster, To: upgrade.Minor(f.to), Now: time.Time(a.Now)}
	if in.Plan, err = input.ReadPlan(a, f.planned); err != nil {
		return report.View{}, err
	}
	var more []diag.Finding
	if in.Records, more, err = input.ReadRecords(a, f.Records); err != nil {
		return report.View{}, err
	}
	findings := append(h.findings, more...)
	if more, err = differing(ctx, a, f, h); err != nil {
		return report.View{}, err
	}
	findings = append(findings, more...)
	budgets, more, err := budgets(ctx, a, f.GuardFlags, h, in.Records)
	if err != nil {
		return report.View{}, err
	}
	findings = append(findings, more...)
	if in.Soaked, more, err = soaked(ctx, a, f.GuardFlags, h.rules, in); err != nil {
		return report.View{}, err
	}
	findings = append(findings, more...)
	for _, b := range budgets {
		in.Budgets = append(in.Budgets, b.forGate())
	}
	return hopView{
		cluster:  h.cluster,
		verdict:  gate.Judge(in),
		budgets:  budgets,
		findings: findings,
		now:      in.Now,
		open:     f.onNoData.Word == "open",
		broken:   h.fleet.Broken || h.fleet.Unread || h.rules.Broken,
	}.view(), nil
}

// guardedBudget is what a gate says of one SLO that guards a cluster: that of its worst group.
type guardedBudget struct {
	SLO     string          `json:"slo"`
	State   review.State    `json:"state"`
	Left    float64         `json:"budgetLeft"`
	Needed  float64         `json:"needed"` // what the hop needs and what must be left after it
	Burn    float64         `json:"burn"`   // over the last hour
	Reserve history.Reserve `json:"reserve"`
	Exempt  string          `json:"exempt,omitempty"` // the exemption of the policy that lets the hop although too little is left
	reasons []string
	enough  time.Time
	shut    []gate.Shut
}

// budgets asks for the budgets of the SLOs that guard a cluster.
func budgets(ctx context.Context, a *app.App, f input.GuardFlags, h hop, records history.File) ([]guardedBudget, []diag.Finding, error) {
	if !f.Given() || len(h.cluster.SLOs) == 0 {
		return nil, nil, nil
	}
	src, err := input.OpenHistory(a, f.Past)
	if err != nil {
		return nil, nil, err
	}
	results, findings := input.Guards(a, f.SLOs, []fleet.Cluster{h.cluster})
	since := func(s slo.SLO) (time.Time, error) { return input.SinceTrend(a, s) }
	var out []guardedBudget
	for _, some := range input.Each(ctx, src.Under(h.rules), results, since, time.Time(a.Now),
		func(m input.Measured) []guardedBudget { return guarded(a, h, m, records) }) {
		out = append(out, some...)
	}
	return out, findings, nil
}

// guarded is what the gate says of the guards that a cluster has of one SLO.
func guarded(a *app.App, h hop, m input.Measured, records history.File) []guardedBudget {
	needs := func(labels map[string]string) (review.Limits, history.Reserve) {
		return input.HopNeeds(h.rules, h.fleet, h.cluster, m.SLO, labels, records, time.Time(a.Now))
	}
	var out []guardedBudget
	for _, guard := range h.cluster.SLOs {
		if guard.SLO.V != m.SLO.ID {
			continue
		}
		b := guardedBudget{SLO: guard.String(), State: review.Unknown}
		b.need(needs(guard.Match))
		groups, problem := input.GroupsOf(guard, m)
		switch {
		case problem != "":
			b.reasons = []string{problem}
		case len(groups) == 0:
			b.reasons = []string{unreadable(m)}
		default:
			own := m
			own.Groups = groups
			worst := b.from(input.Judge(a, own, func(labels map[string]string) review.Limits { l, _ := needs(labels); return l }, false))
			b.need(needs(worst))
			if b.State == review.Closed && len(groups) > 1 {
				b.reasons = append(b.reasons, fmt.Sprintf(
					"the worst of %d groups counts: where only some are of the cluster, slos: [{slo: %s, match: {label: value}}] says which",
					len(groups), guard.SLO.V))
			}
		}
		out = append(out, b)
	}
	return out
}

// need takes over what a hop needs of a group.
func (b *guardedBudget) need(limits review.Limits, reserve history.Reserve) {
	b.Reserve, b.Needed = reserve, limits.MinBudget+limits.Reserve
}

// unreadable says why nothing is known of an SLO.
func unreadable(m input.Measured) string {
	for _, f := range m.Findings {
		if f.ID == diag.Unread {
			return strings.TrimPrefix(f.Message, m.SLO.ID+": ")
		}
	}
	return "the server has no events of this SLO: check its queries and that the service is scraped"
}

// from takes over what the gate says of the worst group, whose labels it returns: the one with the least to spare.
func (b *guardedBudget) from(g input.Gated) (worst map[string]string) {
	b.State = g.State
	first, spare := true, 0.0
	for _, v := range g.Groups {
		for _, s := range v.Shut {
			b.shut = append(b.shut, gate.Shut(s))
		}
		if v.State != g.State || !first && v.Left-v.Needed >= spare {
			continue
		}
		first, spare, worst = false, v.Left-v.Needed, v.Labels
		b.Left, b.Burn, b.reasons, b.enough, b.Exempt = v.Left, v.Burn, v.Reasons, v.Enough, v.Exempt
		if name := app.GroupName(v.Labels); name != "" && len(b.reasons) > 0 {
			b.reasons = slices.Concat([]string{name + ": " + b.reasons[0]}, b.reasons[1:])
		}
	}
	return worst
}

// forGate is the budget in the words of the gate.
func (b guardedBudget) forGate() gate.Budget {
	out := gate.Budget{SLO: b.SLO, State: gate.State(b.State), Opens: b.enough, Shut: b.shut}
	needs := fmt.Sprintf("a hop needs %s (%s)", b.Reserve.Share, b.Reserve.Basis)
	switch {
	case b.State == review.Open && b.Exempt != "":
		out.Reason = fmt.Sprintf("%s has %s of its budget left, and %s is wanted; %s", b.SLO, review.Percent(b.Left),
			review.Percent(b.Needed), b.Exempt)
		out.Opens = time.Time{}
	case b.State == review.Open:
		out.Reason = fmt.Sprintf("%s has %s of its budget left; %s, and %s must be left after it", b.SLO, review.Percent(b.Left), needs,
			review.Percent(b.Needed-float64(b.Reserve.Share)))
		out.Opens = time.Time{}
	default:
		out.Reason = b.SLO + ": " + strings.Join(b.reasons, "; ")
		if b.State == review.Closed {
			out.Reason += "; " + needs
		}
	}
	return out
}
