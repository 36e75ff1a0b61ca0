package input

import (
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/upgrade/windows"
)

// Today is the day that the run takes as now.
func Today(a *app.App) windows.Day { return windows.DayOf(time.Time(a.Now)) }

// WindowsFiles are the files of support dates that a command was given.
type WindowsFiles struct{ own, endOfLife []string }

// Calendar is the support calendar in use: that of the binary, or of a snapshot.
func Calendar(a *app.App) (windows.Table, error) {
	files, err := a.Facts("windows")
	if err != nil {
		return windows.Table{}, err
	}
	return windows.In(files)
}

// ReadWindows is the embedded support calendar with the user's files laid over it.
// Findings of severity Error mean that a file of the user is not what it should be.
func ReadWindows(a *app.App, files WindowsFiles) (windows.Table, []diag.Finding, error) {
	table, err := Calendar(a)
	if err != nil {
		return windows.Table{}, nil, err
	}
	var findings []diag.Finding
	for _, name := range files.own {
		in, err := a.Read(name)
		if err != nil {
			return windows.Table{}, nil, err
		}
		over, problems := windows.Read(in.Name, in.Data)
		findings = append(findings, problems...)
		table = table.Merge(over)
	}
	for _, name := range files.endOfLife { // last, so that they may be of providers that the user's files add; what other sources say stays first

		provider, file, named := strings.Cut(name, "=")
		if !named {
			provider, file = "", name
		}
		in, err := a.Read(file)
		if err != nil {
			return windows.Table{}, nil, err
		}
		var problems []diag.Finding
		table, problems = table.ImportEndOfLife(in.Name, in.Data, provider)
		findings = append(findings, problems...)
	}
	return table, findings, nil
}

// AddWindows adds --windows and --windows-from to a command that reads the support calendar.
func AddWindows(c *cobra.Command, files *WindowsFiles) {
	c.Flags().
		StringArrayVar(&files.own, "windows", nil, "support dates to lay over the embedded ones (may be repeated; form: docs/windows.md)")
	c.Flags().
		StringArrayVar(&files.endOfLife, "windows-from", nil, "[PROVIDER=]FILE: a product's JSON saved from endoflife.date, as a further source (may be repeated)")
}

// StaleWindows warns of old data about the providers that a result rests on.
func StaleWindows(a *app.App, table windows.Table, providers []windows.Provider) []diag.Finding {
	var out []diag.Finding
	for _, p := range providers {
		if o := table.Old(p.Name, Today(a)); !o.IsZero() {
			out = append(out, diag.Finding{ID: "windows/stale", Severity: diag.Warning, Message: o.Message(p.Name, Today(a))})
		}
	}
	return out
}
