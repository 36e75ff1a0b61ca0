package upgrade

import (
	"context"
	"fmt"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/policy"
	"treadmill/slo/review"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/gate"
)

// soaked asks how the clusters that come first have done since their hop, by the budgets that guard them.
func soaked(ctx context.Context, a *app.App, f input.GuardFlags, rules policy.Policy,
	in gate.Input) ([]gate.Soaked, []diag.Finding, error) {
	soaks := in.Soaks()
	var clusters []fleet.Cluster
	first := in.Now
	for _, s := range soaks {
		if len(s.Cluster.SLOs) > 0 {
			clusters = append(clusters, s.Cluster)
		}
		if s.Since.Before(first) {
			first = s.Since
		}
	}
	if !f.Given() || len(clusters) == 0 {
		return nil, nil, nil
	}
	src, err := input.OpenHistory(a, f.Past)
	if err != nil {
		return nil, nil, err
	}
	results, findings := input.Guards(a, f.SLOs, clusters)
	since := func(s slo.SLO) (time.Time, error) { return first.Add(-time.Duration(s.Period.Length)), nil }
	var out []gate.Soaked
	for _, some := range input.Each(ctx, src.Under(rules), results, since, in.Now,
		func(m input.Measured) []gate.Soaked { return soakedBy(in, rules, soaks, m) }) {
		out = append(out, some...)
	}
	return out, findings, nil
}

// soakedBy is what one SLO says of the clusters that it guards.
func soakedBy(in gate.Input, rules policy.Policy, soaks []gate.Soaking, m input.Measured) []gate.Soaked {
	var out []gate.Soaked
	for _, s := range soaks {
		for _, g := range s.Cluster.SLOs {
			if g.SLO.V != m.SLO.ID {
				continue
			}
			one := gate.Soaked{Cluster: s.Cluster.Name.V, SLO: g.String()}
			groups, _ := input.GroupsOf(g, m)
			for _, h := range groups {
				_, reserve := input.HopNeeds(rules, in.Fleet, s.Cluster, m.SLO, h.Labels, in.Records, in.Now)
				at, lost, known := h.Sums().Quiet(m.SLO.Objective, m.SLO.Period.Length, s.Since, in.Now, float64(reserve.Share))
				if one.Known = one.Known || known; known && at.After(one.Since) {
					one.Since, one.Lost = at, fmt.Sprintf("%s of the budget of %s", review.Percent(lost.Share), g)
				}
			}
			out = append(out, one)
		}
	}
	return out
}
