package scan

import (
	"fmt"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/scan"
)

// acceptFlags are the flags of a scan that say what is known already, and which way is to be gone.
type acceptFlags struct {
	baseline string
	path     app.Minor
	addons   []string
	tree     input.TreeFlags
}

func (f *acceptFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.baseline, "baseline", "", "FILE: JSON of an earlier scan, whose findings are accepted")
	f.tree.Add(c)
	c.Flags().StringSliceVar(&f.addons, "addon-apis", nil,
		"FILE: custom resources whose API versions go, as a table like that in docs/scan.md; repeat it for more")
	c.Flags().Var(&f.path, "path-to", "as --to, and say for each object before which hop from --from it must change")
}

// target is the version that --to or --path-to name.
func (f *acceptFlags) target(to, from upgrade.Minor) (upgrade.Minor, error) {
	path := upgrade.Minor(f.path)
	switch {
	case path.IsZero() && !to.IsZero() && to.Less(from):
		return to, app.Usage("--to %s lies before --from %s", to, from)
	case path.IsZero():
		return to, nil
	case !to.IsZero():
		return to, app.Usage("--to and --path-to name the target both: give one")
	case from.IsZero():
		return to, app.Usage("--path-to %s: say with --from which version the cluster has", path)
	case path.Less(from):
		return to, app.Usage("--path-to %s lies before --from %s", path, from)
	}
	return path, nil
}

// accepting gathers what accepts findings: comments in their files, the settings and the baseline.
func accepting(a *app.App, f acceptFlags, tree input.Tree, lists ...[]scan.Finding) (*scan.Acceptance, []diag.Finding, error) {
	out, about := tree.Accepting(lists...)
	if f.baseline == "" {
		return out, about, nil
	}
	in, err := a.Read(f.baseline)
	if err != nil {
		return out, about, err
	}
	if out.Baseline, err = scan.ReadBaseline(in.Data); err != nil {
		return out, about, fmt.Errorf("%s: %w", f.baseline, err)
	}
	return out, about, nil
}

// notes say what was left out.
func notes(g *scan.Acceptance, hidden []diag.Finding) []string {
	out := input.AcceptedNotes(g, hidden)
	if g.Baseline != nil && g.Baseline.Gone() > 0 {
		out = append(out,
			app.Count(g.Baseline.Gone(), "finding", "findings")+" of the baseline came up no more: write it anew to keep it that way.")
	}
	return out
}

// pathTable shows the way of each object.
func pathTable(steps []scan.Step, from, to upgrade.Minor) report.Table {
	t := report.Table{Title: fmt.Sprintf("From %s to %s", from, to), Columns: []report.Column{{Name: "place"}, {Name: "API"}, {Name: "name"},
		{Name: "before"}, {Name: "use"}, {Name: "advice"}}}
	for _, s := range steps {
		t.Rows = append(t.Rows, report.Row{Tone: report.ToneOf(s.Severity),
			Cells: []string{s.Position.String(), s.APIVersion + " " + s.Kind, s.Name, s.ChangeBefore.String(), s.Use, s.Advice}})
	}
	return t
}
