package plan

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/baseline"
	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/plan/relax"
	"treadmill/upgrade/plan/solver"
)

// bindings lists the weeks of teams in which the relaxation would pay for one more hop.
func bindings(p *model.Problem, s solver.Solution) []Binding {
	out := []Binding{}
	for i, team := range p.Teams {
		for w, price := range s.Prices[i] {
			if worth := fleet.Money(price) / fleet.Unit * fleet.Unit; worth > 0 && p.Room[team] != nil {
				out = append(out, Binding{Team: team, Week: p.WeekName(w), ShadowPrice: worth})
			}
		}
	}
	slices.SortFunc(out, func(a, b Binding) int {
		if c := strings.Compare(a.Team, b.Team); c != 0 {
			return c
		}
		return strings.Compare(a.Week, b.Week)
	})
	return out
}

// Binding is a team's week whose capacity costs money: what one more hop in it would save, by the relaxation that gives the bound.
type Binding struct {
	Team        string      `json:"team"`
	Week        string      `json:"week"` // ISO, such as 2027-W11
	ShadowPrice fleet.Money `json:"shadowPrice"`
}

// result writes down what was planned.
func result(ctx context.Context, p *model.Problem, s solver.Solution, bound fleet.Money, moves []Move) Plan {
	out := Plan{
		Version:   1,
		Now:       model.TimeOf(p.Now, time.UTC),
		Horizon:   model.TimeOf(p.Horizon, time.UTC),
		Currency:  p.Fleet.Policy.Costs.Currency.V,
		Campaigns: campaigns(p),
		Pools:     rollouts(p),
		Clouds:    clouds(p),
		Exclude:   exclusions(p),
		Bindings:  bindings(p, s),
		Moved:     moves,
		Findings:  append([]diag.Finding{}, moveFindings(p, moves)...),
		Budgets:   budgetsOf(p),
	}
	for _, u := range p.Units {
		out.Findings = append(out.Findings, findings(p, u)...)
	}
	out.Cost, out.Bill = p.Bill(func(u *model.Unit) []model.Work { return u.Work })
	out.JustInTime = baseline.JustInTime(p)
	out.Bound, out.Proven, out.Relaxed = bound, bound >= out.Cost.Total, s.Relaxed && bound < out.Cost.Total
	if out.Cost.Total > 0 {
		out.Gap = math.Round(float64(out.Cost.Total-out.Bound)/float64(out.Cost.Total)*1e4) / 1e4
	}
	out.Unplanned = relax.Explain(ctx, p)
	out.Interrupted = ctx.Err() != nil
	out.Findings = slices.Concat(out.Findings, addonFindings(p), imageFindings(p), budgetFindings(p))
	diag.Sort(out.Findings)
	return out
}

// job is the work of a unit, to be written down.
type job struct {
	u     *model.Unit
	w     model.Work
	start model.Minutes
}

// campaigns writes the work of all units down, by start, then cluster. Campaigns share the memory of their steps, and of reasons that say
// the same: a large fleet has tens of thousands of them.
func campaigns(p *model.Problem) []Campaign {
	var jobs []job
	slots := 0
	for _, u := range p.Units {
		for _, w := range u.Work {
			jobs = append(jobs, job{u, w, u.Slots.All[w.Slots[0]].Start})
			slots += len(w.Slots)
		}
	}
	slices.SortFunc(jobs, func(a, b job) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.u.Index, b.u.Index))
	})
	out := make([]Campaign, len(jobs))
	hops, steps, known := make([]upgrade.Minor, 0, slots), make([]Step, 0, slots), reasons{}
	for i, j := range jobs {
		from := j.u.Lives.Versions[j.w.From].Minor
		firstHop, firstStep := len(hops), len(steps)
		hops = append(hops, upgrade.Hops(from, from.Add(j.w.Hops))...)
		for k, at := range j.w.Slots {
			x := j.u.Slots.All[at]
			to := j.w.From + min(k+1, j.w.Hops)
			steps = append(steps, Step{To: j.u.Lives.Versions[to].Minor, Release: j.u.Lives.Versions[to].Window.Release, Nodes: k == len(j.w.Slots)-1,
				Start: model.TimeOf(x.Start, x.Zone), End: model.TimeOf(x.End, x.Zone)})
		}
		out[i] = campaign(p, j.u, j.w)
		out[i].Hops, out[i].Steps = slices.Clip(hops[firstHop:]), slices.Clip(steps[firstStep:])
		out[i].Reason = known.of(p, j.u, j.w)
	}
	return out
}

// campaign is a piece of work but for its hops, steps and reason.
func campaign(p *model.Problem, u *model.Unit, w model.Work) Campaign {
	c := u.Cluster
	from := u.Lives.Versions[w.From]
	first, last := u.Slots.All[w.Slots[0]], u.Slots.All[w.Slots[len(w.Slots)-1]]
	due := max(0, min(from.Due, model.DayMinutes(model.MaxDay)))
	left := last.End // when the version is left
	if w.Hops > 0 {
		left = first.End
	}
	out := Campaign{Cluster: c.Name.V, Provider: c.Provider.V, Group: c.Group.V, Team: c.Team.V, Environment: c.Environment.V,
		From: from.Minor, To: from.Minor.Add(w.Hops), Release: from.Window.Release, Start: model.TimeOf(first.Start, first.Zone), End: model.TimeOf(last.End, last.Zone),
		Timezone: first.Zone.String(), Addons: append(addonSteps(p, u, w), imageSteps(u, w).steps()...), Approved: w.Approved,
		Due: model.TimeOf(due, time.UTC), SlackDays: int(math.Floor(float64(due-left) / float64(model.Day)))}
	if from.Ends > from.Standard && from.Fee > 0 {
		out.Billed, out.MonthlyFee = model.TimeOf(from.Standard, time.UTC), model.MonthHours*from.Fee
	}
	return out
}
