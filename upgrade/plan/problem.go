package plan

import (
	"cmp"
	"slices"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/windows"
)

// problem is a fleet with its rules resolved: lives of versions, openings of windows, and who waits for whom.
type problem struct {
	fleet     fleet.Fleet
	addons    *companions
	table     windows.Table
	late      bool
	now       minutes
	horizon   minutes
	span      calendar.Span
	monday    int // the week of now, by mondayOf
	weeks     int
	grid      []minutes // starts of the weeks, from now to the horizon: weeks+1 entries. No opening of a week begins before
	calendars map[string]*slots
	freezes   []calendar.Spans
	newest    map[kind]upgrade.Minor
	base      upgrade.Minor // oldest version of all clusters
	units     []*unit       // by name
	budgets   []Budget
	taken     map[string][]calendar.Span
	lifted    map[exemption]bool
	moves     []Move
	extra     fleet.Money      // what the solver does not see of the bound: see keptCost
	teams     []string         // by name; those of the units
	room      map[string][]int // hops that a team can do, by week; none for a team without a limit
}

// eastmost is how long before UTC a week begins where it begins first (UTC+14). Openings belong to the week of their own zone, and
// none of them may begin before the week does.
const eastmost = 14 * hour

// unit is one cluster in the problem and, once it is solved, its work.
type unit struct {
	cluster fleet.Cluster
	kind    kind
	needs   []addons.Need // of its add-ons, hop by hop
	lives   *lives
	slots   *slots
	group   string
	rank    int     // in the promotion order; -1 outside of it
	soak    int     // days
	lower   []*unit // the clusters of the environment before
	settled []*unit // the same, where they are not planned with this one but keep the work that they have
	higher  []*unit // those that wait for this one
	index   int     // in problem.units
	at      int     // index of the version in lives
	start   int     // index of the version with which the solver begins: after what is kept of an earlier plan
	lag     int     // how many minors the oldest node is behind
	nodeMax int     // how many it may be behind
	ready   int     // first week in which hops may be done: after the nodes, where they come first

	work    []work
	started []minutes // by version: start of the hop to it by the plan
}

// work is one planned campaign: the slots of its hops. A campaign of nodes only has one slot and no hops.
type work struct {
	from, hops     int
	slots          []int32
	kept, approved bool // from an earlier plan
}

// kind is what clusters have in common that live by the same dates.
type kind struct {
	provider, channel string
	addons            string // which versions add-ons hold back, by problem.profile
}

func newProblem(f fleet.Fleet, table windows.Table, o Options) *problem {
	now := o.Now.UTC().Truncate(time.Minute)
	if now.Before(o.Now) {
		now = now.Add(time.Minute)
	}
	p := &problem{fleet: f, table: table, late: o.Late, budgets: o.Budgets, taken: o.taken, lifted: o.lifted, now: minutesOf(now), horizon: minutesOf(o.Horizon), span: calendar.Span{From: now, To: o.Horizon},
		monday: mondayOf(now), calendars: map[string]*slots{}, freezes: make([]calendar.Spans, len(f.Policy.Freezes)), room: map[string][]int{}}
	p.weeks = max(0, mondayOf(o.Horizon.Add(-time.Minute))-p.monday+1)
	for w := range p.weeks {
		p.grid = append(p.grid, max(p.now, minutes(p.monday+w)*weekLong+4*day-eastmost))
	}
	p.grid = append(p.grid, p.horizon)
	if p.addons = o.companions; p.addons == nil {
		p.addons = newCompanions(o.Addons, table, p.horizon)
	}
	p.makeUnits()
	p.link()
	return p
}

func (p *problem) makeUnits() {
	oldest := map[kind]upgrade.Minor{}
	p.newest = map[kind]upgrade.Minor{}
	kinds, needs := make([]kind, len(p.fleet.Clusters)), make([][]addons.Need, len(p.fleet.Clusters))
	for i, c := range p.fleet.Clusters {
		needs[i] = p.addons.needs(c)
		k := kind{c.Provider.V, c.Channel.V, p.profile(needs[i])}
		kinds[i] = k
		if p.base.IsZero() || c.Version.V.Less(p.base) {
			p.base = c.Version.V
		}
		if v, ok := oldest[k]; !ok || c.Version.V.Less(v) {
			oldest[k] = c.Version.V
		}
		if p.newest[k].Less(c.Version.V) {
			p.newest[k] = c.Version.V
		}
	}
	built := map[kind]*lives{}
	for i, c := range p.fleet.Clusters {
		k := kinds[i]
		if built[k] == nil {
			built[k] = p.livesOf(k, oldest[k])
		}
		u := p.newUnit(c, k, built[k])
		u.needs = needs[i]
		p.units = append(p.units, u)
	}
	slices.SortFunc(p.units, func(a, b *unit) int { return cmp.Compare(a.cluster.Name.V, b.cluster.Name.V) })
	for i, u := range p.units {
		u.index = i
		if team := u.cluster.Team.V; !slices.Contains(p.teams, team) {
			p.teams = append(p.teams, team)
		}
	}
	slices.Sort(p.teams)
}

func (p *problem) newUnit(c fleet.Cluster, k kind, ls *lives) *unit {
	u := &unit{cluster: c, kind: k, lives: ls, slots: p.slotsFor(c), rank: -1, at: ls.index(c.Version.V)}
	if rank, ok := p.fleet.Policy.Rank(c.Environment.V); ok && c.Group.V != "" {
		u.rank, u.group = rank, c.Group.V
		u.soak = int((p.fleet.Policy.SoakBefore(c.Environment.V) + 24*time.Hour - 1) / (24 * time.Hour))
	}
	u.start = u.at
	node := c.OldestNode()
	u.lag = c.Version.V.Sub(node)
	u.nodeMax = upgrade.NodeSkew(node, ls.skew)
	if _, known := p.room[c.Team.V]; !known {
		p.room[c.Team.V] = p.roomOf(c.Team.V)
	}
	return u
}

// roomOf is how many hops a team can do, by week; nil where it has no limit in any.
func (p *problem) roomOf(team string) []int {
	if _, limited := p.fleet.PerWeek(team); !limited && len(p.fleet.Teams[team].Weeks) == 0 {
		return nil
	}
	out := slices.Repeat([]int{unlimited}, p.weeks)
	for w := range out {
		if n, limited := p.fleet.InWeek(team, p.weekName(w)); limited {
			out[w] = min(n, unlimited)
		}
	}
	return out
}

// link finds for every cluster those of the environment before it in its group. An environment without clusters is passed over.
func (p *problem) link() {
	tiers := map[string][][]*unit{}
	for _, u := range p.units {
		if u.rank < 0 {
			continue
		}
		if tiers[u.group] == nil {
			tiers[u.group] = make([][]*unit, len(p.fleet.Policy.Environments))
		}
		tiers[u.group][u.rank] = append(tiers[u.group][u.rank], u)
	}
	for _, group := range tiers {
		var before []*unit
		for _, tier := range group {
			for _, u := range tier {
				u.lower = before
			}
			if len(tier) > 0 {
				for _, u := range before {
					u.higher = tier
				}
			}
			if len(tier) > 0 {
				before = tier
			}
		}
	}
}
