package cli

import (
	"context"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/windows"
)

func (a *app) upgradeAddons() *cobra.Command {
	var files []string
	var to minor
	c := &cobra.Command{
		Use: "addons [NAME]...", Short: "Show which releases of add-ons fit which Kubernetes versions",
		Long: `Show what is known of common add-ons: the newest release and the Kubernetes versions that go with it, the first release that
fits a version, and, where there is none yet, the day on which one is likely, from how long the project took in the past.

With names, show every release of these add-ons.`,
		Example: "  treadmill upgrade addons\n  treadmill upgrade addons cert-manager cilium --to 1.36\n  treadmill upgrade addons --addons our-operators.yaml -o wide",
		RunE: a.run(func(_ context.Context, names []string) (report.View, error) {
			table, findings, err := a.addonsTable(files)
			if err != nil {
				return report.View{}, err
			}
			calendar, err := windows.Embedded()
			if err != nil {
				return report.View{}, err
			}
			picked, err := pickAddons(table, names)
			if err != nil && !diag.Any(findings, diag.Error) { // an add-on may be missing because its file is broken
				return report.View{}, err
			}
			v := addonsView{now: a.today(), table: table, calendar: calendar, addons: picked, named: len(names) > 0, to: upgrade.Minor(to)}
			if v.to.IsZero() {
				v.to = calendar.Newest(windows.Upstream, v.now)
			}
			if all := calendar.Windows(windows.Upstream); len(all) > 0 && all[len(all)-1].Minor.Less(v.to) {
				return report.View{}, usage("--to %s: nothing is known of that version; the calendar reaches to %s", v.to, all[len(all)-1].Minor)
			}
			v.findings = append(a.settle(findings), a.staleAddons(picked)...)
			return v.view(), nil
		}),
	}
	c.Flags().Var(&to, "to", "Kubernetes version to fit, such as 1.37 (default: the newest one released)")
	addonsFlag(c, &files)
	return c
}

// addonsFlag adds --addons to a command that reads the table of add-ons.
func addonsFlag(c *cobra.Command, files *[]string) {
	c.Flags().StringArrayVar(files, "addons", nil, "add-ons to lay over the embedded ones (may be repeated; form: docs/addons.md)")
}

// pickAddons resolves names and aliases; no names mean all add-ons.
func pickAddons(t addons.Table, names []string) ([]addons.Addon, error) {
	if len(names) == 0 {
		return t.Addons(), nil
	}
	var out []addons.Addon
	for _, name := range names {
		x, ok := t.Addon(name)
		if !ok {
			return nil, usage("there is no add-on %q in the table; %s", name, yamlx.DidYouMean(name, t.Names(), "give it with --addons (docs/addons.md)"))
		}
		out = append(out, x)
	}
	return out, nil
}
