package plan

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/solver"
)

// result writes down what was planned.
func (p *problem) result(ctx context.Context, s solver.Solution, bound fleet.Money) Plan {
	out := Plan{Version: 1, Now: timeOf(p.now, time.UTC), Horizon: timeOf(p.horizon, time.UTC), Currency: p.fleet.Policy.Costs.Currency.V,
		Campaigns: p.campaigns(), Bindings: p.bindings(s), Moved: p.moves, Findings: append([]diag.Finding{}, p.moveFindings(p.moves)...), Budgets: p.budgetsOf()}
	for _, u := range p.units {
		out.Findings = append(out.Findings, p.findings(u)...)
	}
	out.Cost, out.Bill = p.bill(func(u *unit) []work { return u.work })
	out.JustInTime = p.justInTime()
	out.Bound = bound
	if out.Cost.Total > 0 {
		out.Gap = math.Round(float64(out.Cost.Total-out.Bound)/float64(out.Cost.Total)*1e4) / 1e4
	}
	out.Unplanned = p.unplanned(ctx)
	out.Interrupted = ctx.Err() != nil
	out.Findings = slices.Concat(out.Findings, p.addonFindings(), p.budgetFindings())
	diag.Sort(out.Findings)
	return out
}

// job is the work of a unit, to be written down.
type job struct {
	u     *unit
	w     work
	start minutes
}

// campaigns writes the work of all units down, by start, then cluster. Campaigns share the memory of their steps, and of reasons that say the
// same: a large fleet has tens of thousands of them.
func (p *problem) campaigns() []Campaign {
	var jobs []job
	slots := 0
	for _, u := range p.units {
		for _, w := range u.work {
			jobs = append(jobs, job{u, w, u.slots.all[w.slots[0]].start})
			slots += len(w.slots)
		}
	}
	slices.SortFunc(jobs, func(a, b job) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.u.index, b.u.index))
	})
	out := make([]Campaign, len(jobs))
	hops, steps, known := make([]upgrade.Minor, 0, slots), make([]Step, 0, slots), reasons{}
	for i, j := range jobs {
		from := j.u.lives.versions[j.w.from].minor
		firstHop, firstStep := len(hops), len(steps)
		hops = append(hops, upgrade.Hops(from, from.Add(j.w.hops))...)
		for k, at := range j.w.slots {
			x := j.u.slots.all[at]
			steps = append(steps, Step{To: from.Add(min(k+1, j.w.hops)), Nodes: k == len(j.w.slots)-1, Start: timeOf(x.start, x.zone), End: timeOf(x.end, x.zone)})
		}
		out[i] = p.campaign(j.u, j.w)
		out[i].Hops, out[i].Steps = slices.Clip(hops[firstHop:]), slices.Clip(steps[firstStep:])
		out[i].Reason = known.of(p, j.u, j.w)
	}
	return out
}

// campaign is a piece of work but for its hops, steps and reason.
func (p *problem) campaign(u *unit, w work) Campaign {
	c := u.cluster
	from := u.lives.versions[w.from]
	first, last := u.slots.all[w.slots[0]], u.slots.all[w.slots[len(w.slots)-1]]
	due := max(0, min(from.due, dayMinutes(maxDay)))
	return Campaign{Cluster: c.Name.V, Provider: c.Provider.V, Group: c.Group.V, Team: c.Team.V, Environment: c.Environment.V,
		From: from.minor, To: from.minor.Add(w.hops), Start: timeOf(first.start, first.zone), End: timeOf(last.end, last.zone),
		Timezone: first.zone.String(), Addons: p.addonSteps(u, w), Approved: w.approved,
		Due: timeOf(due, time.UTC), SlackDays: int(math.Floor(float64(due-last.end) / float64(day)))}
}

// maxDay stands for supports that never end, in dates that people read: the last day of the year 2199.
const maxDay = 84005

// bill adds up what the work of all units costs, and by month.
func (p *problem) bill(workOf func(*unit) []work) (Cost, []Month) {
	months := p.months()
	ends := make([]minutes, len(months))
	for i := range months {
		t, _ := time.Parse("2006-01", months[i].Month) // written by months
		ends[i] = min(p.horizon, minutesOf(t.AddDate(0, 1, 0)))
	}
	at := func(t minutes) int {
		i, _ := slices.BinarySearch(ends, t+1)
		return min(i, len(ends)-1)
	}
	costs := p.fleet.Policy.Costs
	for _, u := range p.units {
		for _, w := range workOf(u) {
			months[at(u.slots.all[w.slots[0]].start)].Campaigns += costs.Campaign.V
			for _, i := range w.slots[:w.hops] {
				months[at(u.slots.all[i].start)].Hops += costs.Hop.V
			}
		}
		p.spread(u, p.stays(u, workOf(u)), ends, func(i int, fee, risk fleet.Money) {
			months[i].ExtendedSupport += fee
			months[i].Unsupported += risk
		})
		p.spread(u, p.stays(u, nil), ends, func(i int, fee, risk fleet.Money) {
			months[i].Without.ExtendedSupport += fee
			months[i].Without.Unsupported += risk
		})
	}
	var sum Cost
	for i := range months {
		m := &months[i]
		for _, x := range []*fleet.Money{&m.ExtendedSupport, &m.Unsupported, &m.Without.ExtendedSupport, &m.Without.Unsupported} {
			*x = (*x + cent - 1) / cent * cent
		}
		sum.Campaigns += m.Campaigns
		sum.Hops += m.Hops
		sum.ExtendedSupport += m.ExtendedSupport
		sum.Unsupported += m.Unsupported
	}
	sum.Total = sum.Campaigns + sum.Hops + sum.ExtendedSupport + sum.Unsupported
	return sum, months
}

// total is what the work of all units costs.
func (p *problem) total() fleet.Money {
	cost, _ := p.bill(func(u *unit) []work { return u.work })
	return cost.Total
}

// spread divides what stays cost over the months.
func (p *problem) spread(u *unit, stays []stay, ends []minutes, add func(month int, fee, risk fleet.Money)) {
	for _, st := range stays {
		from := st.from
		for i, end := range ends {
			to := min(end, st.to)
			if to <= from {
				continue
			}
			if fee, risk := u.lives.versions[st.version].paid(from, to); fee > 0 || risk > 0 {
				add(i, fee, risk)
			}
			from = to
		}
	}
}

// months lists the months from now to the horizon.
func (p *problem) months() []Month {
	out := []Month{}
	now := timeOf(p.now, time.UTC)
	for t := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC); minutesOf(t) < p.horizon || len(out) == 0; t = t.AddDate(0, 1, 0) {
		out = append(out, Month{Month: t.Format("2006-01")})
	}
	return out
}
