package plan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/solver"
)

// FindingUnplanned is the ID of the finding that a cluster is out of support at the end of the plan.
const FindingUnplanned = "plan/unplanned"

// explained is how many clusters are explained by trying; the others say that they were not.
const explained = 40

// unplanned lists the clusters that the plan leaves out of support, now or at the horizon, and what would change that.
func (p *problem) unplanned(ctx context.Context) []Unplanned {
	out := []Unplanned{}
	for _, u := range p.units {
		late := p.lateness(u)
		if late.from >= late.to {
			continue
		}
		x := Unplanned{Cluster: u.cluster.Name.V, Reason: p.lateReason(u, late), Relaxations: []string{}}
		if len(out) < explained && ctx.Err() == nil {
			x.Relaxations = p.relaxations(ctx, u, late)
		}
		out = append(out, x)
	}
	return out
}

// lateness is the time that a unit spends out of support beyond what nobody can change: before its first opening from now on.
func (p *problem) lateness(u *unit) stay {
	for _, st := range p.stays(u, u.work) {
		l := &u.lives.versions[st.version]
		from := max(st.from, l.hard)
		if from < st.to && st.to-from > 14*day {
			return stay{st.version, from, st.to}
		}
	}
	return stay{}
}

func (p *problem) lateReason(u *unit, late stay) string {
	l := &u.lives.versions[late.version]
	until := "until " + dateOf(late.to)
	if late.to >= p.horizon {
		until = "to the end of the plan"
	}
	text := fmt.Sprintf("out of support at %s from %s %s", l.minor, dateOf(late.from), until)
	next := late.version + 1
	if waits := p.waits(u, l.minor.Add(1), p.now); p.held(u.kind, l.minor.Add(1)) > late.from {
		return text + ": " + strings.Join(waits, "; ")
	}
	for _, b := range p.guards(u) {
		if low := b.low(p.span.To); len(low) > 0 && !low[len(low)-1].To.Before(p.span.To) {
			return text + fmt.Sprintf(": a hop needs %s of the budget of %s, and by the forecast there never is so much", percent(b.Needed), b.SLO)
		}
	}
	if next >= len(u.lives.versions) || u.lives.versions[next].open >= p.horizon {
		return text + fmt.Sprintf(": the target %s has no newer version in time", p.fleet.Policy.Target.V)
	}
	return text
}

// relaxation is one rule lifted, and how the user would say it.
type relaxation struct {
	text func(before, after *problem, u *unit) string
	lift func(f *fleet.Fleet, room map[string][]int)
}

// relaxations tries one rule at a time on the cluster's group, with the capacity that the others leave, and keeps what
// brings the cluster out in time.
func (p *problem) relaxations(ctx context.Context, u *unit, late stay) []string {
	out := []string{}
	for _, r := range p.candidates(u, late) {
		if ctx.Err() != nil {
			break
		}
		again := p.again(ctx, u, r.lift)
		for _, x := range again.units {
			if x.cluster.Name.V != u.cluster.Name.V {
				continue
			}
			if now := again.lateness(x); now.to-now.from < (late.to-late.from)/4 {
				out = append(out, r.text(p, again, x))
			}
		}
	}
	return out
}

func say(text string) func(_, _ *problem, _ *unit) string {
	return func(_, _ *problem, _ *unit) string { return text }
}

func (p *problem) candidates(u *unit, late stay) []relaxation {
	var out []relaxation
	team := u.cluster.Team.V
	if p.room[team] != nil {
		out = append(out, relaxation{
			text: func(before, after *problem, x *unit) string { return before.moreHops(after, x, team) },
			lift: func(_ *fleet.Fleet, room map[string][]int) { delete(room, team) },
		})
	}
	for i, f := range p.fleet.Policy.Freezes {
		if _, hit := p.frozen(i).Overlap(calendar.Span{From: timeOf(max(p.now, late.from-60*day), time.UTC), To: timeOf(min(late.to, p.horizon), time.UTC)}); hit && f.Clusters.Matches(u.cluster) {
			out = append(out, relaxation{text: say(fmt.Sprintf("lift %q for %s", f.Title(), u.cluster.Name.V)), lift: func(f *fleet.Fleet, _ map[string][]int) {
				f.Policy.Freezes = slices.Delete(slices.Clone(f.Policy.Freezes), i, i+1)
			}})
		}
	}
	if len(u.lower) > 0 && u.soak > 0 {
		env := u.cluster.Environment.V
		out = append(out, relaxation{text: say(fmt.Sprintf("take %s without the %d days of soak", u.cluster.Name.V, u.soak)), lift: func(f *fleet.Fleet, _ map[string][]int) {
			soak := f.Policy.Soak[env]
			soak.V = 0
			f.Policy.Soak = maps.Clone(f.Policy.Soak)
			f.Policy.Soak[env] = soak
		}})
	}
	if u.kind.addons != "" {
		out = append(out, relaxation{text: say(fmt.Sprintf("take %s on before its add-ons support the version", u.cluster.Name.V)), lift: func(f *fleet.Fleet, _ map[string][]int) {
			for i := range f.Clusters { // again made this list anew
				if f.Clusters[i].Name.V == u.cluster.Name.V {
					f.Clusters[i].Addons = nil
				}
			}
		}})
	}
	if len(p.shortages(u.cluster.Name.V, u.cluster.SLOs)) > 0 {
		out = append(out, relaxation{text: say(fmt.Sprintf("let %s hop with less of the budgets of its SLOs", u.cluster.Name.V)), lift: func(f *fleet.Fleet, _ map[string][]int) {
			for i := range f.Clusters { // again made this list anew
				if f.Clusters[i].Name.V == u.cluster.Name.V {
					f.Clusters[i].SLOs = nil
				}
			}
		}})
	}
	if t := p.fleet.Policy.Target.V; !t.Fixed.IsZero() || t.Behind > 0 {
		out = append(out, relaxation{text: say(fmt.Sprintf("take newer versions than the target %s", t)), lift: func(f *fleet.Fleet, _ map[string][]int) {
			f.Policy.Target.V = fleet.Target{}
		}})
	}
	if !p.fleet.Policy.ExtendedSupport.Allowed.V {
		out = append(out, relaxation{text: say("buy extended support"), lift: func(f *fleet.Fleet, _ map[string][]int) {
			f.Policy.ExtendedSupport.Allowed.V = true
		}})
	}
	return out
}

