package fleet

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/glob"
	"treadmill/internal/yamlx"
)

// policy checks the policy and resolves its freezes.
func (r *reader) policy(p *Policy, clusters []Cluster) {
	p.fill()
	r.environments(p)
	if c := p.Capacity.PerTeamPerWeek; c.Set() && c.V < 0 {
		r.fail(c.Pos, "fleet/capacity", "capacity.perTeamPerWeek is %d; a team cannot do fewer than 0 hops a week", c.V)
	}
	if m := p.Margin; time.Duration(m.V) > 365*24*time.Hour {
		r.fail(m.Pos, "fleet/margin", "margin is %s; versions are supported for little more than a year, so that no plan can keep it", m.V)
	}
	if t := p.ExtendedSupport.Terms; t.V < 0 || t.V > 9 {
		r.fail(t.Pos, "fleet/terms", "extendedSupport.terms is %d; want a number from 1 to 9, or 0 for all", t.V)
	}
	if c := p.Costs.Currency; !currency.MatchString(c.V) {
		r.fail(c.Pos, "fleet/currency", "%q is not a currency: want a code of three letters such as USD", c.V)
	}
	if m := p.MaxCampaign; time.Duration(m.V) > 365*24*time.Hour {
		r.fail(m.Pos, "fleet/campaign", "maxCampaign is %s; nodes that wait for a year are out of support: want 365d at most", m.V)
	}
	r.limits(p, clusters)
	if p.Approval.Pos.Line > 0 {
		p.Approval.Clusters.check(r, clusters)
	}
	for i := range p.Windows {
		w := &p.Windows[i]
		w.Clusters.check(r, clusters)
		r.pools(w, clusters)
		if w.From.Set() && w.To.Set() && w.From.V == w.To.V {
			r.fail(w.To.Pos, "fleet/window", "the window is empty: it opens and closes at %s; a whole day is from \"00:00\" to \"24:00\"", w.From.V)
		}
		if w.From.V == 24*60 {
			r.fail(w.From.Pos, "fleet/window", "a window opens at 23:59 at the latest; 24:00 is for to: only")
		}
		w.During.resolve(r, w.Calendar().Zone)
		if !w.Timezone.Set() {
			r.warn(w.Pos, "fleet/timezone", "the window has no timezone; its hours are taken as UTC")
		}
	}
	titles := map[string]int{}
	for i := range p.Freezes {
		f := &p.Freezes[i]
		f.Clusters.check(r, clusters)
		f.resolve(r, p.Zone())
		if line, twice := titles[f.Title()]; twice {
			r.warn(f.Pos, "fleet/duplicate", "there is already a freeze %q in line %d; reports cannot tell them apart", f.Title(), line)
		}
		titles[f.Title()] = f.Pos.Line
	}
}

// pools checks that a window of node pools is for some.
func (r *reader) pools(w *Window, clusters []Cluster) {
	if !w.Pools.Set() {
		return
	}
	if err := glob.CheckName(string(w.Pools.V)); err != nil {
		r.fail(w.Pools.Pos, "fleet/scope", "%q is not a pattern: %v", w.Pools.V, err)
		return
	}
	for _, c := range clusters {
		if w.Clusters.Matches(c) && slices.ContainsFunc(c.Nodes, func(n NodePool) bool { return w.Pools.V.Matches(n.Name.V) }) {
			return
		}
	}
	r.warn(w.Pools.Pos, "fleet/scope", "no node pool of these clusters matches %q, so that the window is for none", w.Pools.V)
}

var currency = regexp.MustCompile(`^[A-Z]{3}$`)

// usual is the promotion order where the policy gives none.
func usual() []string { return []string{"dev", "test", "staging", "prod"} }

// environmentNames are the environments of a policy, or the usual ones where it gives none.
func (p Policy) environmentNames() []string {
	if len(p.Environments) == 0 {
		return usual()
	}
	names := make([]string, len(p.Environments))
	for i, e := range p.Environments {
		names[i] = e.V
	}
	return names
}

