package relax

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/model"
)

// rule is one that can be relaxed, from the least that is tried to the most. The hops of a team are relaxed by week.
type rule struct {
	grades []relaxation
	hops   bool // it is the capacity of a team
	team   string
}

func (r rule) most() relaxation { return r.grades[len(r.grades)-1] }

// rulesFor lists the rules that may keep a cluster from being in support.
func rulesFor(p *model.Problem, u *model.Unit, late model.Stay) []rule {
	out := teamRules(p, u)
	out = append(out, freezeRules(p, u, late)...)
	out = append(out, cadenceRules(p, u)...)
	out = append(out, soakRules(u)...)
	name := u.Cluster.Name.V
	ofCluster := func(text string, change func(c *fleet.Cluster)) rule {
		return rule{grades: []relaxation{{func(n string) string { return fmt.Sprintf(text, n) }, func(t *trial) {
			for i := range t.fleet.Clusters {
				if t.fleet.Clusters[i].Name.V == name {
					change(&t.fleet.Clusters[i])
				}
			}
		}}}}
	}
	if u.Kind.Addons != "" {
		out = append(out, ofCluster("take %s on before its add-ons support the version", func(c *fleet.Cluster) { c.Addons = nil }))
	}
	if len(p.Shortages(u.Cluster)) > 0 {
		out = append(out, ofCluster("let %s hop with less of the budgets of its SLOs", func(c *fleet.Cluster) { c.SLOs = nil }))
	}
	if r := targetRule(p, u); len(r.grades) > 0 {
		out = append(out, r)
	}
	if !p.Fleet.Policy.ExtendedSupport.Allowed.Set() { // what the file forbids in so many words is not asked for
		allow := func(t *trial) { t.fleet.Policy.ExtendedSupport.Allowed.V = true }
		out = append(out, rule{grades: []relaxation{{say("allow extended support"), allow}}})
	}
	return out
}

func say(text string) func(string) string { return func(string) string { return text } }

// tiers are the clusters of a unit's group by environment, from those that it waits for at first to itself.
func tiers(u *model.Unit) [][]*model.Unit {
	out := [][]*model.Unit{{u}}
	for before := u.Lower; len(before) > 0; before = before[0].Lower {
		out = append(out, before)
	}
	slices.Reverse(out)
	return out
}

// freezeRules lift freezes for the cluster, and for those before it too.
func freezeRules(p *model.Problem, u *model.Unit, late model.Stay) []rule {
	var out []rule
	chain := slices.Concat(tiers(u)...)
	for i, f := range p.Fleet.Policy.Freezes {
		if _, hit := p.Frozen(i).Overlap(calendar.Span{From: model.TimeOf(p.Now, time.UTC),
			To: model.TimeOf(min(late.To, p.Horizon), time.UTC)}); !hit {
			continue
		}
		lift := func(units []*model.Unit) func(*trial) {
			return func(t *trial) {
				for _, x := range units {
					t.lifted[model.Exemption{Freeze: i, Cluster: x.Cluster.Name.V}] = true
				}
			}
		}
		var r rule
		if f.Clusters.Matches(u.Cluster) {
			r.grades = append(r.grades, relaxation{
				func(n string) string { return fmt.Sprintf("lift %q for %s", f.Title(), n) }, lift([]*model.Unit{u})})
		}
		if before := chain[:len(chain)-1]; slices.ContainsFunc(before, func(x *model.Unit) bool { return f.Clusters.Matches(x.Cluster) }) {
			r.grades = append(r.grades, relaxation{
				func(n string) string { return fmt.Sprintf("lift %q for %s and what goes before it", f.Title(), n) }, lift(chain)})
		}
		if len(r.grades) > 0 {
			out = append(out, r)
		}
	}
	return out
}

// soakRules shorten the soak of an environment, by days.
func soakRules(u *model.Unit) []rule {
	var out []rule
	for _, tier := range tiers(u)[1:] {
		env, days := tier[0].Cluster.Environment.V, tier[0].Soak
		var r rule
		for d := days - 1; d >= 0; d-- {
			r.grades = append(r.grades, relaxation{
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
func targetRule(p *model.Problem, u *model.Unit) rule {
	var r rule
	was := p.Fleet.Policy.Target.V
	grade := func(target fleet.Target) {
		r.grades = append(r.grades, relaxation{
			say(fmt.Sprintf("take the target %s instead of %s", target, was)), func(t *trial) { t.fleet.Policy.Target.V = target }})
	}
	for n := was.Behind - 1; n >= 0; n-- {
		grade(fleet.Target{Behind: n})
	}
	if was.Fixed.IsZero() {
		return r
	}
	for v := was.Fixed.Add(1); ; v = v.Add(1) {
		w, known := p.Table.Window(u.Kind.Provider, v)
		if d := w.AvailableIn(u.Kind.Channel); !known || d.IsZero() || model.DayMinutes(d.Day) > p.Horizon {
			return r
		}
		grade(fleet.Target{Fixed: v})
	}
}

// both says and does all of several relaxations.
func both(all []relaxation) relaxation {
	return relaxation{
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
