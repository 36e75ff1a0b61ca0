package input

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/policy"
	"treadmill/slo/review"
	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/history"
)

// PolicyFlag names the file of an error-budget policy.
type PolicyFlag struct{ PolicyFile string }

// Add adds the flag to a command.
func (f *PolicyFlag) Add(c *cobra.Command) {
	c.Flags().StringVar(&f.PolicyFile, "policy", "",
		"file of an error-budget policy: what is to be done and what is forbidden when little of a budget is left (docs/budget-aware-upgrades.md)")
	_ = c.MarkFlagFilename("policy", "yaml", "yml", "json") // it fails for a flag that does not exist
}

// ReadPolicy reads the policy that the flag names, and says what of it is over; without a name it is one without any terms.
func ReadPolicy(a *app.App, f PolicyFlag) (policy.Policy, []diag.Finding, error) {
	if f.PolicyFile == "" {
		return policy.Policy{}, nil, nil
	}
	in, err := a.Read(f.PolicyFile)
	if err != nil {
		return policy.Policy{}, nil, err
	}
	p, findings := policy.Read(in.Name, in.Data)
	return p, append(findings, p.Check(time.Time(a.Now))...), nil
}

// FleetPolicy is the same for a fleet, which may say otherwise in its own file: then the policy's file holds, and that is said.
func FleetPolicy(a *app.App, f PolicyFlag, fl fleet.Fleet) (policy.Policy, []diag.Finding, error) {
	p, findings, err := ReadPolicy(a, f)
	all := p.For(policy.Subject{}).Upgrades
	overruled := func(what string, said *float64, field upgrade.Share, at diag.Position) {
		if said != nil && at.Line > 0 && *said != float64(field) {
			findings = append(findings, diag.Finding{ID: "policy/overruled", Severity: diag.Warning, Position: at,
				Message: fmt.Sprintf("policy.budget.%s is %s here and %s in the error-budget policy %s, which counts: say it there alone",
					what, field, upgrade.Share(*said), p.File)})
		}
	}
	overruled("keep", all.Keep, fl.Policy.Budget.Keep.V, fl.Policy.Budget.Keep.Pos)
	overruled("reserve", all.Reserve, fl.Policy.Budget.Reserve.V, fl.Policy.Budget.Reserve.Pos)
	return p, findings, err
}

// SubjectOf is a group of an SLO in the words of a policy.
func SubjectOf(s slo.SLO, labels map[string]string, cluster string) policy.Subject {
	return policy.Subject{SLO: s.ID, Local: s.Local(), Labels: labels, Cluster: cluster}
}

// Needs are what an action needs of a group of an SLO: by the policy, and where that does not say, what must be kept and what it spends.
func Needs(p policy.Policy, x policy.Subject, act policy.Action, keep, reserve float64, now time.Time) review.Limits {
	t := p.For(x)
	wanted := t.Wanted(act, keep, reserve)
	out := review.Limits{MinBudget: wanted - reserve, Reserve: reserve, MaxBurn: t.Of(act).MaxBurn, BurnWindow: slo.Hour}
	if b, ok := t.Forbidden(act, wanted-1e-9); ok {
		out.Rule = fmt.Sprintf("the policy forbids %s below %s: %s", act, b.Below.Percent(), b.Do)
	}
	for _, e := range p.Exempt(x, act, now) {
		out.Waivers = append(out.Waivers, review.Waiver{Stretch: review.Stretch{From: e.From, To: e.Until}, Why: e.Said()})
	}
	return out
}

// StatedReserve is what a hop is taken to spend of a group's budget until past hops say.
func StatedReserve(p policy.Policy, f fleet.Fleet, x policy.Subject) upgrade.Share {
	if r := p.For(x).Upgrades.Reserve; r != nil {
		return upgrade.Share(*r)
	}
	return f.Policy.Budget.Reserve.V
}

// HopNeeds are what a hop of a cluster needs of a group of an SLO that guards it, and what of it the hop is taken to spend.
func HopNeeds(p policy.Policy, f fleet.Fleet, c fleet.Cluster, s slo.SLO, labels map[string]string, records history.File, now time.Time) (
	review.Limits, history.Reserve) {
	x := SubjectOf(s, labels, c.Name.V)
	reserve := records.Reserve(s.ID, c.Environment.V, StatedReserve(p, f, x), BudgetOf(s))
	return Needs(p, x, policy.Upgrades, float64(f.Policy.Budget.Keep.V), float64(reserve.Share), now), reserve
}

// StandardNeeds are those of an action where no fleet is at hand: what the policy does not say is as in a fleet file that does not say it.
func StandardNeeds(p policy.Policy, x policy.Subject, act policy.Action, now time.Time) review.Limits {
	keep, reserve := 0.0, 0.0
	if act == policy.Upgrades {
		keep, reserve = float64(fleet.DefaultKeep), float64(fleet.DefaultReserve)
	}
	if r := p.For(x).Of(act).Reserve; r != nil {
		reserve = *r
	}
	return Needs(p, x, act, keep, reserve, now)
}

// Reviewed is what became of a group of an SLO in an interval, with what a policy says of it: by what is left, at the end, of the budget of
// the SLO's own period, and after each incident that spent at least a share of the budget.
func Reviewed(p policy.Policy, s slo.SLO, h review.History, in review.Interval, least float64) review.Judged {
	j := h.InInterval(s.Objective, in, least)
	if own, err := h.Standing(s.Objective, s.Period, in.To); err == nil { // it was tried when the history was read
		j.Standing = own.Left
	}
	if p.File == "" {
		return j
	}
	t := p.For(SubjectOf(s, h.Labels, ""))
	if b, ok := t.Band(j.Standing); ok {
		j.Decision, j.Note = b.Do, b.Note
	}
	for _, x := range j.Incidents {
		if do := t.After(x.Spent); do != "" {
			j.FollowUps = append(j.FollowUps, review.FollowUp{Incident: x.Start, Spent: x.Spent, Do: do})
		}
	}
	j.Upgrades, j.Releases = allowed(p, s, h, policy.Upgrades, in.To), allowed(p, s, h, policy.Releases, in.To)
	return j
}

// allowed is whether a policy lets an action begin at a time.
func allowed(p policy.Policy, s slo.SLO, h review.History, act policy.Action, at time.Time) review.State {
	from, err := review.Start(s.Period, at)
	switch {
	case err != nil:
		return ""
	case p.Broken:
		return review.Unknown
	}
	return h.Judge(s.Objective, s.Period, from, at, StandardNeeds(p, SubjectOf(s, h.Labels, ""), act, at)).State
}
