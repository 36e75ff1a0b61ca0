package input

import (
	"slices"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/internal/settings"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/scan"
)

// TreeFlags say by which settings a tree of manifests is judged, and which findings are shown.
type TreeFlags struct {
	config  string
	exclude []string
	least   app.Severity
}

// Add adds the flags to a command.
func (t *TreeFlags) Add(c *cobra.Command) {
	c.Flags().StringVar(&t.config, "config", "", "FILE: settings of the tree (default: "+settings.Name+" in or above the first path)")
	c.Flags().StringArrayVar(&t.exclude, "exclude", nil, "PATTERN of paths that are left out, such as 'scaffold/**'; repeat it for more")
	c.Flags().Var(&t.least, "min-severity", "lowest severity of a finding that is shown: info, warning, error; --fail-on decides the status")
}

// Tree is the settings of a tree, and the version that they or a flag name.
type Tree struct {
	settings.Settings
	Target   upgrade.Minor
	Named    upgrade.Minor  // the target where a flag or the settings name it
	Problems []diag.Finding // what is wrong with the settings

	app   *app.App
	least diag.Severity
}

// Read reads the settings of a tree: those that are named, or that stand in or above the first path. to is the version of the flag, zero
// for none; a version that the settings name wrongly is a problem, as all that is wrong with them is.
func (t *TreeFlags) Read(a *app.App, paths []string, to upgrade.Minor, table *lifecycle.Table) (Tree, error) {
	set, problems, err := Settings(a, t.config, paths, t.exclude)
	out := Tree{Settings: set, Problems: problems, app: a, least: diag.Severity(t.least)}
	if err != nil {
		return out, err
	}
	if named := set.Target; to.IsZero() && named.Set() {
		if out.Target, err = upgrade.ParseMinor(named.V); err == nil {
			err = knownTarget(out.Target, table)
		}
		if err == nil {
			out.Named = out.Target
			return out, nil
		}
		out.Problems = append(out.Problems, diag.Errorf("input/value", named.Pos, "target: %v", err))
	}
	out.Named = to
	out.Target, err = ScanTarget(to, table)
	return out, err
}

// Skips takes the paths that are left out; nil where none is.
func (t Tree) Skips() func(path string) bool {
	if len(t.Exclude) == 0 {
		return nil
	}
	return t.Excludes
}

// LeftOut says which of the named paths are left out, so that nothing in them was looked at.
func (t Tree) LeftOut(named []string) (out []diag.Finding) {
	for _, name := range named {
		if name != app.StdinArg && t.Excludes(name) {
			out = append(out, diag.Finding{ID: read.Excluded, Severity: diag.Info, Position: diag.Position{File: name},
				Message: "is left out by exclude, so that nothing in it was looked at"})
		}
	}
	return out
}

// Accepting is what accepts findings in the tree: the settings, and the comments in the files that the findings are about. about says what is
// wrong with the comments.
func (t Tree) Accepting(lists ...[]scan.Finding) (accepted *scan.Acceptance, about []diag.Finding) {
	comments, about := Comments(t.app, slices.Concat(lists...), func(f scan.Finding) diag.Finding { return f.Finding },
		append(read.KustomizationFiles(), read.ChartFile)...)
	return &scan.Acceptance{Settings: t.Settings, Comments: comments, Now: time.Time(t.app.Now)}, about
}

// Shown parts findings into those that are shown and those that are only counted.
func Shown[T any](t Tree, found []T, of func(T) diag.Finding) (shown []T, hidden []diag.Finding) {
	shown = []T{}
	for _, x := range found {
		if f := of(x); f.Severity < t.least && f.ID != diag.Unread {
			hidden = append(hidden, f)
		} else {
			shown = append(shown, x)
		}
	}
	return shown, hidden
}

// AcceptedNotes say how many findings were left out, and why.
func AcceptedNotes(g *scan.Acceptance, hidden []diag.Finding) []string {
	var out []string
	for _, n := range []struct {
		count int
		why   string
	}{
		{g.Excluded, "in paths that are excluded."}, {g.Ignored, "ignored by a comment."}, {g.Set, "ignored by " + settings.Name + "."},
		{g.Known, "in the baseline."}, {len(hidden), "below --min-severity and not shown."},
	} {
		if n.count > 0 {
			out = append(out, app.Count(n.count, "finding is ", "findings are ")+n.why)
		}
	}
	return out
}
