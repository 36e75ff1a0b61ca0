// Package relax says which clusters a plan leaves out of support, and the smallest relaxations of rules that would change that.
//
// The way through it: a planned Problem → Explain → []Unplanned. What helps is found by planning the cluster again with a rule relaxed.
package relax

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/plan/place"
	"treadmill/upgrade/plan/solver"
)

// tries is how much work goes into saying what would help: clusters planned again, over all trials of a plan.
const tries = 20_000

// relaxation is a rule relaxed for a cluster: how it is done in a trial, and how one says it of the cluster of a name.
type relaxation struct {
	text  func(cluster string) string
	apply func(*trial)
}

// trial is clusters to plan again and the capacity that all others leave them, with rules relaxed.
type trial struct {
	fleet  fleet.Fleet
	room   map[string][]int
	lifted map[model.Exemption]bool
}

// explainer finds what would help late clusters. Clusters that differ by name alone are explained once.
type explainer struct {
	p     *model.Problem
	left  int              // of tries
	room  map[string][]int // by team and week: see roomLeft
	known map[string][]relaxation
}

// explain tries one rule at a time on a cluster, and all of them together where none is enough. Of every rule that helps it keeps the
// least that does. Tried is false when the work for that was used up.
func (e *explainer) explain(ctx context.Context, u *model.Unit, late model.Stay) (helps []relaxation, tried bool) {
	key := likeness(u, late)
	if helps, ok := e.known[key]; ok {
		return helps, true
	}
	a := attempt{explainer: e, u: u, rules: rulesFor(e.p, u, late)}
	helps = a.each(ctx)
	if len(u.Lower) > 0 && len(helps) == 0 {
		if a.chain = true; a.works(ctx) == nil { // else it is in support at the cost of others that wait for the same clusters
			helps = a.each(ctx)
		}
	}
	if e.left <= 0 || ctx.Err() != nil {
		return helps, false
	}
	e.known[key] = helps
	return helps, true
}

// attempt is the rules of one cluster being relaxed: for itself while all others keep their work or, with chain, for the clusters before
// it in its group too, which are then planned again with it.
type attempt struct {
	*explainer
	u     *model.Unit
	rules []rule
	chain bool
}

// each lists the least of every rule that helps alone, or of all rules what they help with together.
func (a *attempt) each(ctx context.Context) []relaxation {
	var out []relaxation
	for _, r := range a.rules {
		if a.works(ctx, r.most()) != nil {
			out = append(out, a.least(ctx, r))
		}
	}
	if len(out) == 0 && len(a.rules) > 1 {
		out = a.together(ctx)
	}
	return out
}

// likeness is equal for clusters of which the same is true, whatever they are called.
func likeness(u *model.Unit, late model.Stay) string {
	return fmt.Sprintf("%v|%s|%p|%d|%d|%d|%s|%d|%s|%v|%v|%v|%v", u.Kind, u.Cluster.Team.V, u.Slots, u.At, u.Start, u.Lag, u.Group, u.Rank,
		u.Blocked, late, u.Work, u.Pools, u.Held)
}

// works plans a trial and returns it when the cluster is in support in it, else nil. It stops when the work for it is used up.
func (a *attempt) works(ctx context.Context, relaxations ...relaxation) *model.Problem {
	if a.left <= 0 || ctx.Err() != nil {
		return nil
	}
	t := a.newTrial(a.u, a.chain)
	for _, r := range relaxations {
		r.apply(t)
	}
	q := model.NewProblem(t.fleet, a.p.Table, model.Input{
		Now: model.TimeOf(a.p.Now, time.UTC), Horizon: model.TimeOf(a.p.Horizon, time.UTC), Late: a.p.Late,
		Budgets: a.p.Budgets, Companions: a.p.Addons, Taken: a.p.Taken, Lifted: t.lifted, Room: t.room, Shared: a.p.Shared})
	x := q.Unit(a.u.Cluster.Name.V)
	if !a.chain {
		x.Settled = a.u.Lower
	}
	if hopeless(q, x) {
		return nil
	}
	if a.left -= len(t.fleet.Clusters); a.left < 0 {
		return nil
	}
	place.Solve(ctx, q, solver.Effort{}) // a cluster by itself is scheduled best without prices
	if late := lateness(q, x); late.From < late.To {
		return nil
	}
	return q
}

// least is the first grade of a rule that helps, by halving; the hops of a team are counted one by one.
func (a *attempt) least(ctx context.Context, r rule) relaxation {
	if r.hops {
		return a.fewest(ctx, r.team)
	}
	from, to := 0, len(r.grades)-1 // the last one is known to help
	for from < to {
		if half := (from + to) / 2; a.works(ctx, r.grades[half]) != nil {
			to = half
		} else {
			from = half + 1
		}
	}
	return r.grades[to]
}

// together takes rules back out of all of them for as long as the rest still helps.
func (a *attempt) together(ctx context.Context) []relaxation {
	var all []relaxation
	for _, r := range a.rules {
		all = append(all, r.most())
	}
	if a.works(ctx, all...) == nil {
		return nil
	}
	for i := len(all) - 1; i >= 0; i-- {
		if rest := slices.Delete(slices.Clone(all), i, i+1); len(rest) > 0 && a.works(ctx, rest...) != nil {
			all = rest
		}
	}
	return []relaxation{both(all)}
}

// newTrial is the cluster, with chain those that it waits for too, without relaxation. A day out of support weighs more than all work, as
// the question is what is possible.
func (e *explainer) newTrial(u *model.Unit, chain bool) *trial {
	t := &trial{fleet: e.p.Fleet, room: map[string][]int{}, lifted: map[model.Exemption]bool{}}
	t.fleet.Clusters = nil
	policy := &t.fleet.Policy
	policy.Soak = maps.Clone(policy.Soak)
	policy.Costs.Campaign.V, policy.Costs.Hop.V, policy.Costs.UnsupportedDay.V, policy.Margin.V = fleet.Unit, fleet.Unit, 1000*fleet.Unit, 0
	policy.ExtendedSupport.PerClusterHour.V, policy.ExtendedSupport.PerClusterHour.Pos = 0,
		e.p.Units[0].Cluster.Pos // one place for all, as lives are shared by it
	again := []*model.Unit{u}
	if chain {
		again = slices.Concat(tiers(u)...)
	}
	for _, x := range again {
		team := x.Cluster.Team.V
		if _, known := t.room[team]; !known {
			t.room[team] = slices.Clone(e.room[team])
		}
		t.fleet.Clusters = append(t.fleet.Clusters, x.Cluster)
		book(x, t.room[team], 1)
	}
	return t
}

// roomLeft is what the weeks of all teams have left when every unit keeps its work.
func roomLeft(p *model.Problem) map[string][]int {
	out := map[string][]int{}
	for team, weeks := range p.Room {
		out[team] = slices.Clone(weeks)
	}
	for _, x := range p.Units {
		book(x, out[x.Cluster.Team.V], -1)
	}
	return out
}

// book takes the work of a unit out of the weeks of its team, or gives it back; what is kept of an earlier plan is taken out already.
func book(u *model.Unit, room []int, sign int) {
	for _, w := range u.Work {
		if room == nil || w.Kept && sign < 0 {
			continue
		}
		for _, i := range w.Slots {
			room[u.Slots.All[i].Week] += sign
		}
	}
}
