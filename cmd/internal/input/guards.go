package input

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/rules/compile"
	"treadmill/slo"
	"treadmill/slo/review"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/history"
)

// GuardFlags name the SLOs that guard clusters, where their history is, and what past upgrades spent.
type GuardFlags struct {
	Past
	PolicyFlag
	SLOs    []string
	Records string
}

// Add adds the flags to a command.
func (g *GuardFlags) Add(c *cobra.Command) {
	g.AddOptional(c)
	g.PolicyFlag.Add(c)
	c.Flags().StringArrayVar(&g.SLOs, "slo", nil, "files or folders with the SLOs that clusters of the fleet name as their guards")
	c.Flags().
		StringVar(&g.Records, "records", "", "file of past campaigns, as upgrade record writes it: what they spent is what the next hop needs")
}

// Check finds flags that need each other.
func (g *GuardFlags) Check() error {
	switch {
	case g.Given() && len(g.SLOs) == 0:
		return app.Usage("--prometheus and --openmetrics want --slo too: the files of the SLOs that guard clusters")
	case !g.Given() && len(g.SLOs) > 0:
		return app.Usage("--slo wants --prometheus, --tsdb or --openmetrics too: where the history of the SLOs is")
	}
	return nil
}

// ReadRecords reads the file of past campaigns; no name gives none.
func ReadRecords(a *app.App, name string) (history.File, []diag.Finding, error) {
	if name == "" {
		return history.File{}, nil, nil
	}
	in, err := a.Read(name)
	if err != nil {
		return history.File{}, nil, err
	}
	f, findings := history.Read(in.Name, in.Data)
	return f, findings, nil
}

// RecordsToWrite is the same, where a file that does not exist yet has no campaigns.
func RecordsToWrite(a *app.App, name string) (history.File, []diag.Finding, error) {
	f, findings, err := ReadRecords(a, name)
	if errors.Is(err, fs.ErrNotExist) {
		return history.File{Name: name}, nil, nil
	}
	return f, findings, err
}

// Guards reads the SLOs that clusters name. A name that no SLO has is a finding at the cluster.
func Guards(a *app.App, files []string, clusters []fleet.Cluster) ([]compile.Result, []diag.Finding) {
	results, findings := Compiled(a, files)
	var out []compile.Result
	var names []string
	for _, r := range Usable(results) {
		names = append(names, r.SLO.ID, r.SLO.Local())
		if slices.ContainsFunc(clusters, func(c fleet.Cluster) bool { return guardedBy(c, r.SLO.ID) || guardedBy(c, r.SLO.Local()) }) {
			out = append(out, r)
		}
	}
	for _, c := range clusters {
		for _, g := range c.SLOs {
			if !slices.Contains(names, g.SLO.V) {
				findings = append(findings, diag.Finding{ID: "budget/unknown-slo", Severity: diag.Error, Position: c.Pos,
					Message: c.Name.V + " is guarded by " + g.SLO.V + ", which is none of the SLOs in " + strings.Join(files, ", ")})
			}
		}
	}
	return out, Loud(findings)
}

func guardedBy(c fleet.Cluster, slo string) bool {
	return slices.ContainsFunc(c.SLOs, func(g fleet.Guard) bool { return g.SLO.V == slo })
}

// GroupsOf are those groups of a measured SLO that a guard of a cluster is about. Where there are groups and none of them is, that
// is said.
func GroupsOf(g fleet.Guard, m Measured) (groups []review.History, problem string) {
	var names []string
	for _, h := range m.Groups {
		if g.Matches(h.Labels) {
			groups = append(groups, h)
		}
		names = append(names, h.Name())
	}
	if len(groups) == 0 && len(m.Groups) > 0 {
		return nil, "no group of it is of the cluster; its groups are " + strings.Join(names, "; ")
	}
	return groups, ""
}

// SinceTrend is from when the history of an SLO is read for its budget and for its trend: a whole period, and that in which
// it stands.
func SinceTrend(a *app.App, s slo.SLO) (time.Time, error) {
	start, err := PeriodStart(a, s)
	if whole := time.Time(a.Now).Add(-time.Duration(s.Period.Length)); whole.Before(start) {
		start = whole
	}
	return start, err
}

// BudgetOf is the budget of an SLO as it is now, to which past spending is rescaled.
func BudgetOf(s slo.SLO) history.Budget {
	return history.Budget{Objective: s.Objective.Float(), Period: time.Duration(s.Period.Length)}
}