// again solves the cluster's group alone with a rule lifted and the capacity that the other clusters leave.
func (p *problem) again(ctx context.Context, u *unit, lift func(*fleet.Fleet, map[string][]int)) *problem {
	f := p.fleet
	f.Clusters = nil
	room := map[string][]int{}
	for team, weeks := range p.room {
		room[team] = slices.Clone(weeks)
	}
	for _, x := range p.units {
		if x == u || u.group != "" && x.group == u.group {
			f.Clusters = append(f.Clusters, x.cluster)
			x.giveBack(room[x.cluster.Team.V])
			continue
		}
		for _, w := range x.work {
			for _, i := range w.slots {
				if weeks := room[x.cluster.Team.V]; weeks != nil && w.hops > 0 && !w.kept {
					weeks[x.slots.all[i].week]--
				}
			}
		}
	}
	lift(&f, room)
	q := newProblem(f, p.table, Options{Now: timeOf(p.now, time.UTC), Horizon: timeOf(p.horizon, time.UTC), Late: p.late, Budgets: p.budgets, companions: p.addons, taken: p.taken})
	q.room = room
	q.solve(ctx, solver.Effort{Rounds: 20, Moves: 2, Seed: 1})
	return q
}

// moreHops says in which weeks a plan without a limit on the team does more than the team has left.
func (p *problem) moreHops(after *problem, u *unit, team string) string {
	left := slices.Clone(p.room[team])
	p.unit(u.cluster.Name.V).giveBack(left)
	for _, x := range p.units {
		if x.cluster.Team.V == team && x.cluster.Name.V != u.cluster.Name.V {
			for _, w := range x.work[len(x.kept()):] {
				for _, i := range w.slots {
					left[x.slots.all[i].week]--
				}
			}
		}
	}
	over := map[int]int{}
	for _, w := range u.work {
		for _, i := range w.slots {
			week := int(u.slots.all[i].week)
			if left[week]--; left[week] < 0 {
				over[week]++
			}
		}
	}
	var parts []string
	for week := range after.weeks {
		if n := over[week]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d in %s", n, p.weekName(week)))
		}
	}
	if len(parts) == 0 {
		return fmt.Sprintf("give %s more hops a week", team)
	}
	return fmt.Sprintf("more hops for %s: %s", team, strings.Join(parts, ", "))
}

// findings says where a cluster is out of support, or inside of the margin, for a time.
func (p *problem) findings(u *unit) []diag.Finding {
	var out []diag.Finding
	add := func(s diag.Severity, id, format string, args ...any) {
		out = append(out, diag.Finding{ID: id, Severity: s, Position: u.cluster.Version.Pos, Message: fmt.Sprintf(format, args...)})
	}
	name := u.cluster.Name.V
	for _, st := range p.stays(u, u.work) {
		l := &u.lives.versions[st.version]
		switch {
		case l.hard >= never && st.to >= p.horizon:
			add(diag.Warning, "plan/unknown-end", "%s stays at %s, whose end of support at %s nobody gives; the plan takes it to last", name, l.minor, u.cluster.Provider.V)
		case st.to > l.hard && st.to >= p.horizon:
			add(diag.Error, FindingUnplanned, "%s is out of support at %s from %s and no plan by the rules changes that", name, l.minor, dateOf(max(l.hard, p.now)))
		case st.to > l.hard:
			add(diag.Error, "plan/out-of-support", "%s is out of support at %s from %s until %s", name, l.minor, dateOf(max(l.hard, p.now)), dateOf(st.to))
		case st.to > l.due && st.to < p.horizon:
			add(diag.Warning, "plan/margin", "%s leaves %s on %s, %d days before its support ends; the margin is %s", name, l.minor, dateOf(st.to), (l.hard-st.to)/day, p.fleet.Policy.Margin.V)
		}
	}
	return out
}
