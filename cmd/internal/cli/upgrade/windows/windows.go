// Package windows is the command `upgrade windows`, its views and its outputs.
package windows

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/windows"
)

// Command is `treadmill upgrade windows`.
func Command(a *app.App) *cobra.Command {
	var names []string
	var files input.WindowsFiles
	var all, backtest bool
	var ics string
	c := &cobra.Command{
		Use: "windows [PROVIDER]...", Short: "Show when versions become available and when their support ends",
		Long: `Show the support calendar: when each minor version becomes available at a provider, when its standard and its extended
support end and what the extended one costs. Versions that are not released yet are projected, with an error bar.

A date followed by "!" is one that sources disagree about; -o wide and -o json show every source.`,
		Example: "  treadmill upgrade windows eks\n  treadmill upgrade windows --all -o wide\n  treadmill upgrade windows --windows our-distribution.yaml",
		RunE: a.Run(func(_ context.Context, also []string) (report.View, error) {
			table, findings, err := input.ReadWindows(a, files)
			if err != nil {
				return report.View{}, err
			}
			providers, err := pickProviders(table, slices.Concat(names, also))
			if err != nil && !diag.Any(findings, diag.Error) { // a provider may be missing because its file is broken
				return report.View{}, err
			}
			v := windowsView{now: input.Today(a), table: table, providers: providers, all: all}
			v.findings = append(a.Settle(findings), input.StaleWindows(a, table, providers)...)
			if ics != "" {
				data, err := a.CalendarFile(ics, "Kubernetes support ends", v.now.Time(), v.calendar())
				if err == nil {
					err = a.WriteFiles(map[string][]byte{ics: data})
				}
				if err != nil {
					return report.View{}, err
				}
			}
			if backtest {
				return v.backtest(), nil
			}
			return v.view(), nil
		}),
	}
	c.Flags().
		StringSliceVar(&names, "provider", nil, "show only this provider, as the arguments do (may be repeated): upstream, eks, gke, aks, …")
	c.Flags().BoolVar(&all, "all", false, "also show versions out of all support, and every projected one")
	c.Flags().BoolVar(&backtest, "backtest", false, "show instead what the projections would have missed in the past")
	c.Flags().StringVar(&ics, "calendar", "", "also write the support ends ahead to this file, for a calendar (ICS)")
	input.AddWindows(c, &files)
	app.CompleteFlag(c, "provider", func(*cobra.Command) []cobra.Completion { return providerNames() })
	app.CompleteArgs(c, providerNames)
	return a.Returns(c, windowsData{})
}

// providerNames are the providers that the program knows by itself, for completion.
func providerNames() []cobra.Completion {
	table, err := windows.Embedded()
	if err != nil {
		return nil
	}
	var out []cobra.Completion
	for _, p := range table.Providers() {
		out = append(out, cobra.CompletionWithDesc(p.Name, p.Title))
	}
	return out
}

// pickProviders resolves names and aliases; no names mean all providers.
func pickProviders(t windows.Table, names []string) ([]windows.Provider, error) {
	if len(names) == 0 {
		return t.Providers(), nil
	}
	picked := map[string]bool{}
	for _, name := range names {
		p, ok := t.Provider(name)
		if !ok {
			return nil, app.Usage("there is no provider %q; %s", name, yamlx.DidYouMean(name, t.Names(), "want one of "+app.JoinWords(t.Names())))
		}
		picked[p.Name] = true
	}
	return slices.DeleteFunc(t.Providers(), func(p windows.Provider) bool { return !picked[p.Name] }), nil
}
