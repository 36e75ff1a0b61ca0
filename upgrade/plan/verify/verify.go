// Package verify checks a plan against the fleet and the support windows from which it was made.
//
// The way through it: fleet + table + Plan → Check → findings. It restates the rules of docs/planning.md in terms of dates and versions
// and shares no code with what makes plans, so that a mistake has to be made twice to go unseen.
package verify

import (
	"cmp"
	"slices"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

// FindingBroken is the ID of every finding of Check.
const FindingBroken = "plan/broken-rule"

// Check checks a plan against the fleet and the support windows from which it was made and returns a finding for everything that is not
// as it must be; none for a sound plan. It restates the rules of docs/planning.md in terms of dates and versions and shares no code with
// what makes plans, so that a mistake has to be made twice to go unseen. Options must be those of the plan.
//
// It does not check which releases of add-ons a plan names, whether a plan is a good one, nor that the bound holds for all plans: only
// that this plan is not below it.
func Check(f fleet.Fleet, table windows.Table, p plan.Plan, o plan.Options) []diag.Finding {
	v := verifier{
		fleet:    f,
		table:    table,
		plan:     p,
		late:     o.Late,
		span:     calendar.Span{From: p.Now.AddDate(0, 0, -8), To: p.Horizon.AddDate(0, 0, 8)},
		clusters: map[string]*track{},
		load:     map[teamWeek]int{},
		givenTo:  map[string]int{},
	}
	for _, c := range f.Clusters {
		v.clusters[c.Name.V] = &track{
			cluster: c,
			at:      c.Version.V,
			nodes:   together(f, c),
			started: map[upgrade.Minor]time.Time{},
			given:   map[upgrade.Minor]bool{},
			left:    map[upgrade.Minor]time.Time{},
			held:    map[upgrade.Minor]time.Time{},
		}
	}
	v.holds(o.Addons)
	for _, z := range f.Policy.Freezes {
		v.frozen = append(v.frozen, z.Spans(v.span))
	}
	if p.Version != 1 {
		v.fail("", "the plan has version %d, not 1", p.Version)
	}
	if !slices.IsSortedFunc(p.Campaigns, func(a, b plan.Campaign) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Cluster, b.Cluster))
	}) {
		v.fail("", "the campaigns are not in order of start and cluster")
	}
	v.poolsBehind()
	for _, c := range p.Campaigns {
		v.campaign(c)
	}
	for name, t := range v.clusters {
		if v.follow(t, p.Horizon); t.waits {
			v.broken(2, name, "nodes are rolled out by themselves, and no hop follows that needs it")
		}
	}
	v.pools()
	v.soak()
	v.capacity()
	v.crowds()
	v.budgets(o.Budgets)
	v.money()
	v.unplanned()
	return diag.Sort(v.findings)
}

// verifier follows a plan from campaign to campaign.
type verifier struct {
	fleet    fleet.Fleet
	table    windows.Table
	plan     plan.Plan
	late     bool
	span     calendar.Span
	frozen   []calendar.Spans // by freeze
	clusters map[string]*track
	load     map[teamWeek]int
	givenTo  map[string]int // by cluster: upgrades by the provider
	work     []span         // of all campaigns, a step each
	findings []diag.Finding
}

type teamWeek struct {
	team       string
	year, week int
}

// track is where a cluster is while the plan is followed.
type track struct {
	cluster fleet.Cluster
	at      upgrade.Minor               // control plane
	nodes   upgrade.Minor               // oldest node
	free    time.Time                   // end of the last step
	lastHop time.Time                   // start of the last hop
	started map[upgrade.Minor]time.Time // by a hop, or by the provider
	given   map[upgrade.Minor]bool      // by the provider
	waits   bool                        // for a hop, as its last campaign only brought nodes up
	left    map[upgrade.Minor]time.Time // end of the step that left a version
	held    map[upgrade.Minor]time.Time // until when add-ons hold a version back
}

// campaign checks the shape of a campaign and then its steps.
func (v *verifier) campaign(c plan.Campaign) {
	t := v.clusters[c.Cluster]
	if t == nil {
		v.fail("", "a campaign is for %q, which is no cluster of the fleet", c.Cluster)
		return
	}
	v.follow(t, c.Start)
	if c.From != t.at && t.given[t.at] {
		v.broken(10, c.Cluster, "a campaign starts from %s, but its provider has it at %s by then", c.From, t.at)
	} else if c.From != t.at {
		v.fail(c.Cluster, "a campaign starts from %s, but the cluster is at %s", c.From, t.at)
	}
	if n := len(c.Hops); n > 3 || c.To.Sub(c.From) != n || len(c.Steps) != max(1, n) {
		v.broken(2, c.Cluster, "a campaign from %s to %s has %d hops and %d steps", c.From, c.To, n, len(c.Steps))
		return
	}
	if !c.Start.Equal(c.Steps[0].Start) || !c.End.Equal(c.Steps[len(c.Steps)-1].End) {
		v.fail(c.Cluster, "the campaign to %s does not begin and end with its steps", c.To)
	}
	if c.Team != t.cluster.Team.V || c.Group != t.cluster.Group.V || c.Environment != t.cluster.Environment.V ||
		c.Provider != t.cluster.Provider.V {
		v.fail(c.Cluster, "the campaign to %s names another team, group, environment or provider", c.To)
	}
	v.deadline(t, c)
	v.placed(t, c)
	days := calendarDays(c.Steps[0].Start, c.Steps[len(c.Steps)-1].Start)
	if time.Duration(days)*24*time.Hour > time.Duration(v.fleet.Policy.MaxCampaign.V) {
		v.broken(2, c.Cluster, "the campaign to %s takes %d days; maxCampaign is %s", c.To, days, v.fleet.Policy.MaxCampaign.V)
	}
	for i, s := range c.Steps {
		if i < len(c.Hops) {
			v.hop(t, c, i)
		}
		if last := i == len(c.Steps)-1; s.Nodes != last {
			v.broken(2, c.Cluster, "nodes are to be rolled out in the last step of a campaign, and only there")
		}
		v.step(t, s)
	}
	if len(c.Hops) == 0 && t.nodes == t.at {
		v.broken(2, c.Cluster, "a campaign without hops has no nodes to bring up")
	}
	t.nodes, t.waits = t.at, len(c.Hops) == 0
}

