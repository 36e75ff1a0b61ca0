// Package solver schedules upgrade campaigns on an abstract fleet of numbered openings and versions.
//
// The way through it: Problem → Solve → Solution. Per cluster an exact dynamic programme over (opening, version) finds the
// cheapest schedule under prices for the capacity of its team. The prices come from a Lagrangian relaxation of capacity and order
// (Held and Karp 1970; Fisher, "The Lagrangian Relaxation Method", Management Science 27, 1981), whose value is a lower
// bound on the cost of any feasible schedule. A priced construction makes a feasible schedule and ruin and recreate
// (Schrimpf et al., J. Comp. Phys. 159, 2000) improves it. Small fleets are then branched on until bound and cost meet. For large fleets
// the relaxation joins the openings of a week (coarse.go), which can only make its value less.
//
// It knows no dates, names, providers or money: package plan translates. It does no I/O and reads no clock.
package solver

// Problem is a fleet to schedule. Days, weeks and versions count from 0.
type Problem struct {
	Weeks    int
	Campaign float64   // cost of one campaign
	Hop      float64   // cost of one control-plane hop
	Capacity [][]int   // steps that a team can do in a week: [team][week]
	Classes  []Class   // what clusters have in common
	Clusters []Cluster // in the order of the caller, which is the order of Solution.Schedules
	Crowds   []Crowd   // clusters of which only some may be worked on at once
}

// Class is what many clusters share: one table of the dynamic programme serves all of them. A tick is an opening in which one step of a
// cluster can be done; ticks are in order of time.
type Class struct {
	Day, Late []int32     // [tick]: first and last day on which it may begin; the same for an opening
	Week      []int32     // [tick]
	Begin     []int64     // [tick]: when it begins and ends, in minutes; nil where openings are joined
	End       []int64     // [tick]
	Next      []int32     // [tick]: first tick for the hop after one in this tick; never falls
	Free      []int32     // [tick]: first tick for the hop after a rollout in this tick; never falls
	Limit     []int32     // [tick]: the campaign that begins in it must be done before this tick; never falls
	From      []int32     // [version]: first tick for the hop to it; the number of ticks for never
	Until     []int32     // [version]: from this tick on the provider has upgraded clusters that were at it before by itself; never falls
	Last      []int32     // [version]: last tick for the hop from it
	joins     bool        // ticks are the joined openings of weeks
	Forced    []bool      // [version]: the provider upgrades clusters at it before the horizon; never the newest version
	ForceDay  []int32     // [version]: on which day
	Leave     [][]float64 // [version][tick]: what the version has cost by then, less what the newer version has
	Force     []float64   // [version]: the same when the provider upgrades it, and what that is taken to cost; where Forced
	Over      []int32     // [version]: the first tick whose opening goes on over the provider's day; nil where openings are joined, or none does
	Beyond    []float64   // [version]: what Force is more for clusters that came in such a tick, and pay the version before until the opening closes
	Stay      []float64   // [version]: what it has cost at the horizon
	MaxHops   []int       // [version]: most hops of a campaign that starts there
}

func (c *Class) ticks() int { return len(c.Day) }

// Cluster is one cluster: its class and version, and the clusters that go before it.
type Cluster struct {
	Class   int
	Team    int
	Start   int     // version at the beginning
	Begin   int     // first tick in which something may be done
	Came    int32   // tick before that in which it came to the version; -1 for before the first
	First   int     // most hops of the first campaign, as nodes are behind; a rollout before it makes it those of the class
	Lagging bool    // First counts
	Kept    []int32 // ticks before Begin in which it is worked on already
	After   []int   // clusters that must have run a version, or a later one, for Soak days before the hop to it
	Soak    int32   // days
	Ready   []int32 // [version]: first day on which it may hop to the version; never falls; nil for any day
}

// Crowd is clusters of which at most Most may be worked on at once: in openings that overlap or, by day, that begin on one day.
type Crowd struct {
	Clusters []int
	Most     int
	ByDay    bool
}

// Campaign takes a cluster from a version to a later one: its hops are in Ticks, and the nodes are rolled out with the last one. A campaign
// without hops rolls nodes out in Ticks[0].
type Campaign struct {
	From, Hops int
	Ticks      [maxHops]int32
}

// maxHops is how many hops a campaign can have.
const maxHops = 3

// used are the ticks of the campaign.
func (c *Campaign) used() []int32 { return c.Ticks[:max(1, c.Hops)] }

// Schedule is the campaigns of one cluster in order.
type Schedule []Campaign

// Solution is a feasible schedule for every cluster and what is known about its quality.
type Solution struct {
	Schedules []Schedule
	Cost      float64
	Bound     float64     // no feasible solution costs less
	Proven    bool        // the solution is the best one
	Relaxed   bool        // the bound is that of a problem in which the openings of a week are joined
	Prices    [][]float64 // [team][week]: what one more hop of capacity would be worth, by the relaxation
}

// Gap is the share of the cost by which the solution may exceed the best one.
func (s Solution) Gap() float64 {
	if s.Cost <= s.Bound || s.Cost == 0 {
		return 0
	}
	return (s.Cost - s.Bound) / s.Cost
}

// Cost is what a schedule of a cluster costs: campaigns, hops, the time at each version until the horizon, and upgrades by the provider.
func (p *Problem) Cost(cluster int, s Schedule) float64 {
	c := &p.Classes[p.Clusters[cluster].Class]
	cost, v, came := 0.0, p.Clusters[cluster].Start, p.Clusters[cluster].Came
	for i := range s {
		k := &s[i]
		for ; v < k.From; v++ { // by the provider
			cost += c.force(v, came)
		}
		cost += p.Campaign
		for _, t := range k.Ticks[:k.Hops] {
			cost += p.Hop + c.Leave[v][t]
			v, came = v+1, t
		}
	}
	for last := c.brought(v, came, int32(c.ticks())); v < last; v++ {
		cost += c.force(v, came)
	}
	return cost + c.Stay[v]
}

// Side says how a hop to a version in a tick lies to the day on which the provider upgrades clusters from that version: -1 where it is
// over by then, 0 where its opening goes on over that day, 1 for after it. Hops of one side cost the same from then on.
func (c *Class) Side(v int, t int32) int {
	switch {
	case !c.Forced[v]:
		return -1
	case t >= c.Until[v]:
		return 1
	case c.Over != nil && t >= c.Over[v]:
		return 0
	default:
		return -1
	}
}

// force is what it costs when the provider upgrades a cluster from a version, by the tick in which the cluster last hopped by itself.
func (c *Class) force(v int, came int32) float64 {
	if c.Over != nil && came >= c.Over[v] {
		return c.Force[v] + c.Beyond[v]
	}
	return c.Force[v]
}
