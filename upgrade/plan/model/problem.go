// Package model is a fleet with its rules resolved: the lives of versions, the openings of maintenance windows, who waits for whom, and
// what work costs.
//
// The way through it: fleet + support windows + Input → NewProblem → Problem → Model, the same in the numbers of package solver. What is
// planned is written into the units of the problem. It does not know how schedules are found, nor what a plan looks like.
package model

import (
	"cmp"
	"slices"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/solver"
	"treadmill/upgrade/windows"
)

// Problem is a fleet with its rules resolved: lives of versions, openings of windows, and who waits for whom.
type Problem struct {
	Fleet   fleet.Fleet
	Addons  *Companions
	Table   windows.Table
	Late    bool
	Now     Minutes
	Horizon Minutes
	Span    calendar.Span
	monday  int // the first week, by mondayOf
	Weeks   int
	Shared  *Shared
	newest  map[kind]upgrade.Minor
	Base    upgrade.Minor // oldest version of all clusters
	Units   []*Unit       // by name
	Budgets []Budget
	Taken   map[string][]calendar.Span
	lifted  map[Exemption]bool
	// ForcePrice is what an upgrade by the provider is taken to cost: the work that it asks for all the same, and a day past due, as nobody
	// has tested it.
	ForcePrice  fleet.Money
	MaxCampaign int64            // days from the first step of a campaign to its last
	Extra       fleet.Money      // what the solver does not see of the bound: see keptCost
	Teams       []string         // by name; those of the units
	Room        map[string][]int // hops that a team can do, by week; none for a team without a limit
}

// Input is what a problem is made of beside the fleet and the table.
type Input struct {
	Now, Horizon time.Time
	Addons       addons.Table
	Late         bool
	Budgets      []Budget
	Companions   *Companions                // what is known of addons already; made anew where it is nil
	Lifted       map[Exemption]bool         // freezes that do not hold for clusters
	Taken        map[string][]calendar.Span // by cluster: when other hops have taken the budget that it needs
	Room         map[string][]int           // hops that a team can do, by week, for teams whose capacity is not that of the fleet
	Shared       *Shared                    // what problems of one policy and time have in common; made anew where it is nil
}

// Shared is what problems have in common that differ in clusters, targets and prices: the calendars of one policy and time, and the lives
// of versions by what they depend on.
type Shared struct {
	calendars map[string]*Slots
	freezes   []calendar.Spans
	lives     map[livesKey]*Lives
	classes   map[classKey]solver.Class
	overdue   map[kindVersion]bool // clusters that their provider should have upgraded already
}

type livesKey struct {
	kind          kind
	first, newest upgrade.Minor
	target        fleet.Target
	extended      fleet.ExtendedSupport
	margin        fleet.Duration
	risk          fleet.Money
}

// NewProblem resolves the rules of a fleet.
func NewProblem(f fleet.Fleet, table windows.Table, o Input) *Problem {
	now := o.Now.UTC().Truncate(time.Minute)
	if now.Before(o.Now) {
		now = now.Add(time.Minute)
	}
	p := &Problem{
		Fleet:   f,
		Table:   table,
		Late:    o.Late,
		Budgets: o.Budgets,
		Taken:   o.Taken,
		lifted:  o.Lifted,
		Now:     MinutesOf(now),
		Horizon: MinutesOf(o.Horizon),
		Span:    calendar.Span{From: now, To: o.Horizon},
		Shared:  o.Shared,
		Room:    map[string][]int{},
	}
	p.weeks()
	if p.Shared == nil {
		p.Shared = &Shared{
			calendars: map[string]*Slots{},
			freezes:   make([]calendar.Spans, len(f.Policy.Freezes)),
			lives:     map[livesKey]*Lives{},
			classes:   map[classKey]solver.Class{},
			overdue:   map[kindVersion]bool{},
		}
	}
	if o.Room != nil {
		p.Room = o.Room
	}
	costs := f.Policy.Costs
	p.ForcePrice = costs.Campaign.V + costs.Hop.V + costs.UnsupportedDay.V
	p.MaxCampaign = int64(time.Duration(f.Policy.MaxCampaign.V) / (24 * time.Hour))
	if p.Addons = o.Companions; p.Addons == nil {
		p.Addons = newCompanions(o.Addons, table, p.Horizon)
	}
	p.makeUnits()
	p.link()
	return p
}

// weeks counts the weeks of the plan: from that of now to that of the horizon, in whichever zone of a window they begin first and end last.
func (p *Problem) weeks() {
	from, to := p.Span.From, p.Span.To.Add(-time.Minute)
	first, last := mondayOf(from), mondayOf(to.UTC())
	for i := range p.Fleet.Policy.Windows {
		zone := p.Fleet.Policy.Windows[i].Calendar().Zone
		first, last = min(first, mondayOf(from.In(zone))), max(last, mondayOf(to.In(zone)))
	}
	p.monday, p.Weeks = first, max(0, last-first+1)
}

