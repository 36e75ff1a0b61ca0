package scan

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
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
}

func (f *acceptFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.baseline, "baseline", "", "FILE: JSON of an earlier scan, whose findings are accepted")
	c.Flags().StringSliceVar(&f.addons, "addon-apis", nil, "FILE: custom resources whose API versions go, as a table like that in docs/scan.md; repeat it for more")
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

// acceptance is what became of findings that somebody knows already.
type acceptance struct {
	ignored, known, gone int
}

// accept takes out the findings that comments in the files or the baseline accept.
func accept(a *app.App, found []scan.Finding, f acceptFlags) ([]scan.Finding, []diag.Finding, acceptance, error) {
	var ignores []scan.Ignore
	var about []diag.Finding
	read := map[string]bool{app.StdinName: true, "": true}
	for _, x := range found {
		if read[x.File] {
			continue
		}
		read[x.File] = true
		in, err := a.Read(x.File)
		if err != nil {
			continue // not a file: a cluster or a chart's archive
		}
		i, wrong := scan.Ignores(x.File, string(in.Data))
		ignores, about = append(ignores, i...), append(about, wrong...)
	}
	var got acceptance
	left, n, more := scan.Accept(found, ignores, time.Time(a.Now))
	got.ignored = n
	about = append(about, more...)
	if f.baseline == "" {
		return left, about, got, nil
	}
	in, err := a.Read(f.baseline)
	if err != nil {
		return left, about, got, err
	}
	baseline, err := scan.ReadBaseline(in.Data)
	if err != nil {
		return left, about, got, fmt.Errorf("%s: %w", f.baseline, err)
	}
	left, got.known, got.gone = baseline.Accept(left)
	return left, about, got, nil
}

// notes say what was left out.
func (g acceptance) notes() []string {
	var notes []string
	if g.ignored > 0 {
		notes = append(notes, app.Count(g.ignored, "finding is", "findings are")+" ignored by a comment.")
	}
	if g.known > 0 {
		notes = append(notes, app.Count(g.known, "finding is", "findings are")+" in the baseline.")
	}
	if g.gone > 0 {
		notes = append(notes, app.Count(g.gone, "finding", "findings")+" of the baseline came up no more: write it anew to keep it that way.")
	}
	return notes
}

// pathTable shows the way of each object.
func pathTable(steps []scan.Step, from, to upgrade.Minor) report.Table {
	t := report.Table{Title: fmt.Sprintf("From %s to %s", from, to), Columns: []report.Column{{Name: "place"}, {Name: "API"}, {Name: "name"},
		{Name: "before"}, {Name: "use"}, {Name: "advice"}}}
	for _, s := range steps {
		t.Rows = append(t.Rows, report.Row{Tone: report.ToneOf(s.Severity), Cells: []string{s.Position.String(), s.APIVersion + " " + s.Kind, s.Name,
			s.ChangeBefore.String(), s.Use, s.Advice}})
	}
	return t
}
