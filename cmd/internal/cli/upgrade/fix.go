package upgrade

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/scan"
)

func fixCommand(a *app.App) *cobra.Command {
	f := &fixing{app: a}
	c := &cobra.Command{
		Use: "fix PATH...", Args: cobra.MinimumNArgs(1),
		Short: "Rewrite manifests to APIs that the target serves",
		Long: `Rewrites objects whose API version the target has removed or deprecates: apiVersion and the fields that moved. All other
bytes stay: comments, order, quotes, line ends. Prints a diff; --write changes the files. Where the meaning would change it
leaves the object alone and says what to do. In unrendered templates of charts only a version that stands there as text is
changed, of objects whose fields all stay. What .treadmill.yaml or a comment accepts of a scan stays as it is.`,
		Example: "  treadmill upgrade fix deploy/ --to 1.38\n  treadmill upgrade fix deploy/ --to 1.38 --write\n  treadmill upgrade fix deploy/ | patch -p1",
		RunE:    a.Run(f.run),
	}
	c.Flags().Var(&f.to, "to", "Kubernetes version to go to, such as 1.38 (default: the newest known)")
	c.Flags().BoolVar(&f.write, "write", false, "change the files instead of printing a diff")
	f.flags.Add(c)
	return a.Returns(c, fixData{})
}

// fixing is one run of the command: its flags, and what they come to.
type fixing struct {
	app   *app.App
	to    app.Minor
	write bool
	flags input.TreeFlags

	table *lifecycle.Table
	tree  input.Tree
}

func (f *fixing) run(ctx context.Context, paths []string) (report.View, error) {
	var err error
	if f.table, err = input.Lifecycle(f.app); err != nil {
		return report.View{}, err
	}
	if f.tree, err = f.flags.Read(f.app, paths, upgrade.Minor(f.to), f.table); err != nil {
		return report.View{}, err
	}
	old, err := input.APIData(f.app, f.table, f.tree.Named)
	if err != nil {
		return report.View{}, err
	}
	fixed, err := f.files(ctx, paths)
	if err != nil {
		return report.View{}, err
	}
	if f.write {
		if len(f.tree.Problems) > 0 {
			return report.View{}, fmt.Errorf("nothing is written: %s", f.tree.Problems[0])
		}
		if err := fixed.write(f.app); err != nil {
			return report.View{}, err
		}
	}
	fixed.say(f.tree, append(old, f.tree.Problems...))
	return fixView(fixed, f.tree.Target, f.write)
}

// say gathers what is to be said, without what is accepted or not to be shown.
func (f *fixedFiles) say(tree input.Tree, more []diag.Finding) {
	all := append(more, f.seen.Findings...)
	for _, file := range f.files {
		all = append(all, file.Findings...)
	}
	for _, left := range f.accepted.Left(scan.Plain(all))[0] {
		f.said = append(f.said, left.Finding)
	}
	f.said = diag.Together(append(f.said, f.about...))
	f.said, f.hidden = input.Shown(tree, f.said, func(d diag.Finding) diag.Finding { return d })
}
