package plan_test

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

// The rules of docs/planning.md and the cost of a plan once more, for fleets of one and two clusters that are so small that every
// schedule can be tried. It shares nothing with what makes or checks plans, and knows only what its random fleets have: windows in zones
// without summer time, whole days of freezes, one team.
type tiny struct {
	now, horizon time.Time
	days         []time.Weekday
	from, to     int // hours
	zone         *time.Location
	frozen       [][2]time.Time
	perWeek      int // 0 for no limit
	soak, margin int // days
	maxCampaign  int
	costs        [3]float64 // campaign, hop, day past due
	allowed      bool
	target       int // minors behind the newest
	clusters     []tinyCluster
	table        windows.Table
}

type tinyCluster struct {
	provider, channel, environment string
	version, node                  int
}

func (f tiny) yaml() string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\npolicy:\n  target: latest-%d\n  margin: %dd\n  maxCampaign: %dd\n  environments: [dev, prod]\n  soak: {prod: %dd}\n", f.target, f.margin, f.maxCampaign, f.soak)
	fmt.Fprintf(&b, "  costs: {campaign: %v, hop: %v, unsupportedDay: %v}\n  extendedSupport: {allowed: %v}\n", f.costs[0],
		f.costs[1], f.costs[2], f.allowed)
	if f.perWeek > 0 {
		fmt.Fprintf(&b, "  capacity: {perTeamPerWeek: %d}\n", f.perWeek)
	}
	var days []string
	for _, d := range f.days {
		days = append(days, d.String()[:3])
	}
	fmt.Fprintf(&b, "  windows: [{days: [%s], from: \"%02d:00\", to: \"%02d:00\", timezone: %s}]\n  freezes: [",
		strings.Join(days, ", "), f.from, f.to, f.zone)
	for i, z := range f.frozen {
		fmt.Fprintf(&b, "{name: z%d, from: %s, to: %s, timezone: UTC}, ", i, z[0].Format(time.DateOnly),
			z[1].AddDate(0, 0, -1).Format(time.DateOnly))
	}
	b.WriteString("]\nclusters:\n")
	for i, c := range f.clusters {
		fmt.Fprintf(&b, "  - {name: c%d, provider: %s, version: \"1.%d\", environment: %s, group: g, team: t, nodes: [{name: n, version: \"1.%d\"}]", i, c.provider, c.version, c.environment, c.node)
		if c.channel != "" {
			b.WriteString(", channel: " + c.channel)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// openings are the times at which something can be done, each to its close: from the beginning of an opening or from midnight (UTC)
// inside it. Freezes are whole days (UTC) and cut openings short, as now does.
func (f tiny) openings() (out [][2]time.Time) {
	y, m, first := f.now.In(f.zone).AddDate(0, 0, -1).Date()
	for d := time.Date(y, m, first, 0, 0, 0, 0, f.zone); d.Before(f.horizon); d = d.AddDate(0, 0, 1) {
		start, end := d.Add(time.Duration(f.from)*time.Hour), d.Add(time.Duration(f.to)*time.Hour)
		if !slices.Contains(f.days, d.Weekday()) || end.After(f.horizon) {
			continue
		}
		for _, part := range f.outside(later(start, f.now), end) {
			whole := part == [2]time.Time{start, end}
			for at := part[0]; at.Before(part[1]) && (whole || part[1].Sub(at) >= time.Hour); whole = false {
				out = append(out, [2]time.Time{at, part[1]})
				at = at.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
			}
		}
	}
	return out
}

// outside are the parts of a time that no freeze covers.
func (f tiny) outside(start, end time.Time) (out [][2]time.Time) {
	if !start.Before(end) {
		return nil
	}
	for _, z := range f.frozen {
		if start.Before(z[1]) && z[0].Before(end) {
			return append(f.outside(start, earlier(end, z[0])), f.outside(later(start, z[1]), end)...)
		}
	}
	return [][2]time.Time{{start, end}}
}

// tinySchedule is which opening each hop has, and which the rollout before the first one.
type tinySchedule struct {
	hops    []int
	rollout int // -1 for none
	cost    float64
	forced  map[int]time.Time // by version: when the provider brings the cluster to it
}

func day(t time.Time) int { return int(t.Unix() / 86400) }

// offered is whether the target lets a cluster go to a version at a time.
func (f tiny) offered(c tinyCluster, v int, at time.Time) bool {
	for _, x := range []int{v, v + f.target} {
		w, ok := f.table.Window(c.provider, upgrade.V1(x))
		if !ok || w.AvailableIn(c.channel).IsZero() || at.Before(w.AvailableIn(c.channel).Day.Time()) {
			return false
		}
	}
	return true
}

// ends are when standard support ends, all that the provider gives, and what the policy allows.
func (f tiny) ends(c tinyCluster, v int) (standard, given, allowed time.Time) {
	w, _ := f.table.Window(c.provider, upgrade.V1(v))
	standard = w.StandardEnd.Day.Time()
	if given = standard; f.fee(c) > 0 {
		given = w.ExtendedEnd.Day.Time()
	}
	if allowed = standard; f.allowed {
		allowed = given
	}
	return standard, given, allowed
}

// fee is what an hour of extended support costs, 0 for clusters that get none.
func (f tiny) fee(c tinyCluster) float64 {
	return map[string]float64{"eks": 0.5, "eks/extended": 0.5, "gke/extended": 0.5,
		"aks/lts": 0.5}[strings.TrimSuffix(c.provider+"/"+c.channel, "/")]
}

// forced is when the provider upgrades the cluster by itself.
func (f tiny) forced(c tinyCluster, v int, now, horizon time.Time) (time.Time, bool) {
	_, given, _ := f.ends(c, v)
	at := map[string]time.Time{"eks": given, "gke": given, "aks": later(given.AddDate(0, 0, 60),
		time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC))}[c.provider]
	return at, !at.IsZero() && at.After(now) && at.Before(horizon)
}

func (f tiny) stays(c tinyCluster, v int, from, to time.Time) float64 {
	standard, given, allowed := f.ends(c, v)
	sum := 0.0
	if end := earlier(to, given); end.After(later(from, standard)) {
		sum += f.fee(c) * end.Sub(later(from, standard)).Hours()
	}
	due := allowed.AddDate(0, 0, -f.margin)
	if to.After(later(from, due)) {
		sum += f.costs[2] * to.Sub(later(from, due)).Hours() / 24
	}
	return sum
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// schedules lists all schedules of a cluster with their costs.
func (f tiny) schedules(c tinyCluster) []tinySchedule {
	all := f.openings()
	spacing, skew := 0, 3
	if c.provider == "eks" {
		spacing = 7
	}
	if c.provider == "gke" {
		skew = 2
	}
	var out []tinySchedule
	var try func(s tinySchedule, v int, since, came time.Time, cost float64, group []int, room int, free time.Time)
	try = func(s tinySchedule, v int, since, came time.Time, cost float64, group []int, room int, free time.Time) {
		at, brought := f.forced(c, v, f.now, f.horizon)
		brought = brought && !at.Before(came)
		if !brought { // it stays
			done := s
			done.hops, done.cost = slices.Clone(s.hops), cost+f.stays(c, v, since, f.horizon)
			out = append(out, done)
		} else { // or the provider upgrades it, nodes and all
			next := s
			next.forced = map[int]time.Time{v + 1: at}
			for k, t := range s.forced {
				next.forced[k] = t
			}
			left := later(at, since) // a hop that is under way is ended first
			try(next, v+1, left, at, cost+f.stays(c, v, since, left)+f.costs[0]+f.costs[1]+f.costs[2], nil, skew, later(free, at))
		}
		for i, o := range all {
			if o[0].Before(free) || brought && !o[0].Before(at) || !f.offered(c, v+1, o[0]) {
				continue
			}
			after := o[1]
			if spacing > 0 {
				after = later(after, o[0].Truncate(24*time.Hour).AddDate(0, 0, spacing))
			}
			next := s
			next.hops = append(slices.Clone(s.hops), i)
			paid := cost + f.costs[1] + f.stays(c, v, since, o[1])
			if len(group) > 0 && room > 0 && day(o[0])-day(all[group[0]][0]) <= f.maxCampaign { // in the campaign before
				try(next, v+1, o[1], o[0], paid, append(slices.Clone(group), i), room-1, after)
			}
			if first := len(s.hops) == 0 && s.rollout < 0 && len(s.forced) == 0; first &&
				c.version-c.node > 0 { // the first one, with nodes that are behind
				if left := skew - (c.version - c.node); left > 0 {
					try(next, v+1, o[1], o[0], paid+f.costs[0], []int{i}, left-1, after)
				}
				continue
			}
			try(next, v+1, o[1], o[0], paid+f.costs[0], []int{i}, skew-1, after)
		}
		if len(s.hops) == 0 && s.rollout < 0 && len(s.forced) == 0 && c.version > c.node { // nodes first
			for i, o := range all {
				if brought && !o[0].Before(at) {
					break
				}
				next := s
				next.rollout = i
				try(next, v, since, came, cost+f.costs[0], nil, 0, o[1])
			}
		}
	}
	try(tinySchedule{rollout: -1}, c.version, f.now, f.now, 0, nil, 0, f.now)
	least := map[string]int{} // of campaigns that share their hops only the cheapest counts
	var kept []tinySchedule
	for _, s := range out {
		key := fmt.Sprint(s.hops, s.rollout, s.forced)
		if k, known := least[key]; !known {
			least[key] = len(kept)
			kept = append(kept, s)
		} else if s.cost < kept[k].cost {
			kept[k] = s
		}
	}
	slices.SortFunc(kept, func(a, b tinySchedule) int { return cmp.Compare(a.cost, b.cost) })
	return kept
}

// reached is when a cluster comes to a version by a schedule.
func (f tiny) reached(c tinyCluster, s tinySchedule, version int, all [][2]time.Time) (time.Time, bool) {
	n := 0
	for v := c.version + 1; v <= version; v++ {
		if at, brought := s.forced[v]; brought {
			if v == version {
				return at, true
			}
			continue
		}
		if n == len(s.hops) {
			return time.Time{}, false
		}
		if v == version {
			return all[s.hops[n]][0], true
		}
		n++
	}
	return time.Time{}, true // it runs it already
}

// together reports whether schedules of both clusters keep soak and capacity.
func (f tiny) together(chosen []tinySchedule) bool {
	all := f.openings()
	weeks := map[int]int{}
	for _, s := range chosen {
		steps := slices.Clone(s.hops)
		if s.rollout >= 0 {
			steps = append(steps, s.rollout)
		}
		for _, i := range steps {
			y, w := all[i][0].In(f.zone).ISOWeek()
			if weeks[100*y+w]++; f.perWeek > 0 && weeks[100*y+w] > f.perWeek {
				return false
			}
		}
	}
	for i, c := range f.clusters {
		for j, before := range f.clusters {
			if len(chosen) <= max(i, j) || c.environment != "prod" || before.environment != "dev" {
				continue
			}
			for v := c.version + 1; v <= c.version+8; v++ {
				at, ok := f.reached(c, chosen[i], v, all)
				if _, brought := chosen[i].forced[v]; brought || !ok || v <= before.version {
					continue
				}
				had, ran := f.reached(before, chosen[j], v, all)
				if !ran || day(at)-day(had) < f.soak {
					return false
				}
			}
		}
	}
	return true
}

// optimum is the least cost of all schedules.
func (f tiny) optimum() float64 {
	best := math.Inf(1)
	first := f.schedules(f.clusters[0])
	if len(f.clusters) == 1 {
		for _, s := range first {
			if s.cost < best && f.together([]tinySchedule{s}) {
				best = s.cost
			}
		}
		return best
	}
	second := f.schedules(f.clusters[1])
	for _, a := range first {
		for _, b := range second {
			if a.cost+b.cost >= best {
				break
			}
			if f.together([]tinySchedule{a, b}) {
				best = a.cost + b.cost
			}
		}
	}
	return best
}

func randomTiny(r *rand.Rand, table windows.Table, zones ...*time.Location) tiny {
	f := tiny{table: table, now: time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(400*24)) * time.Hour),
		soak:   []int{0, 1, 5, 14}[r.IntN(4)],
		margin: []int{0, 10, 30}[r.IntN(3)], maxCampaign: []int{10, 30, 60}[r.IntN(3)], allowed: r.IntN(2) == 0, target: r.IntN(3),
		perWeek: []int{0, 1, 2}[r.IntN(3)],
		costs:   [3]float64{float64(r.IntN(4) * 500), float64(r.IntN(3) * 200), float64([]int{10, 100, 1000}[r.IntN(3)])},
		from:    9, to: 17, zone: time.UTC}
	if r.IntN(2) == 0 { // whole days of another zone, so that what happens at midnight (UTC) does so inside openings
		f.from, f.to, f.zone = 0, 24, zones[r.IntN(len(zones))]
	}
	f.days = [][]time.Weekday{{time.Monday}, {time.Tuesday, time.Thursday}, {time.Monday, time.Tuesday}, {time.Friday}}[r.IntN(4)]
	length := 50
	if f.zone != time.UTC { // openings are there twice: from midnight (UTC) on too
		length = 35
	}
	f.horizon = f.now.Truncate(24*time.Hour).AddDate(0, 0, length/len(f.days)+r.IntN(7))
	if r.IntN(2) == 0 {
		from := f.now.Truncate(24*time.Hour).AddDate(0, 0, r.IntN(40))
		f.frozen = append(f.frozen, [2]time.Time{from, from.AddDate(0, 0, 1+r.IntN(20))})
	}
	for i := range 1 + r.IntN(2) {
		kind := [][2]string{{"upstream", ""}, {"eks", ""}, {"gke", ""}, {"aks", ""}, {"eks", "standard"}, {"gke", "extended"},
			{"aks", "lts"}}[r.IntN(7)]
		c := tinyCluster{provider: kind[0], channel: kind[1], environment: []string{"dev", "prod"}[i], version: 33 + r.IntN(3)}
		c.node = c.version - []int{0, 0, 1, 2}[r.IntN(4)]
		if c.provider != "gke" && r.IntN(5) == 0 {
			c.node = c.version - 3
		}
		f.clusters = append(f.clusters, c)
	}
	if f.zone != time.UTC {
		f.meet(r)
	}
	return f
}

