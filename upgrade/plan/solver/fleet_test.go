package solver_test

import (
	"math/rand/v2"

	"treadmill/upgrade/plan/solver"
)

// The generated fleets of the benchmarks: groups dev→staging→prod with soak of 2 and 3 weeks, three freezes a year, a mix of
// EKS, GKE and AKS as their windows were on 2026-11-23, 156 weeks. Versions count from 1.33.
const (
	weeks    = 156
	versions = 12
	campaign = 1500
	hop      = 400
	fee      = 84    // a week of extended support at 0.50 an hour
	outside  = 20000 // a week without support
)

// lag is weeks from an upstream release to the version at the provider, and the length of support there.
type lag struct{ available, standard, extended, skew int }

var providers = []lag{{6, 61, 52, 3}, {7, 61, 43, 2}, {13, 56, 52, 3}}

// released is the week of an upstream release, 1.33 being version 0: three a year, 1.37 thirteen weeks before week 0.
func released(version int) int { return -13 + (version-4)*52/3 }

// generate makes a fleet whose capacity in the 132 weeks that are not frozen is a multiple of the hops that have to be done in
// them, nine for a cluster.
func generate(clusters int, factor float64, seed uint64) *solver.Problem {
	r := rand.New(rand.NewPCG(seed, 0))
	teams := max(1, clusters/250)
	p := &solver.Problem{Weeks: weeks, Campaign: campaign, Hop: hop}
	for team := range teams {
		for i, pr := range providers {
			c := class(pr, team, team%3)
			c.Shape = team%3*len(providers) + i
			p.Classes = append(p.Classes, c)
		}
	}
	for len(p.Clusters) < clusters {
		group := r.IntN(teams)
		cl, start := group*len(providers)+r.IntN(len(providers)), r.IntN(3)
		before := -1
		for tier := range min(3, clusters-len(p.Clusters)) {
			c := solver.Cluster{Class: cl, Start: min(3, start+max(0, 1-tier)), Soak: []int{0, 2, 3}[tier]}
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
		load[p.Classes[c.Class].Team] += 9
	}
	for t := range p.Capacity {
		p.Capacity[t] = make([]int, weeks)
		for w := range weeks {
			p.Capacity[t][w] = max(3, int(factor*float64(load[t])/132))
		}
	}
	return p
}

func class(pr lag, team, calendar int) solver.Class {
	c := solver.Class{Team: team, Rest: 1, Open: make([]int, weeks), End: make([]float64, versions)}
	for t := range weeks {
		w := (t + calendar) % 52
		if frozen := w >= 3 && w <= 6 || w >= 20 && w <= 21 || w >= 34 && w <= 35; !frozen {
			c.Open[t] = 3
		}
	}
	for v := range versions {
		at := max(0, released(v)+pr.available)
		c.Avail = append(c.Avail, at)
		c.MaxHops = append(c.MaxHops, pr.skew)
		hold := make([]float64, weeks)
		standard := released(v) + pr.available + pr.standard
		for t := range hold {
			switch {
			case t >= standard+pr.extended-4:
				hold[t] = outside
			case t >= standard:
				hold[t] = fee
			}
		}
		c.Hold = append(c.Hold, hold)
		c.Wait = append(c.Wait, nil)
		c.End[v] = float64(versions-1-v) * (campaign/3 + hop)
	}
	return c
}
