// Package changes is the command `upgrade changes` and its view.
package changes

import (
	"context"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/lint"
	"treadmill/upgrade"
	"treadmill/upgrade/apis"
)

// Command is `treadmill upgrade changes`.
func Command(a *app.App) *cobra.Command {
	var from, to app.Minor
	var added bool
	c := &cobra.Command{
		Use: "changes [PATH]...", Short: "Show what the releases from one version to another remove, deprecate and turn over",
		Long: `Lists, release by release, the APIs, configuration files, flags, feature gates and metrics that Kubernetes removes, hides, locks, turns on or
off, and deprecates between two versions, each with its source. With PATHs (manifests, configuration files, rules and dashboards) it lists only
what these use, and where; charts are not rendered: upgrade scan does that, and says what breaks.`,
		Example: "  treadmill upgrade changes --from 1.34 --to 1.37\n  treadmill upgrade changes deploy/ rules/ --from 1.34 --to 1.38\n" +
			"  treadmill upgrade changes --from 1.36 --to 1.37 --added -o csv",
		RunE: a.Run(func(ctx context.Context, paths []string) (report.View, error) {
			t, err := load(a)
			if err != nil {
				return report.View{}, err
			}
			v := changesView{tables: t, from: upgrade.Minor(from), to: upgrade.Minor(to), added: added}
			if v.to.IsZero() {
				v.to = t.APIs.Newest
			}
			if err := v.path(); err != nil {
				return report.View{}, err
			}
			v.findings = append(
				input.StaleTable(a, "the catalogue of APIs", t.APIs.Date),
				input.StaleTable(a, "the metrics of Kubernetes", t.metrics.Date)...)
			if len(paths) > 0 {
				var found []diag.Finding
				if v.used, found, err = uses(ctx, a, t, paths); err != nil {
					return report.View{}, err
				}
				v.findings = append(v.findings, a.Settle(found)...)
			}
			return v.view(), nil
		}),
	}
	c.Flags().Var(&from, "from", "the version now, such as 1.34")
	c.Flags().Var(&to, "to", "the version to go to, such as 1.37 (default: the newest known)")
	c.Flags().BoolVar(&added, "added", false, "list what is new as well")
	app.MustHave(c, "from")
	return a.Returns(c, changesData{})
}

// tables are what changes are read from.
type tables struct {
	apis.Catalogues
	metrics *lint.Catalogue
}

func load(a *app.App) (t tables, err error) {
	if t.Catalogues, err = input.Catalogues(a); err != nil {
		return t, err
	}
	t.metrics, err = input.Metrics(a)
	return t, err
}

// between are the changes on the way from one release to another, in order.
func (t tables) between(from, to upgrade.Minor) []upgrade.Change {
	all := t.APIs.Changes("api", from, to)
	all = append(all, t.Config.Changes("config", from, to)...)
	all = append(all, t.Flags.Changes(from, to)...)
	all = append(all, t.Gates.Changes(from, to)...)
	all = append(all, t.metrics.Changes(from, to)...)
	upgrade.SortChanges(all)
	return all
}

// path refuses versions that no table reaches.
func (v changesView) path() error {
	last := v.tables.APIs.Last()
	switch {
	case !v.from.Less(v.to):
		return app.Usage("--from %s is not before --to %s: name the version now and the one to go to", v.from, v.to)
	case last.Less(v.to):
		return app.Usage("--to %s: nothing is known of that version; the tables reach to %s", v.to, last)
	}
	return nil
}
