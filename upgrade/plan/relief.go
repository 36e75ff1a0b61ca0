package plan

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
)

// rule is one that can be relaxed, from the least that is tried to the most. The hops of a team are relaxed by week.
type rule struct {
	grades []relief
	hops   bool // it is the capacity of a team
	team   string
}

func (r rule) most() relief { return r.grades[len(r.grades)-1] }

// rulesFor lists the rules that may keep a cluster from being in support.
func (p *problem) rulesFor(u *unit, late stay) []rule {
	out := p.teamRules(u)
	out = append(out, p.freezeRules(u, late)...)
	out = append(out, p.soakRules(u)...)
	name := u.cluster.Name.V
	ofCluster := func(text string, change func(c *fleet.Cluster)) rule {
		return rule{grades: []relief{{func(n string) string { return fmt.Sprintf(text, n) }, func(t *trial) {
			for i := range t.fleet.Clusters {
				if t.fleet.Clusters[i].Name.V == name {
					change(&t.fleet.Clusters[i])
				}
			}
		}}}}
	}
	if u.kind.addons != "" {
		out = append(out, ofCluster("take %s on before its add-ons support the version", func(c *fleet.Cluster) { c.Addons = nil }))
	}
	if len(p.shortages(name, u.cluster.SLOs)) > 0 {
		out = append(out, ofCluster("let %s hop with less of the budgets of its SLOs", func(c *fleet.Cluster) { c.SLOs = nil }))
	}
	if r := p.targetRule(u); len(r.grades) > 0 {
		out = append(out, r)
	}
	if !p.fleet.Policy.ExtendedSupport.Allowed.V {
		out = append(out, rule{grades: []relief{{say("buy extended support"), func(t *trial) { t.fleet.Policy.ExtendedSupport.Allowed.V = true }}}})
	}
	return out
}

func say(text string) func(string) string { return func(string) string { return text } }

// tiers are the clusters of a unit's group by environment, from those that it waits for at first to itself.
func (u *unit) tiers() [][]*unit {
	out := [][]*unit{{u}}
	for before := u.lower; len(before) > 0; before = before[0].lower {
		out = append(out, before)
	}
	slices.Reverse(out)
	return out
}

// teamRules relax the capacity of the teams that do the work.
func (p *problem) teamRules(u *unit) []rule {
	var out []rule
	for _, x := range slices.Concat(u.tiers()...) {
		team := x.cluster.Team.V
		if p.room[team] == nil || slices.ContainsFunc(out, func(r rule) bool { return r.team == team }) {
			continue
		}
		out = append(out, rule{hops: true, team: team, grades: []relief{{say(fmt.Sprintf("give %s more hops a week", teamName(team))), func(t *trial) { delete(t.room, team) }}}})
	}
	slices.SortFunc(out, func(a, b rule) int { return cmp.Compare(a.team, b.team) })
	return out
}

func teamName(team string) string {
	if team == "" {
		return "the clusters without a team"
	}
	return team
}

