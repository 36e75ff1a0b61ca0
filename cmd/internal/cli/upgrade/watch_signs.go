package upgrade

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules/compile"
	"treadmill/rules/defaults"
	"treadmill/slo"
	"treadmill/slo/review"
	"treadmill/slo/spec"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/history"
	"treadmill/upgrade/watch"
)

// watched is a hop under watch, and where what is known of it comes from.
type watched struct {
	a           *app.App
	src         input.Source
	hop         hop
	in          watch.Input
	label, name string // of the cluster in series and alerts
	records     history.File
}

// matched is the value of the label that the cluster's guards match.
func (w watched) matched() string {
	for _, g := range w.hop.cluster.SLOs {
		if v, ok := g.Match[w.label]; ok {
			return v
		}
	}
	return ""
}

// guards is what the SLOs that guard the cluster say.
func (w watched) guards(ctx context.Context, files []string) ([]watch.Signal, []diag.Finding) {
	c := w.hop.cluster
	if len(files) == 0 || len(c.SLOs) == 0 {
		return nil, nil
	}
	results, findings := input.Guards(w.a, files, []fleet.Cluster{c})
	since := func(s slo.SLO) (time.Time, error) { return w.in.Start.Add(-time.Duration(s.Period.Length)), nil }
	var out []watch.Signal
	for _, some := range input.Each(ctx, w.src.Under(w.hop.rules), results, since, w.in.Now, w.guard) {
		out = append(out, some...)
	}
	return out, findings
}

// guard is what one SLO says of the cluster, by the guards that name it.
func (w watched) guard(m input.Measured) []watch.Signal {
	var out []watch.Signal
	for _, g := range w.hop.cluster.SLOs {
		if g.SLO.V != m.SLO.ID && g.SLO.V != m.SLO.Local() {
			continue
		}
		groups, problem := input.GroupsOf(g, m)
		if problem == "" && len(groups) == 0 {
			problem = unreadable(m)
		}
		s := w.worst(m, groups, func(h review.History) bool { return !g.Matches(h.Labels) })
		if s.Name = g.String(); problem != "" {
			s.Bearing, s.Reason = string(review.Unseen), problem
		}
		_, limit := input.HopNeeds(w.hop.rules, w.hop.fleet, w.hop.cluster, m.SLO, g.Match, w.records, w.in.Now)
		s.Limit = float64(limit.Share)
		out = append(out, s)
	}
	return out
}

// worst is the worst sign of some groups of an SLO, beside those that are not of the cluster.
func (w watched) worst(m input.Measured, groups []review.History, foreign func(review.History) bool) watch.Signal {
	var peers []review.History
	for _, h := range m.Groups {
		if foreign(h) {
			peers = append(peers, h)
		}
	}
	out := watch.Signal{Bearing: string(review.Unseen)}
	for i, h := range groups {
		s := h.Watch(m.SLO.Objective, m.SLO.Period.Length, w.in.Start, w.in.Now, peers)
		if i > 0 && review.Rank(s.Bearing) <= review.Rank(review.Bearing(out.Bearing)) {
			continue
		}
		out = watch.Signal{
			Name:    m.SLO.ID,
			Bearing: string(s.Bearing),
			Reason:  s.Reason,
			Usual:   s.Usual,
			Burn:    s.Long,
			Spent:   s.Spent,
			Since:   s.Since,
		}
		if name := h.Name(); name != "" && len(groups) > 1 {
			out.Reason = name + ": " + out.Reason
		}
	}
	return out
}

// platformSLOs are those of the pack that show what a hop does to a cluster itself.
func platformSLOs() []string {
	return []string{"apiserver-availability", "apiserver-latency-write", "apiserver-latency-read", "cluster-dns-availability",
		"node-readiness", "workload-availability", "pod-startup-latency", "container-start-errors", "admission-webhook-availability",
		"aggregated-api-availability"}
}

// platform is what the platform's own SLOs say, as far as the server knows them.
func (w watched) platform(ctx context.Context) []watch.Signal {
	table, _ := defaults.Known()
	all, _ := defaults.Pack(table, defaults.Platform{})
	all = slices.DeleteFunc(all, func(s defaults.PlatformSLO) bool { return !slices.Contains(platformSLOs(), s.ID) })
	text, err := defaults.Specs(all)
	if err != nil {
		return nil // embedded, and read by a test
	}
	docs, _ := yamlx.Documents("pack.yaml", text)
	slos, _ := spec.Read(slices.Values(docs))
	since := func(slo.SLO) (time.Time, error) { return w.in.Start.Add(-25 * time.Hour), nil }
	var out []watch.Signal
	for _, some := range input.Each(ctx, w.src, compile.All(slos, compile.Options{}), since, w.in.Now, w.platformSign) {
		out = append(out, some...)
	}
	return out
}

func (w watched) platformSign(m input.Measured) []watch.Signal {
	named := slices.ContainsFunc(m.Groups, func(h review.History) bool { return h.Labels[w.label] != "" })
	var own []review.History
	for _, h := range m.Groups {
		if !named || h.Labels[w.label] == w.name {
			own = append(own, h)
		}
	}
	if len(own) == 0 {
		return nil // its metrics are not there
	}
	s := w.worst(m, own, func(h review.History) bool { return named && h.Labels[w.label] != w.name })
	if s.Bearing == string(review.Unseen) {
		return nil // it was not there before the hop, or is not any more: the guards say what that means
	}
	s.Spent = 0 // its period is not read
	return []watch.Signal{s}
}

// alerts are those that fire on the cluster now.
func (w watched) alerts(ctx context.Context) ([]watch.Alert, error) {
	grid := slo.NewGrid(w.in.Start.Add(-time.Hour), w.in.Now, slo.Minute)
	answer, err := w.src.Range(ctx, `ALERTS{alertstate="firing"}`, grid)
	if err != nil {
		return nil, fmt.Errorf("ask for the alerts that fire: %w", err)
	}
	own, peers := map[string]*watch.Alert{}, map[string]map[string]bool{}
	for _, s := range answer.Series {
		name, of := s.Labels["alertname"], s.Labels[w.label]
		last := len(s.Values) - 1
		if last < 0 || math.IsNaN(s.Values[last]) && (last < 1 || math.IsNaN(s.Values[last-1])) || name == "Watchdog" || name == "InfoInhibitor" {
			continue
		}
		if of != "" && of != w.name {
			if peers[name] == nil {
				peers[name] = map[string]bool{}
			}
			peers[name][of] = true
			continue
		}
		alert := own[name]
		if alert == nil {
			alert = &watch.Alert{Name: name, Severity: s.Labels["severity"], Before: true}
			own[name] = alert
		}
		alert.Before = alert.Before && w.firedBefore(s, grid)
		if level, _ := slo.SeverityOf(s.Labels["severity"]); level == slo.Page {
			alert.Pages, alert.Severity = true, s.Labels["severity"]
		}
	}
	var out []watch.Alert
	for _, name := range slices.Sorted(maps.Keys(own)) {
		own[name].Peers = len(peers[name])
		out = append(out, *own[name])
	}
	return out, nil
}

// firedBefore reports whether an alert fired in the quarter of an hour before the hop.
func (w watched) firedBefore(s slo.Series, grid slo.Grid) bool {
	for i, v := range s.Values {
		if at := grid.At(i); !math.IsNaN(v) && at.Before(w.in.Start) && at.After(w.in.Start.Add(-15*time.Minute)) {
			return true
		}
	}
	return false
}
