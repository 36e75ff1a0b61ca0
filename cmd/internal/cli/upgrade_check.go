package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

func (a *app) upgradeCheck() *cobra.Command {
	var in planInput
	within := days(90 * 24 * time.Hour)
	c := &cobra.Command{
		Use: "check -f fleet.yaml", Short: "Fail when clusters are out of support, soon will be, or cannot be planned", Args: cobra.NoArgs,
		Long: `Check is for CI. It finds clusters that are out of all support that the policy allows, or will be within a time if nothing is
done, and clusters that no plan by the policy keeps in support. Exit status 1 says that there is one.`,
		Example: "  treadmill upgrade check -f fleet.yaml --within 90d -o github",
		RunE: a.run(func(ctx context.Context, _ []string) (report.View, error) {
			f, table, findings, err := a.readFleet(in)
			if err != nil {
				return report.View{}, err
			}
			v := checkView{now: time.Time(a.now), within: time.Duration(within), findings: findings, clusters: []clusterState{}}
			if !f.Broken && !f.Unread {
				p, more, err := a.solve(ctx, in, f, table)
				if err != nil {
					return report.View{}, err
				}
				v.plan, v.findings = p, append(v.findings, more...)
				next := nextHops(p)
				for _, c := range f.Clusters {
					v.add(c, next[c.Name.V], f, table)
				}
			}
			return v.view(), nil
		}),
	}
	in.flags(c)
	c.Flags().Var(&within, "within", "how far ahead support must reach")
	return c
}

// checkView collects how each cluster stands.
type checkView struct {
	now      time.Time
	within   time.Duration
	plan     plan.Plan
	findings []diag.Finding
	clusters []clusterState
}

type clusterState struct {
	Cluster string    `json:"cluster"`
	Version string    `json:"version"`
	State   string    `json:"state"` // supported, soon, unsupported
	End     time.Time `json:"supportEnds"`
	Days    int       `json:"days"`
	Next    *nextHop  `json:"next"`
}

type nextHop struct {
	To    string    `json:"to"`
	Start time.Time `json:"start"`
}

// nextHops is the first campaign of each cluster by name; a plan has its campaigns in order of their start.
func nextHops(p plan.Plan) map[string]*nextHop {
	out := make(map[string]*nextHop, len(p.Campaigns))
	for _, k := range p.Campaigns {
		if out[k.Cluster] == nil {
			out[k.Cluster] = &nextHop{To: k.To.String(), Start: k.Start}
		}
	}
	return out
}

// add judges one cluster by the support that its policy allows, and says what the plan does about it.
func (v *checkView) add(c fleet.Cluster, next *nextHop, f fleet.Fleet, table windows.Table) {
	end, known := plan.SupportEnd(f, table, c)
	s := clusterState{Cluster: c.Name.V, Version: c.Version.V.String(), State: "supported", End: end, Days: int(end.Sub(v.now).Hours() / 24), Next: next}
	planned := "and no upgrade is planned"
	if s.Next != nil {
		planned = fmt.Sprintf("and the plan takes it to %s on %s", s.Next.To, s.Next.Start.Format(time.DateOnly))
	}
	fail := func(id, format string, args ...any) {
		v.findings = append(v.findings, diag.Finding{ID: id, Severity: diag.Error, Position: c.Version.Pos, Message: fmt.Sprintf(format, args...)})
	}
	switch {
	case known && !end.After(v.now):
		s.State = "unsupported"
		fail("check/unsupported", "%s runs %s, out of support since %s, %s", c.Name.V, c.Version.V, end.Format(time.DateOnly), planned)
	case known && end.Before(v.now.Add(v.within)):
		s.State = "soon"
		fail("check/soon", "%s runs %s, which is out of support from %s, in %d days, %s", c.Name.V, c.Version.V, end.Format(time.DateOnly), s.Days, planned)
	}
	v.clusters = append(v.clusters, s)
}

func (v *checkView) view() report.View {
	for _, f := range v.plan.Findings {
		if f.ID == plan.FindingUnplanned {
			v.findings = append(v.findings, f)
		}
	}
	diag.Sort(v.findings)
	t := report.Table{Columns: []report.Column{{Name: "cluster"}, {Name: "version"}, {Name: "state"}, {Name: "support ends"}, {Name: "days", Right: true}, {Name: "next"}}}
	bad := 0
	for _, s := range v.clusters {
		next, tone := "", report.Plain
		if s.Next != nil {
			next = s.Next.To + " on " + s.Next.Start.Format(time.DateOnly)
		}
		if s.State != "supported" {
			bad++
			tone = report.Bad
		}
		t.Rows = append(t.Rows, report.Row{Cells: []string{s.Cluster, s.Version, s.State, s.End.Format(time.DateOnly), itoa(s.Days), next}, Tone: tone})
	}
	return report.View{
		Title: "Support check", Tables: []report.Table{t}, Findings: v.findings,
		Lead: []string{fmt.Sprintf("%d of %s are out of support or will be within %s.", bad, count(len(v.clusters), "cluster", "clusters"), (*days)(&v.within).String())},
		Data: map[string]any{"version": 1, "now": v.now, "clusters": v.clusters, "findings": v.findings},
	}
}
