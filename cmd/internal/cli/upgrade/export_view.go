package upgrade

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/export"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/rules"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

// exported says what is exported: a fleet, and the plan that was decided or what a plan is made from.
type exported struct {
	input.FleetFlags
	guard input.GuardFlags
	plan  string
	drift []string // files
}

// driftOf reads what runs of treadmill drift have found. Of a cluster and kind that several compared, the newest counts.
func driftOf(a *app.App, files []string) ([]export.Drift, error) {
	newest := map[[2]string]export.Drift{}
	for _, name := range files {
		in, err := a.Read(name)
		if err != nil {
			return nil, err
		}
		r, err := drift.ReadReport(in.Data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", in.Name, err)
		}
		for _, row := range r.Clusters {
			for _, c := range row.Cells {
				key := [2]string{row.Cluster, string(c.Kind)}
				if old, ok := newest[key]; !ok || r.Now.After(old.At) {
					newest[key] = export.Drift{Cluster: row.Cluster, Kind: string(c.Kind), Findings: c.Drifts, At: r.Now,
						Known: c.State == drift.Same || c.State == drift.Apart}
				}
			}
		}
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b export.Drift) int {
		return cmp.Or(cmp.Compare(a.Cluster, b.Cluster), cmp.Compare(a.Kind, b.Kind))
	}), nil
}

// snapshot is what is exported: the plan, and the drift that was found.
func snapshot(ctx context.Context, a *app.App, in exported) (s export.Snapshot, findings []diag.Finding, ok bool, err error) {
	if s, findings, ok, err = planned(ctx, a, in); err == nil && ok {
		s.Drift, err = driftOf(a, in.drift)
	}
	return s, findings, ok, err
}

// planned is the plan of a fleet: the one that was decided, or one that is made as upgrade plan makes it. ok is false for a fleet that
// cannot be planned. The findings are about the inputs: what the plan finds is what the metrics say.
func planned(ctx context.Context, a *app.App, in exported) (s export.Snapshot, findings []diag.Finding, ok bool, err error) {
	f, table, findings, err := input.ReadFleet(a, in.FleetFlags)
	if err != nil || !input.Plannable(a, f) {
		return s, findings, false, err
	}
	now := time.Time(a.Now)
	if in.plan != "" {
		decided, err := input.ReadPlan(a, in.plan)
		if err != nil {
			return s, findings, false, err
		}
		s = snapshotOf(*decided, f, table, now)
		s.Planned = now // it was read then, and holds
		return s, findings, true, nil
	}
	budgets, about, ok, err := input.PlanBudgets(ctx, a, in.guard, f, time.Time(in.Horizon))
	if err != nil || !ok {
		return s, append(findings, about...), false, err
	}
	p, more, err := input.Solve(ctx, a, in.FleetFlags, f, table, budgets...)
	if err != nil {
		return s, findings, false, err
	}
	return snapshotOf(p, f, table, now), slices.Concat(findings, about, more), true, nil
}

// snapshotOf is what the metrics say of a plan. Campaigns that are over are left out.
func snapshotOf(p plan.Plan, f fleet.Fleet, table windows.Table, now time.Time) export.Snapshot {
	s := export.Snapshot{
		Planned:  p.Now,
		Currency: p.Currency,
		Bound:    amount(p.Bound),
		Gap:      p.Gap,
		Clusters: []export.Cluster{},
		Months:   []export.Month{},
		Cost: map[string]float64{"campaigns": amount(p.Cost.Campaigns), "hops": amount(p.Cost.Hops),
			"extended_support": amount(p.Cost.ExtendedSupport), "unsupported": amount(p.Cost.Unsupported)},
	}
	next, unplanned := map[string]plan.Campaign{}, map[string]bool{}
	for _, c := range p.Campaigns {
		if _, earlier := next[c.Cluster]; !earlier && len(c.Hops) > 0 && c.End.After(now) {
			next[c.Cluster] = c
		}
	}
	for _, u := range p.Unplanned {
		unplanned[u.Cluster] = true
	}
	for _, c := range f.Clusters {
		x := exportedCluster(f, table, c)
		x.Unplanned = unplanned[x.Name]
		if n, ok := next[x.Name]; ok && c.Version.V.Less(n.To) {
			slack := n.Due.Sub(n.Leaves())
			x.Slack, x.NextHop, x.NextVersion = &slack, n.Start.UTC(), n.To.String()
		}
		s.Clusters = append(s.Clusters, x)
	}
	slices.SortFunc(s.Clusters, func(a, b export.Cluster) int { return cmp.Compare(a.Name, b.Name) })
	for _, m := range p.Bill {
		s.Months = append(s.Months, export.Month{Month: m.Month, With: amount(m.ExtendedSupport), Without: amount(m.Without.ExtendedSupport)})
	}
	return s
}