// order takes the usual order of environments where the policy gives none, and clusters and soaks use names of it alone.
func (r *reader) order(p *Policy, entries []entry) {
	if len(p.Environments) > 0 {
		return
	}
	for name := range p.Soak {
		if !slices.Contains(usual(), name) {
			return
		}
	}
	used, soak := len(p.Soak) > 0, ", without soak"
	if used {
		soak = ""
	}
	for _, e := range entries {
		if name := e.Environment.V; name != "" {
			if !slices.ContainsFunc(usual(), func(u string) bool { return strings.EqualFold(u, name) }) {
				return
			}
			used = true
		}
	}
	if !used {
		return
	}
	for _, name := range usual() {
		p.Environments = append(p.Environments, yamlx.At[string]{V: name})
	}
	r.info(diag.Position{File: r.file, Line: 1}, "fleet/environments",
		"policy.environments is not given; clusters of one group are taken in the order dev, test, staging, prod%s", soak)
}

// named is an environment as the policy writes it, where it is one of the policy's in any case.
func named(order []yamlx.At[string], name string) string {
	for _, e := range order {
		if strings.EqualFold(e.V, name) {
			return e.V
		}
	}
	return name
}

// environments checks that the promotion order is one, and that soak names environments of it.
func (r *reader) environments(p *Policy) {
	place := map[string]int{}
	for i, e := range p.Environments {
		if e.V == "" {
			r.fail(e.Pos, "fleet/environments", "an environment wants a name")
			continue
		}
		if at, twice := place[e.V]; twice {
			var circle []string
			for _, x := range p.Environments[at : i+1] {
				circle = append(circle, x.V)
			}
			r.fail(e.Pos, "fleet/environments", "%q stands twice, so that the order is a circle: %s", e.V, strings.Join(circle, " → "))
			continue
		}
		place[e.V] = i
	}
	for _, name := range slices.Sorted(maps.Keys(p.Soak)) {
		soak := p.Soak[name]
		if at, ok := place[name]; !ok {
			r.fail(soak.Pos, "fleet/unknown-environment", "soak: %s", unknown("environment", name, p.environmentNames()))
		} else if at == 0 && soak.V > 0 {
			r.warn(soak.Pos, "fleet/soak", "%s is the first environment, so that there is nothing before it to soak in", name)
		}
	}
}

// teams checks the teams, and that clusters name teams that exist where any are listed.
func (r *reader) teams(f Fleet) {
	broken := r.broken
	names := slices.Sorted(maps.Keys(f.Teams))
	for _, name := range names {
		if t := f.Teams[name]; t.PerWeek.Set() && t.PerWeek.V < 0 {
			r.add(t.PerWeek.Pos, diag.Error, "fleet/capacity", "teams.%s.perWeek is %d; a team cannot do fewer than 0 hops a week",
				name, t.PerWeek.V)
			broken = true
		}
		broken = r.weeks(name, f.Teams[name]) || broken
	}
	r.broken = broken
}

// weeks checks the single weeks of a team, and reports whether one is wrong.
func (r *reader) weeks(name string, t Team) (broken bool) {
	for _, week := range slices.Sorted(maps.Keys(t.Weeks)) {
		n := t.Weeks[week]
		switch {
		case !isWeek(week):
			r.add(n.Pos, diag.Error, "fleet/capacity", "teams.%s.weeks: there is no week %q; want an ISO week such as 2026-W49", name, week)
		case n.V < 0:
			r.add(n.Pos, diag.Error, "fleet/capacity", "teams.%s.weeks.%s is %d; a team cannot do fewer than 0 hops a week", name, week, n.V)
		default:
			continue
		}
		broken = true
	}
	return broken
}

var weekText = regexp.MustCompile(`^(\d{4})-W(\d\d)$`)

// isWeek reports whether a text is the name of an ISO week: a year has 52 or 53.
func isWeek(s string) bool {
	m := weekText.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	year, _ := strconv.Atoi(m[1]) // the expression matched digits
	week, _ := strconv.Atoi(m[2])
	_, last := time.Date(year, 12, 28, 0, 0, 0, 0, time.UTC).ISOWeek() // is always in the last week of its year
	return week >= 1 && week <= last
}
