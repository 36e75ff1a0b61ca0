package cli

import (
	"fmt"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade/windows"
)

// today is the day that the run takes as now.
func (a *app) today() windows.Day { return windows.DayOf(time.Time(a.now)) }

// windowsTable is the embedded support calendar with the user's files laid over it.
// Findings of severity Error mean that a file of the user is not what it should be.
func (a *app) windowsTable(files []string) (windows.Table, []diag.Finding, error) {
	table, err := windows.Embedded()
	if err != nil {
		return windows.Table{}, nil, err
	}
	var findings []diag.Finding
	for _, name := range files {
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