// freezeRules lift freezes for the cluster, and for those before it too.
func (p *problem) freezeRules(u *unit, late stay) []rule {
	var out []rule
	chain := slices.Concat(u.tiers()...)
	for i, f := range p.fleet.Policy.Freezes {
		if _, hit := p.frozen(i).Overlap(calendar.Span{From: timeOf(p.now, time.UTC), To: timeOf(min(late.to, p.horizon), time.UTC)}); !hit {
			continue
		}
		lift := func(units []*unit) func(*trial) {
			return func(t *trial) {
				for _, x := range units {
					t.lifted[exemption{i, x.cluster.Name.V}] = true
				}
			}
		}
		var r rule
		if f.Clusters.Matches(u.cluster) {
			r.grades = append(r.grades, relief{func(n string) string { return fmt.Sprintf("lift %q for %s", f.Title(), n) }, lift([]*unit{u})})
		}
		if before := chain[:len(chain)-1]; slices.ContainsFunc(before, func(x *unit) bool { return f.Clusters.Matches(x.cluster) }) {
			r.grades = append(r.grades, relief{func(n string) string { return fmt.Sprintf("lift %q for %s and what goes before it", f.Title(), n) }, lift(chain)})
		}
		if len(r.grades) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// soakRules shorten the soak of an environment, by days.
func (p *problem) soakRules(u *unit) []rule {
	var out []rule
	for _, tier := range u.tiers()[1:] {
		env, days := tier[0].cluster.Environment.V, tier[0].soak
		var r rule
		for d := days - 1; d >= 0; d-- {
			r.grades = append(r.grades, relief{
				func(n string) string { return fmt.Sprintf("let %s of %s soak %d days instead of %d", env, n, d, days) },
				func(t *trial) {
					soak := t.fleet.Policy.Soak[env]
					soak.V = fleet.Duration(time.Duration(d) * 24 * time.Hour)
					t.fleet.Policy.Soak[env] = soak
				}})
		}
		if len(r.grades) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// targetRule takes targets that are newer, one minor at a time.
func (p *problem) targetRule(u *unit) rule {
	var r rule
	was := p.fleet.Policy.Target.V
	grade := func(target fleet.Target) {
		r.grades = append(r.grades, relief{say(fmt.Sprintf("take the target %s instead of %s", target, was)), func(t *trial) { t.fleet.Policy.Target.V = target }})
	}
	for n := was.Behind - 1; n >= 0; n-- {
		grade(fleet.Target{Behind: n})
	}
	if was.Fixed.IsZero() {
		return r
	}
	for v := was.Fixed.Add(1); ; v = v.Add(1) {
		w, known := p.table.Window(u.kind.provider, v)
		if d := w.AvailableIn(u.kind.channel); !known || d.IsZero() || dayMinutes(d.Day) > p.horizon {
			return r
		}
		grade(fleet.Target{Fixed: v})
	}
}

// fewest finds hops by week that a team needs beyond what it has, so that none of them can be left out.
func (a *attempt) fewest(ctx context.Context, team string) relief {
	free := relief{say(fmt.Sprintf("give %s more hops a week", teamName(team))), func(t *trial) { delete(t.room, team) }}
	after := a.works(ctx, free)
	if after == nil {
		return free
	}
	extra := after.over(team, a.p.trial(a.u, a.chain).room[team]) // weeks, as often as there are hops
	if len(extra) == 0 || a.works(ctx, more(team, extra)) == nil {
		return free
	}
	for size := len(extra); size > 0; size /= 2 {
		for at := 0; at < len(extra); {
			rest := slices.Delete(slices.Clone(extra), at, min(at+size, len(extra)))
			if len(rest) > 0 && a.works(ctx, more(team, rest)) != nil {
				extra = rest
			} else {
				at += size
			}
		}
	}
	out := more(team, extra)
	out.text = say(fmt.Sprintf("more hops for %s: %s%s", teamName(team), a.p.weeksText(extra), a.p.weeksLine(team, extra)))
	return out
}

// more gives a team hops in weeks.
func more(team string, weeks []int) relief {
	return relief{apply: func(t *trial) {
		for _, w := range weeks {
			t.room[team][w]++
		}
	}}
}

// over lists the weeks in which a team does more than it has room for, as often as there are hops too many.
func (p *problem) over(team string, room []int) []int {
	left := slices.Clone(room)
	for _, x := range p.units {
		for _, w := range x.work {
			for _, i := range w.slots {
				if x.cluster.Team.V == team {
					left[x.slots.all[i].week]--
				}
			}
		}
	}
	var out []int
	for week, n := range left {
		for ; n < 0; n++ {
			out = append(out, week)
		}
	}
	return out
}

func (p *problem) weeksText(weeks []int) string {
	var parts []string
	for at := 0; at < len(weeks); {
		n := 1
		for at+n < len(weeks) && weeks[at+n] == weeks[at] {
			n++
		}
		parts = append(parts, fmt.Sprintf("%d in %s", n, p.weekName(weeks[at])))
		at += n
	}
	return strings.Join(parts, ", ")
}

// weeksLine is what to write into the fleet file to give a team hops in weeks; nothing for clusters without a team.
func (p *problem) weeksLine(team string, weeks []int) string {
	if team == "" {
		return ""
	}
	var parts []string
	for at := 0; at < len(weeks); {
		name, n := p.weekName(weeks[at]), 1
		for at+n < len(weeks) && weeks[at+n] == weeks[at] {
			n++
		}
		has, _ := p.fleet.InWeek(team, name)
		parts = append(parts, fmt.Sprintf("%s: %d", name, has+n))
		at += n
	}
	return fmt.Sprintf(" (teams.%s.weeks: {%s})", team, strings.Join(parts, ", "))
}

// both says and does all of several reliefs.
func both(all []relief) relief {
	return relief{
		text: func(n string) string {
			var parts []string
			for _, r := range all {
				parts = append(parts, r.text(n))
			}
			return strings.Join(parts, ", and ")
		},
		apply: func(t *trial) {
			for _, r := range all {
				r.apply(t)
			}
		},
	}
}