// meet moves now so that the provider acts inside an opening, where it acts at all.
func (f *tiny) meet(r *rand.Rand) {
	c := f.clusters[r.IntN(len(f.clusters))]
	at, acts := f.forced(c, c.version+r.IntN(3), time.Time{}, time.Date(2029, 1, 1, 0, 0, 0, 0, time.UTC))
	if !acts {
		return
	}
	length := f.horizon.Sub(f.now)
	f.now = at.AddDate(0, 0, -r.IntN(int(length.Hours()/24)))
	f.horizon, f.days, f.frozen = f.now.Add(length), []time.Weekday{at.In(f.zone).Weekday()}, nil
}

// No plan by the rules costs less than the bound, no plan less than the best one, and what is said to be proven is the best.
func TestTheCertificateAgainstTryingEverything(t *testing.T) {
	table := embedded(t)
	var zones []*time.Location
	for _, name := range []string{"Asia/Tokyo", "America/Phoenix"} {
		z, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		zones = append(zones, z)
	}
	r := rand.New(rand.NewPCG(2026, 12))
	proven := 0
	const fleets = 500
	for i := range fleets {
		f := randomTiny(r, table, zones...)
		read, _ := fleet.Read("tiny.yaml", []byte(f.yaml()), nil)
		read.Check(table, f.now)
		if read.Broken || len(read.Clusters) != len(f.clusters) {
			continue // a version that is not out yet
		}
		p := plan.Solve(t.Context(), read, table, plan.Options{Now: f.now, Horizon: f.horizon})
		best := f.optimum()
		cost, bound := float64(p.Cost.Total)/1e6, float64(p.Bound)/1e6
		if cost < best-1e-3 || bound > best+1e-3 || p.Proven && cost > best+1e-3 {
			t.Errorf("fleet %d: the best plan costs %.4f, got %.4f, bound %.4f, proven %v; now %s, horizon %s\n%s", i, best, cost, bound, p.Proven,
				f.now.Format(time.RFC3339), f.horizon.Format(time.RFC3339), f.yaml())
			return
		}
		if p.Proven {
			proven++
		}
	}
	t.Logf("%d of %d are proven", proven, fleets)
	if proven < fleets*8/10 {
		t.Errorf("only %d of %d are proven", proven, fleets)
	}
}