// follow brings a cluster to where its provider has it by a time.
func (v *verifier) follow(t *track, until time.Time) {
	for {
		at, ok := v.forced(t.cluster, t.at)
		if !ok || at.After(until) || !at.Before(v.plan.Horizon) {
			return
		}
		if arrived, hopped := t.started[t.at]; hopped && at.Before(arrived) {
			return
		}
		t.left[t.at] = at
		if came := t.left[t.at.Add(-1)]; came.After(at) {
			t.left[t.at] = came // the opening of the hop before goes on over that day
		}
		t.at, t.nodes, t.waits = t.at.Add(1), t.at.Add(1), false
		t.started[t.at], t.given[t.at] = at, true
		v.givenTo[t.cluster.Name.V]++
	}
}

// hop checks one move of the control plane.
func (v *verifier) hop(t *track, c plan.Campaign, i int) {
	name, s := c.Cluster, c.Steps[i]
	next := t.at.Add(1)
	if c.Hops[i] != next || s.To != next {
		v.broken(1, name, "a hop goes from %s to %s and %s: control planes go one minor at a time", t.at, c.Hops[i], s.To)
	}
	provider, _ := v.table.Provider(c.Provider)
	if !upgrade.NodesAllow(next, t.nodes, provider.NodeSkew) {
		v.broken(2, name, "a hop goes to %s while nodes run %s", next, t.nodes)
	}
	for _, n := range t.cluster.Nodes {
		if at := v.poolAt(name, n, s.Start); v.ownRollout(t.cluster, n) && !upgrade.NodesAllow(next, at, provider.NodeSkew) {
			v.broken(11, name, "a hop goes to %s while node pool %s runs %s", next, n.Name.V, at)
		}
	}
	if from := v.offered(t.cluster, next); s.Start.Before(from) {
		v.broken(3, name, "a hop goes to %s on %s, but the target allows it from %s", next, s.Start.Format(time.RFC3339),
			from.Format(time.DateOnly))
	}
	if until := t.held[next]; s.Start.Before(until) {
		v.broken(3, name, "a hop goes to %s on %s, but its add-ons hold it back until %s", next, s.Start.Format(time.RFC3339),
			until.Format(time.DateOnly))
	}
	if days := calendarDays(t.lastHop, s.Start); !t.lastHop.IsZero() && days < provider.RollbackDays {
		v.broken(7, name, "a hop goes to %s %d days after the one before; it can be rolled back for %d", next, days, provider.RollbackDays)
	}
	t.left[t.at], t.at, t.lastHop = s.End, next, s.Start
	t.started[next] = s.Start
}

// calendarDays counts days (UTC) from one moment to another, hours left aside.
func calendarDays(from, to time.Time) int {
	whole := func(t time.Time) time.Time {
		y, m, d := t.UTC().Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(whole(to).Sub(whole(from)).Hours() / 24)
}

// offered is when the target allows a version: it is available, and with latest-N the version N newer is too.
func (v *verifier) offered(c fleet.Cluster, m upgrade.Minor) time.Time {
	never := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	target := v.fleet.Policy.Target.V
	if !target.Fixed.IsZero() && m.Compare(target.Fixed) > 0 {
		return never
	}
	var from time.Time
	for _, x := range []upgrade.Minor{m, m.Add(target.Behind)} {
		d := v.table.Offered(c.Provider.V, x, c.Channel.V)
		if _, past := v.table.Older(c.Provider.V, x); past {
			continue // it came before the dates that are known
		}
		if d.IsZero() {
			return never
		}
		at := d.Day
		if v.late {
			at = d.Latest()
		}
		if t := at.Time(); t.After(from) {
			from = t
		}
	}
	return from
}

// step checks when something is done.
func (v *verifier) step(t *track, s plan.Step) {
	name := t.cluster.Name.V
	switch {
	case s.Start.Before(v.plan.Now):
		v.broken(5, name, "a step starts on %s, before now", s.Start.Format(time.RFC3339))
	case s.End.After(v.plan.Horizon):
		v.fail(name, "a step ends on %s, after the horizon", s.End.Format(time.RFC3339))
	case s.Start.Before(t.free):
		v.broken(5, name, "a step starts on %s, before the one before is over", s.Start.Format(time.RFC3339))
	}
	t.free = s.End
	for i, z := range v.fleet.Policy.Freezes {
		if hit, ok := v.frozen[i].Overlap(calendar.Span{From: s.Start, To: s.End}); ok && z.Clusters.Matches(t.cluster) {
			v.broken(5, name, "the step on %s is inside the freeze %q of %s", s.Start.Format(time.RFC3339), z.Title(),
				hit.From.Format(time.DateOnly))
		}
	}
	if !v.inWindow(t.cluster, s) {
		v.broken(5, name, "the step from %s to %s is not an opening of a maintenance window", s.Start.Format(time.RFC3339),
			s.End.Format(time.RFC3339))
	}
	v.work = append(v.work, span{t.cluster, s.Start, s.End})
	year, week := s.Start.ISOWeek()
	v.load[teamWeek{t.cluster.Team.V, year, week}]++
}
