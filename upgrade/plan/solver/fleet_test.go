package solver_test

import (
	"math/rand/v2"

	"treadmill/upgrade/plan/solver"
)

// The generated fleets of the benchmarks: groups dev→staging→prod with soak of 14 and 21 days, three freezes a year, three openings a
// week, a mix of EKS, GKE and AKS as their windows were on 2026-11-23, 156 weeks. Versions count from 1.33.
const (
	weeks    = 156
	versions = 12
	campaign = 1500
	hop      = 400
	fee      = 12   // a day of extended support at 0.50 an hour
	outside  = 2857 // a day without support
)

// lag is days from an upstream release to the version at the provider, the length of support there, and days between hops.
type lag struct{ available, standard, extended, skew, apart int }

var providers = []lag{{42, 427, 364, 3, 7}, {49, 427, 301, 2, 0}, {91, 392, 364, 3, 0}}

// released is the day of an upstream release, 1.33 being version 0: three a year, 1.37 thirteen weeks before day 0.
func released(version int) int { return -91 + (version-4)*365/3 }

// generate makes a fleet whose capacity in the 132 weeks that are not frozen is a multiple of the hops that have to be done in
// them, nine for a cluster.
func generate(clusters int, factor float64, seed uint64) *solver.Problem {
	r := rand.New(rand.NewPCG(seed, 0))
	teams := max(1, clusters/250)
	p := &solver.Problem{Weeks: weeks, Campaign: campaign, Hop: hop}
	for calendar := range 3 {
		for _, pr := range providers {
			p.Classes = append(p.Classes, class(pr, calendar))
		}
	}
	for len(p.Clusters) < clusters {
		team := r.IntN(teams)
		cl, start := team%3*len(providers)+r.IntN(len(providers)), r.IntN(3)
		before := -1
		for tier := range min(3, clusters-len(p.Clusters)) {
			c := solver.Cluster{Class: cl, Team: team, Start: min(3, start+max(0, 1-tier)), Soak: []int32{0, 14, 21}[tier], Came: -1}
			if before >= 0 {
				c.After = []int{before}
			}
			before = len(p.Clusters)
			p.Clusters = append(p.Clusters, c)
		}
	}
	p.Capacity = make([][]int, teams)
	load := make([]int, teams)
	for _, c := range p.Clusters {
		load[c.Team] += 9
	}
	for t := range p.Capacity {
		p.Capacity[t] = make([]int, weeks)
		for w := range weeks {
			p.Capacity[t][w] = max(3, int(factor*float64(load[t])/132))
		}
	}
	return p
}

// class has openings on Tuesday, Wednesday and Thursday.
func class(pr lag, calendar int) solver.Class {
	var c solver.Class
	for w := range weeks {
		y := (w + calendar) % 52
		if frozen := y >= 3 && y <= 6 || y >= 20 && y <= 21 || y >= 34 && y <= 35; !frozen {
			for d := int32(1); d <= 3; d++ {
				c.Day, c.Week = append(c.Day, int32(7*w)+d), append(c.Week, int32(w))
				start := int64(7*w+int(d)) * 1440
				c.Begin, c.End = append(c.Begin, start+540), append(c.End, start+960)
			}
		}
	}
	c.Late = c.Day
	n := len(c.Day)
	from := func(day int) int32 {
		t := 0
		for t < n && int(c.Day[t]) < day {
			t++
		}
		return int32(t)
	}
	for t, d := range c.Day {
		c.Next = append(c.Next, max(int32(t+1), from(int(d)+pr.apart)))
		c.Free, c.Limit = append(c.Free, int32(t+1)), append(c.Limit, from(int(d)+61))
	}
	for v := range versions {
		c.From, c.Until, c.Last = append(c.From, from(released(v)+pr.available)), append(c.Until, int32(n)), append(c.Last, int32(n-1))
		c.Forced, c.ForceDay, c.Force, c.MaxHops = append(c.Forced, false), append(c.ForceDay, 0), append(c.Force, 0), append(c.MaxHops, pr.skew)
		row := make([]float64, n)
		for t, d := range c.Day {
			row[t] = paid(pr, v, int(d)) - paid(pr, v+1, int(d))
		}
		c.Leave = append(c.Leave, row)
		c.Stay = append(c.Stay, paid(pr, v, 7*weeks)+float64(versions-1-v)*(campaign/3+hop))
	}
	return c
}

// paid is what a version has cost by a day.
func paid(pr lag, version, day int) float64 {
	standard := released(version) + pr.available + pr.standard
	return fee*float64(max(0, min(day, standard+pr.extended)-max(0, standard))) + outside*float64(max(0, day-max(0, standard+pr.extended-28)))
}
