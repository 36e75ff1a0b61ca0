package cli

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/internal/diag"
	"treadmill/rules/compile"
	"treadmill/slo"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/history"
)

// guardFlags name the SLOs that guard clusters, where their history is, and what past upgrades spent.
type guardFlags struct {
	past
	slos    []string
	records string
}

func (g *guardFlags) flags(c *cobra.Command) {
	g.optional(c)
	c.Flags().StringArrayVar(&g.slos, "slo", nil, "files or folders with the SLOs that clusters of the fleet name as their guards")
	c.Flags().StringVar(&g.records, "records", "", "file of past campaigns, as upgrade record writes it: what they spent is what the next hop needs")
}

// check finds flags that need each other.
func (g *guardFlags) check() error {
	switch {
	case g.given() && len(g.slos) == 0:
		return usage("--prometheus and --openmetrics want --slo too: the files of the SLOs that guard clusters")
	case !g.given() && len(g.slos) > 0:
		return usage("--slo wants --prometheus, --tsdb or --openmetrics too: where the history of the SLOs is")
	}
	return nil
}

// readRecords reads the file of past campaigns; no name gives none.
func (a *app) readRecords(name string) (history.File, []diag.Finding, error) {
	if name == "" {
		return history.File{}, nil, nil
	}
	in, err := a.read(name)
	if err != nil {
		return history.File{}, nil, err
	}
	f, findings := history.Read(in.name, in.data)
	return f, findings, nil
}

// recordsToWrite is the same, where a file that does not exist yet has no campaigns.
func (a *app) recordsToWrite(name string) (history.File, []diag.Finding, error) {
	f, findings, err := a.readRecords(name)
	if errors.Is(err, fs.ErrNotExist) {
		return history.File{Name: name}, nil, nil
	}
	return f, findings, err
}

// guards reads the SLOs that clusters name. A name that no SLO has is a finding at the cluster.
func (a *app) guards(files []string, clusters []fleet.Cluster) ([]compile.Result, []diag.Finding) {
	results, findings := a.compiled(files)
	var out []compile.Result
	var names []string
	for _, r := range usable(results) {
		names = append(names, r.SLO.ID)
		if slices.ContainsFunc(clusters, func(c fleet.Cluster) bool { return slices.Contains(c.SLOs, r.SLO.ID) }) {
			out = append(out, r)
		}
	}
	for _, c := range clusters {
		for _, name := range c.SLOs {
			if !slices.Contains(names, name) {
				findings = append(findings, diag.Finding{ID: "budget/unknown-slo", Severity: diag.Error, Position: c.Pos,
					Message: c.Name.V + " is guarded by " + name + ", which is none of the SLOs in " + strings.Join(files, ", ")})
			}
		}
	}
	return out, loud(findings)
}

// sinceTrend is from when the history of an SLO is read for its budget and for its trend: a whole period, and that in which
// it stands.
func (a *app) sinceTrend(s slo.SLO) (time.Time, error) {
	start, err := a.periodStart(s)
	if whole := time.Time(a.now).Add(-time.Duration(s.Period.Length)); whole.Before(start) {
		start = whole
	}
	return start, err
}