func (p *Problem) makeUnits() {
	oldest := map[kind]upgrade.Minor{}
	p.newest = map[kind]upgrade.Minor{}
	kinds, needs := make([]kind, len(p.Fleet.Clusters)), make([][]addons.Need, len(p.Fleet.Clusters))
	for i, c := range p.Fleet.Clusters {
		needs[i] = p.Addons.needs(c)
		k := kind{Provider: c.Provider.V, Channel: c.Channel.V, Addons: p.profile(needs[i])}
		k.Overdue = p.overdue(k, c.Version.V)
		kinds[i] = k
		if p.Base.IsZero() || c.Version.V.Less(p.Base) {
			p.Base = c.Version.V
		}
		if v, ok := oldest[k]; !ok || c.Version.V.Less(v) {
			oldest[k] = c.Version.V
		}
		if p.newest[k].Less(c.Version.V) {
			p.newest[k] = c.Version.V
		}
	}
	built, policy := map[kind]*Lives{}, p.Fleet.Policy
	for i, c := range p.Fleet.Clusters {
		k := kinds[i]
		if built[k] == nil {
			key := livesKey{k, oldest[k], p.newest[k], policy.Target.V, policy.ExtendedSupport, policy.Margin.V, policy.Costs.UnsupportedDay.V}
			if p.Shared.lives[key] == nil {
				p.Shared.lives[key] = p.livesOf(k, oldest[k])
			}
			built[k] = p.Shared.lives[key]
		}
		u := p.newUnit(c, k, built[k])
		u.Needs = needs[i]
		p.Units = append(p.Units, u)
	}
	slices.SortFunc(p.Units, func(a, b *Unit) int { return cmp.Compare(a.Cluster.Name.V, b.Cluster.Name.V) })
	for i, u := range p.Units {
		u.Index = i
		if team := u.Cluster.Team.V; !slices.Contains(p.Teams, team) {
			p.Teams = append(p.Teams, team)
		}
	}
	slices.Sort(p.Teams)
}

func (p *Problem) newUnit(c fleet.Cluster, k kind, ls *Lives) *Unit {
	u := &Unit{Cluster: c, Kind: k, Lives: ls, Slots: p.slotsFor(c, p.Fleet.Policy.WindowsFor(c)), Rank: -1, At: ls.Index(c.Version.V)}
	if rank, ok := p.Fleet.Policy.Rank(c.Environment.V); ok && c.Group.V != "" {
		u.Rank, u.Group = rank, c.Group.V
		u.Soak = int((p.Fleet.Policy.SoakBefore(c.Environment.V) + 24*time.Hour - 1) / (24 * time.Hour))
	}
	u.Start = u.At
	u.Pools = p.poolsOf(u)
	if len(u.Pools) > 0 {
		c.Nodes = p.Fleet.Policy.Together(c)
	}
	node := c.OldestNode()
	u.Lag = c.Version.V.Sub(node)
	u.NodeMax = upgrade.NodeSkew(node, ls.skew)
	if _, known := p.Room[c.Team.V]; !known {
		p.Room[c.Team.V] = p.roomOf(c.Team.V)
	}
	return u
}

// roomOf is how many hops a team can do, by week; nil where it has no limit in any.
func (p *Problem) roomOf(team string) []int {
	if _, limited := p.Fleet.PerWeek(team); !limited && len(p.Fleet.Teams[team].Weeks) == 0 {
		return nil
	}
	out := slices.Repeat([]int{unlimited}, p.Weeks)
	for w := range out {
		if n, limited := p.Fleet.InWeek(team, p.WeekName(w)); limited {
			out[w] = min(n, unlimited)
		}
	}
	return out
}

// link finds for every cluster those of the environment before it in its group. An environment without clusters is passed over.
func (p *Problem) link() {
	tiers := map[string][][]*Unit{}
	for _, u := range p.Units {
		if u.Rank < 0 {
			continue
		}
		if tiers[u.Group] == nil {
			tiers[u.Group] = make([][]*Unit, len(p.Fleet.Policy.Environments))
		}
		tiers[u.Group][u.Rank] = append(tiers[u.Group][u.Rank], u)
	}
	p.block(tiers)
	for _, group := range tiers {
		var before []*Unit
		for _, tier := range group {
			for _, u := range tier {
				u.Lower = before
			}
			if len(tier) > 0 {
				for _, u := range before {
					u.Higher = tier
				}
			}
			if len(tier) > 0 {
				before = tier
			}
		}
	}
}

// block marks the units that come after a cluster of their group which was left out: nobody knows whether it has run a version for long
// enough.
func (p *Problem) block(tiers map[string][][]*Unit) {
	for _, m := range p.Fleet.Missing {
		rank, _ := p.Fleet.Policy.Rank(m.Environment) // the first where it has none that is known
		for r, tier := range tiers[m.Group] {
			for _, u := range tier {
				if r > rank && u.Blocked == "" {
					u.Blocked = m.Name
				}
			}
		}
	}
}
