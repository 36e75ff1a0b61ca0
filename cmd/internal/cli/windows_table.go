package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/internal/diag"
	"treadmill/upgrade/windows"
)

// today is the day that the run takes as now.
func (a *app) today() windows.Day { return windows.DayOf(time.Time(a.now)) }

// windowsFiles are the files of support dates that a command was given.
type windowsFiles struct{ own, endOfLife []string }

// windowsTable is the embedded support calendar with the user's files laid over it.
// Findings of severity Error mean that a file of the user is not what it should be.
func (a *app) windowsTable(files windowsFiles) (windows.Table, []diag.Finding, error) {
	table, err := windows.Embedded()
	if err != nil {
		return windows.Table{}, nil, err
	}
	var findings []diag.Finding
	for _, name := range files.endOfLife {
		provider, file, named := strings.Cut(name, "=")
		if !named {
			provider, file = "", name
		}
		in, err := a.read(file)
		if err != nil {
			return windows.Table{}, nil, err
		}
		var problems []diag.Finding
		table, problems = table.ImportEndOfLife(in.name, in.data, provider)
		findings = append(findings, problems...)
	}
	for _, name := range files.own {
		in, err := a.read(name)
		if err != nil {
			return windows.Table{}, nil, err
		}
		over, problems := windows.Read(in.name, in.data)
		findings = append(findings, problems...)
		table = table.Merge(over)
	}
	return table, findings, nil
}

// windowsFlags adds --windows and --windows-from to a command that reads the support calendar.
func windowsFlags(c *cobra.Command, files *windowsFiles) {
	c.Flags().StringArrayVar(&files.own, "windows", nil, "support dates to lay over the embedded ones (may be repeated; form: docs/windows.md)")
	c.Flags().StringArrayVar(&files.endOfLife, "windows-from", nil, "[PROVIDER=]FILE: a product's JSON saved from endoflife.date, as a further source (may be repeated)")
}

// staleWindows warns of old data about the providers that a result rests on.
func (a *app) staleWindows(providers []windows.Provider) []diag.Finding {
	var out []diag.Finding
	for _, p := range providers {
		if !p.Stale(a.today()) {
			continue
		}
		out = append(out, diag.Finding{ID: "windows/stale", Severity: diag.Warning, Message: fmt.Sprintf(
			"the support dates of %s were read on %s, %d days ago; give newer ones with --windows", p.Name, p.Read(), p.Age(a.today()))})
	}
	return out
}
