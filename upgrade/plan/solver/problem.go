// Package solver schedules upgrade campaigns on an abstract fleet of whole weeks and numbered versions.
//
// The way through it: Problem → Solve → Solution. Per cluster an exact dynamic programme over (week, version) finds the
// cheapest schedule under prices for the capacity of its team. The prices come from a Lagrangian relaxation of capacity
// (Held and Karp 1970; Fisher, "The Lagrangian Relaxation Method", Management Science 27, 1981), whose value is a lower
// bound on the cost of any feasible schedule. A priced construction makes a feasible schedule and ruin and recreate
// (Schrimpf et al., J. Comp. Phys. 159, 2000) improves it.
//
// It knows no dates, names, providers or money: package plan translates. It does no I/O and reads no clock.
package solver

// Problem is a fleet to schedule. Weeks and versions count from 0.
type Problem struct {
	Weeks    int
	Campaign float64   // cost of one campaign
	Hop      float64   // cost of one control-plane hop
	Capacity [][]int   // hops that a team can do in a week: [team][week]
	Classes  []Class   // what clusters have in common
	Clusters []Cluster // in the order of the caller, which is the order of Solution.Schedules
}

// Class is what many clusters share: one table of the dynamic programme serves all of them.
type Class struct {
	Team    int
	Shape   int         // classes of one shape differ in nothing but the team
	Open    []int       // [week]: hops that a cluster can do in it; 0 closes the week
	Avail   []int       // [version]: first week in which a hop to the version may be done; Weeks or later means never
	Hold    [][]float64 // [version][week]: cost of running the version in that week; the week of a hop counts as the newer version's
	First   []int32     // [week]: its first opening, counted over all weeks
	Wait    [][]float64 // [version][opening]: what a hop from the version in that opening or a later one of the week costs more, as the week began at the older version; nil for nothing
	End     []float64   // [version]: cost of running the version at the end of the horizon
	MaxHops []int       // [version]: most hops of a campaign that starts there
	Rest    int         // weeks from the last hop of a campaign to the first of the next, at least 1
	Spacing int         // weeks between the hops of one campaign; 0 does them in one week
	Days    [][]int     // [week]: the days of its openings, one a hop, in order; nil in all classes where days do not matter. Wait never falls within a week
	Apart   int         // days from the start of a hop to that of the next; the next opening is never too early where it is 0

	holding []float64 // [week*versions+version]: Hold as tables read it, see outlined
	leaving []float64 // [(week*versions+version)*lots+hops-1]: what hops in the first openings of a week wait for, as tables read it; infinite for campaigns that cannot be
}

// Cluster is one cluster: its class and version, and the clusters that go before it.
type Cluster struct {
	Class int
	Start int   // version at week 0
	After []int // clusters that must have run a version, or a later one, for Soak weeks before the hop to it
	Soak  int
	Ready []int // [version]: first week in which it may hop to the version, beyond what its class says; never falls; nil for week 0

	SoakDays int   // soak in days, where days matter: at least as long as Soak asks for with any openings
	From     []int // [version]: first day on which it may hop to the version; never falls; nil for any day
}

// Campaign takes a cluster from a version to a later one; Week is that of its first hop.
type Campaign struct {
	Week, From, To int
}

// last is the week of the campaign's last hop.
func (c Campaign) last(spacing int) int { return c.Week + (c.To-c.From-1)*spacing }

// Schedule is the campaigns of one cluster in order.
type Schedule []Campaign

// Solution is a feasible schedule for every cluster and what is known about its quality.
type Solution struct {
	Schedules []Schedule
	Cost      float64
	Bound     float64     // no feasible solution costs less
	Prices    [][]float64 // [team][week]: what one more hop of capacity would be worth, by the relaxation
}

// Gap is the share of the cost by which the solution may exceed the best one.
func (s Solution) Gap() float64 {
	if s.Cost <= s.Bound || s.Cost == 0 {
		return 0
	}
	return (s.Cost - s.Bound) / s.Cost
}

// Cost is what a schedule of a cluster costs: campaigns, hops, weeks at each version, and the state at the end. Every hop takes the first
// opening of its week that those before it leave.
func (p *Problem) Cost(cluster int, s Schedule) float64 {
	c := &p.Classes[p.Clusters[cluster].Class]
	cost, version, week := 0.0, p.Clusters[cluster].Start, 0
	stay := func(until int) {
		for ; week < min(until, p.Weeks); week++ {
			cost += c.Hold[version][week]
		}
	}
	for _, k := range s {
		cost += p.Campaign
		for i := range k.To - k.From {
			stay(k.Week + i*c.Spacing)
			cost += p.Hop + c.wait(version, k.Week+i*c.Spacing, c.least(i))
			version++
		}
	}
	stay(p.Weeks)
	return cost + c.End[version]
}

// wait is what a hop from a version costs more for the opening of a week that it waits for.
func (c *Class) wait(version, week, position int) float64 {
	if row := c.Wait[version]; row != nil {
		return row[int(c.First[week])+position]
	}
	return 0
}

// least is the first opening of its week that hop number i of a campaign can take.
func (c *Class) least(i int) int {
	if c.Spacing == 0 {
		return i
	}
	return 0
}
