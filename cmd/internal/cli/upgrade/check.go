package upgrade

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

func checkCommand(a *app.App) *cobra.Command {
	var in input.FleetFlags
	var guard input.GuardFlags
	within := app.Days(90 * 24 * time.Hour)
	c := &cobra.Command{
		Use: "check -f fleet.yaml", Short: "Fail when clusters are out of support, soon will be, or cannot be planned", Args: cobra.NoArgs,
		Long: `Check is for CI. It finds clusters that are out of all support that the policy allows, or will be within a time if nothing is
done, and clusters that no plan by the policy keeps in support. Exit status 1 says that there is one.`,
		Example: "  treadmill upgrade check -f fleet.yaml --within 90d -o github",
		RunE: a.Run(func(ctx context.Context, _ []string) (report.View, error) {
			f, table, findings, err := input.ReadFleet(a, in)
			if err != nil {
				return report.View{}, err
			}
			v := checkView{
				now:      time.Time(a.Now),
				within:   time.Duration(within),
				findings: findings,
				clusters: []clusterState{},
				left:     input.LeftOut(f),
			}
			if v.known = input.Plannable(a, f); v.known {
				budgets, about, ok, err := input.PlanBudgets(ctx, a, guard, f, time.Time(in.Horizon))
				v.findings = append(v.findings, about...)
				if v.known = ok; err != nil || !ok {
					return v.view(), err
				}
				p, more, err := input.Solve(ctx, a, in, f, table, budgets...)
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
	in.Add(c)
	guard.Add(c)
	c.Flags().Var(&within, "within", "how far ahead support must reach")
	return a.Returns(c, checkData{})
}

// checkView collects how each cluster stands.
type checkView struct {
	now      time.Time
	within   time.Duration
	known    bool // the policy; else nothing was checked
	plan     plan.Plan
	findings []diag.Finding
	clusters []clusterState
	left     string // what is said of clusters that are left out
}

// checkData is the machine shape of `upgrade check`.
type checkData struct {
	Clusters []clusterState `json:"clusters"`
	Findings []diag.Finding `json:"findings"`
	Now      time.Time      `json:"now"`
	Version  int            `json:"version"`
}

type clusterState struct {
	Cluster string     `json:"cluster"`
	Version string     `json:"version"`
	Release string     `json:"release,omitempty"` // the provider's own name of the version
	State   string     `json:"state"`             // supported, extended, soon, unsupported, unknown
	End     *time.Time `json:"supportEnds"`       // of the last support that the provider gives; null where nobody gives a date
	Days    *int       `json:"days"`              // from now to the end of support
	Next    *nextHop   `json:"next"`
}

type nextHop struct {
	To      string    `json:"to"`
	Release string    `json:"release,omitempty"` // the provider's own name of it
	Start   time.Time `json:"start"`
	By      string    `json:"by,omitempty"` // the provider, where it is before the plan
	name    string    // both names
	nodes   bool      // only nodes come up, to the version that the control plane has
}

// nextHops is the first campaign of each cluster by name, or what its provider does by itself before; a plan has both in order of their
// start.
func nextHops(p plan.Plan) map[string]*nextHop {
	out := make(map[string]*nextHop, len(p.Campaigns))
	for _, c := range p.Clouds {
		if c.First && out[c.Cluster] == nil {
			out[c.Cluster] = &nextHop{To: c.To.String(), Start: c.Day, By: c.Provider, name: c.To.String()}
		}
	}
	for _, k := range p.Campaigns {
		if x := out[k.Cluster]; x == nil || k.Start.Before(x.Start) {
			out[k.Cluster] = &nextHop{To: k.To.String(), Release: k.Steps[len(k.Steps)-1].Release, Start: k.Start, name: k.ToName(),
				nodes: len(k.Hops) == 0}
		}
	}
	return out
}

// named is the version, with the provider's own name of it.
func (s clusterState) named() string {
	if s.Release == "" {
		return s.Version
	}
	return s.Release + " (" + s.Version + ")"
}

// add judges one cluster by the support that its provider gives it, and says what the plan does about it. Extended support that the
// policy does not allow is a warning, and an error where the file forbids it in so many words.
func (v *checkView) add(c fleet.Cluster, next *nextHop, f fleet.Fleet, table windows.Table) {
	s := clusterState{Cluster: c.Name.V, Version: c.Version.V.String(), State: "supported", Next: next}
	tell := func(severity diag.Severity, id, format string, args ...any) {
		s.State = strings.TrimPrefix(id, "check/")
		planned := ", and no upgrade is planned"
		switch {
		case next == nil:
		case next.By != "":
			planned = fmt.Sprintf(", and %s is taken to bring it to %s by itself on %s, before the plan does", next.By, next.name,
				next.Start.Format(time.DateOnly))
		case next.nodes:
			planned = fmt.Sprintf(", and the plan brings its nodes up to %s on %s", next.name, next.Start.Format(time.DateOnly))
		default:
			planned = fmt.Sprintf(", and the plan takes it to %s on %s", next.name, next.Start.Format(time.DateOnly))
		}
		v.findings = append(v.findings, diag.Finding{ID: id, Severity: severity, Position: c.Version.Pos,
			Message: fmt.Sprintf("%s runs %s, ", c.Name.V, c.Version.V.As(s.Release)) + fmt.Sprintf(format, args...) + planned})
	}
	fail := func(id, format string, args ...any) { tell(diag.Error, id, format, args...) }
	support, known := plan.SupportOf(f, table, c)
	end := support.Ends
	w, sold := table.Window(c.Provider.V, c.Version.V)
	s.Release = w.Release
	if all := table.Windows(c.Provider.V); !known && !sold && len(all) > 0 && !c.Version.V.Less(all[0].Minor) {
		fail("check/unsupported", "of which nothing is known at %s, so that it is taken as out of support", c.Provider.V)
	} else if !known && !sold { // fleet.Check refuses versions that are too new, so that this one is too old
		fail("check/unsupported", "older than every version of %s that is known", c.Provider.V)
	} else if !known {
		fail("check/unknown", "whose end of support at %s nobody gives; a --windows file can", c.Provider.V)
	} else {
		days := int(end.Sub(v.now).Hours() / 24)
		s.End, s.Days = &end, &days
		if !end.After(v.now) {
			fail("check/unsupported", "out of support since %s", end.Format(time.DateOnly))
		} else if end.Before(v.now.Add(v.within)) {
			fail("check/soon", "which is out of support from %s, in %s", end.Format(time.DateOnly), app.Count(days, "day", "days"))
		} else if allowed := f.Policy.ExtendedSupport.Allowed; !support.Standard.After(v.now.Add(v.within)) && !allowed.V {
			severity, verb := diag.Warning, "in extended support since"
			if allowed.Set() {
				severity = diag.Error
			}
			if support.Standard.After(v.now) {
				verb = "in extended support from"
			}
			tell(severity, "check/extended", "%s %s, at %s %s a month; it ends %s", verb, support.Standard.Format(time.DateOnly),
				730*support.Hourly, f.Policy.Costs.Currency.V, end.Format(time.DateOnly))
		} else if !support.Standard.After(v.now) {
			s.State = "extended"
		}
	}
	v.clusters = append(v.clusters, s)
}

func (v *checkView) view() report.View {
	for _, f := range v.plan.Findings {
		if f.ID == plan.FindingUnplanned || f.ID == plan.FindingBlocked || f.ID == plan.FindingCloudFirst {
			v.findings = append(v.findings, f)
		}
	}
	diag.Sort(v.findings)
	t := report.Table{
		Worst: true,
		Columns: []report.Column{
			{Name: "cluster"},
			{Name: "version"},
			{Name: "state"},
			{Name: "support ends"},
			{Name: "days", Right: true},
			{Name: "next"},
		},
	}
	bad, unknown := 0, 0
	for _, s := range v.clusters {
		next, end, left, tone := "", "unknown", "", report.Plain
		if s.Next != nil {
			next = s.Next.name + " on " + s.Next.Start.Format(time.DateOnly)
			if s.Next.nodes {
				next = "nodes to " + next
			}
			if s.Next.By != "" {
				next += " by " + s.Next.By
			}
		}
		if s.End != nil {
			end, left = s.End.Format(time.DateOnly), strconv.Itoa(*s.Days)
		}
		switch s.State {
		case "soon", "unsupported":
			bad++
			tone = report.Bad
		case "extended":
			tone = report.Warn
		case "unknown":
			unknown++
			tone = report.Warn
		}
		t.Rows = append(t.Rows, report.Row{Cells: []string{s.Cluster, s.named(), s.State, end, left, next}, Tone: tone})
	}
	are := "are"
	if bad == 1 {
		are = "is"
	}
	lead := fmt.Sprintf("%d of %s %s out of support or will be within %s.", bad, app.Count(len(v.clusters), "cluster", "clusters"), are,
		(*app.Days)(&v.within).String())
	if unknown > 0 {
		lead += fmt.Sprintf(" Of %d it is not known.", unknown)
	}
	lead += v.left
	if !v.known {
		lead = "Nothing was checked: the policy says which support may be bought and what a plan may do, and it has the problems below."
	}
	return report.View{
		Figures: []report.Figure{
			report.Counted("clusters", len(v.clusters), report.Plain),
			report.Counted("out of support, or soon", bad, report.Bad),
			report.Counted("not known", unknown, report.Warn),
		},
		Title: "Support check", Tables: []report.Table{t}, Findings: v.findings,
		Lead: []string{lead},
		Data: checkData{Version: 1, Now: v.now, Clusters: v.clusters, Findings: v.findings},
	}
}
