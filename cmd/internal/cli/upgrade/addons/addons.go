// Package addons is the command `upgrade addons`, its views and its outputs.
package addons

import (
	"context"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/windows"
)

// Command is `treadmill upgrade addons`.
func Command(a *app.App) *cobra.Command {
	var files []string
	var to app.Minor
	c := &cobra.Command{
		Use: "addons [NAME]...", Short: "Show which releases of add-ons fit which Kubernetes versions",
		Long: `Show what is known of common add-ons: the newest release and the Kubernetes versions that go with it, the first release that
fits a version, and, where there is none yet, the day on which one is likely, from how long the project took in the past.

With names, show every release of these add-ons.`,
		Example: "  treadmill upgrade addons\n  treadmill upgrade addons cert-manager cilium --to 1.36\n  treadmill upgrade addons --addons our-operators.yaml -o wide",
		RunE: a.Run(func(_ context.Context, names []string) (report.View, error) {
			table, findings, err := input.ReadAddons(a, files)
			if err != nil {
				return report.View{}, err
			}
			calendar, err := input.Calendar(a)
			if err != nil {
				return report.View{}, err
			}
			picked, err := pickAddons(table, names)
			if err != nil && !diag.Any(findings, diag.Error) { // an add-on may be missing because its file is broken
				return report.View{}, err
			}
			v := addonsView{now: input.Today(a), table: table, calendar: calendar, addons: picked, named: len(names) > 0, to: upgrade.Minor(to)}
			if v.to.IsZero() {
				v.to = calendar.Newest(windows.Upstream, v.now)
			}
			if all := calendar.Windows(windows.Upstream); len(all) > 0 && all[len(all)-1].Minor.Less(v.to) {
				return report.View{}, app.Usage("--to %s: nothing is known of that version; the calendar reaches to %s", v.to, all[len(all)-1].Minor)
			}
			v.findings = append(a.Settle(findings), input.StaleAddons(a, picked)...)
			return v.view(), nil
		}),
	}
	c.Flags().Var(&to, "to", "Kubernetes version to fit, such as 1.37 (default: the newest one released)")
	input.AddAddons(c, &files)
	app.CompleteArgs(c, addonNames)
	return a.Returns(c, addonsData{})
}

// addonNames are the add-ons that the program knows by itself, for completion.
func addonNames() []cobra.Completion {
	table, err := addons.Embedded()
	if err != nil {
		return nil
	}
	var out []cobra.Completion
	for _, x := range table.Addons() {
		out = append(out, cobra.CompletionWithDesc(x.Name, x.Title))
	}
	return out
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
			return nil, app.Usage(
				"there is no add-on %q in the table; %s",
				name,
				yamlx.DidYouMean(name, t.Names(), "give it with --addons (docs/addons.md)"),
			)
		}
		out = append(out, x)
	}
	return out, nil
}