// exportedCluster is what the calendar says of a cluster.
func exportedCluster(f fleet.Fleet, table windows.Table, c fleet.Cluster) export.Cluster {
	x := export.Cluster{Name: c.Name.V, Provider: c.Provider.V, Version: c.Version.V.String(), Environment: c.Environment.V,
		Group: c.Group.V, Team: c.Team.V, Region: c.Region.V}
	if s, ok := plan.SupportOf(f, table, c); ok {
		x.Due, x.StandardEnd = s.Allowed.Add(-time.Duration(f.Policy.Margin.V)), s.Standard
		if s.Ends.After(s.Standard) {
			x.ExtendedEnd = s.Ends
		}
	}
	return x
}

func amount(m fleet.Money) float64 { return float64(m) / float64(fleet.Unit) }

func exportText(s export.Snapshot) ([]byte, error) {
	var b bytes.Buffer
	err := export.Text(&b, s)
	return b.Bytes(), err
}

// exportData is the machine shape of `upgrade export`: the plan, or with --rules the alerts on it.
type exportData struct {
	Alerts   []exportedAlert  `json:"alerts,omitzero"`
	Findings []diag.Finding   `json:"findings,omitzero"`
	Plan     *export.Snapshot `json:"plan,omitempty"`
	Version  int              `json:"version"`
}

// exportedAlert is one alert on the metrics.
type exportedAlert struct {
	Alert    string `json:"alert"`
	Expr     string `json:"expr"`
	Severity string `json:"severity"`
}

func exportView(s export.Snapshot, findings []diag.Finding, text []byte) report.View {
	v := report.View{Title: "The plan as metrics", Findings: findings, Document: text}
	if !s.Planned.IsZero() {
		v.Data = exportData{Version: 1, Plan: &s, Findings: app.List(findings)}
		return v
	}
	v.Data = exportData{Version: 1, Findings: app.List(findings)}
	v.Lead = []string{"No metrics: the policy has problems, and a plan that does not know it whole would be worse than none."}
	return v
}

// serveExport serves the metrics until the context ends. The clock goes on where --now did not stop it.
func serveExport(ctx context.Context, a *app.App, in exported, listen string, every time.Duration, ticking bool) (report.View, error) {
	l, err := app.Listen(ctx, listen)
	if err != nil {
		return report.View{}, err
	}
	server := export.Server{
		Every: every,
		Log:   func(format string, args ...any) { fmt.Fprintf(a.Env.Stderr, a.Name()+": "+format+"\n", args...) },
	}
	server.Plan = func(ctx context.Context) (export.Snapshot, error) {
		if ticking {
			a.Now = app.Clock(a.Env.Now())
		}
		s, findings, ok, err := snapshot(ctx, a, in)
		if err == nil && !ok {
			err = errors.New("the policy has problems:\n" + report.FindingLines(findings, report.Style{}))
		}
		return s, err
	}
	server.Log("the plan is served on http://%s/metrics", l.Addr())
	if err := server.Serve(ctx, l); err != nil {
		return report.View{}, err
	}
	return report.View{Data: exportData{Version: 1}, Document: []byte{}}, nil
}

// alertsView prints the alert rules on the metrics.
func alertsView(format rules.Format) (report.View, error) {
	files, findings := rules.Read("rules.yaml", export.Rules())
	if len(findings) > 0 || len(files) != 1 {
		return report.View{}, fmt.Errorf("read the alert rules in the program: %v", findings)
	}
	set := rules.Set{
		Name:   "treadmill-upgrades",
		Labels: map[string]string{"app.kubernetes.io/managed-by": "treadmill"},
		Groups: files[0].Groups,
	}
	alerts := []exportedAlert{}
	for _, g := range files[0].Groups {
		for _, r := range g.Rules {
			alerts = append(alerts, exportedAlert{r.Alert, r.Expr, r.Labels["severity"]})
		}
	}
	return report.View{Title: "Alert rules on the plan", Data: exportData{Version: 1, Alerts: alerts}, Document: format.Append(nil, set)}, nil
}
