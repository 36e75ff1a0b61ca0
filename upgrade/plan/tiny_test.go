package plan_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"treadmill/upgrade/windows"
)

// tiny is a fleet of one or two clusters that is so small that every schedule can be tried. It knows only what its random fleets have:
// windows in zones without summer time, whole days of freezes, one team.
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

// randomTiny makes a fleet and the calendar that it is planned by.
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
