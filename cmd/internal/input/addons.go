package input

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/windows"
)

// AddAddons adds --addons to a command that reads the table of add-ons.
func AddAddons(c *cobra.Command, files *[]string) {
	c.Flags().StringArrayVar(files, "addons", nil, "add-ons to lay over the embedded ones (may be repeated; form: docs/addons.md)")
}

// Addons is the table of add-ons in use: that of the binary, or of a snapshot.
func Addons(a *app.App) (addons.Table, error) {
	files, err := a.Facts("addons")
	if err != nil {
		return addons.Table{}, err
	}
	return addons.In(files)
}

// ReadAddons is the embedded table of add-ons with the user's files laid over it.
// Findings of severity Error mean that a file of the user is not what it should be.
func ReadAddons(a *app.App, files []string) (addons.Table, []diag.Finding, error) {
	table, err := Addons(a)
	if err != nil {
		return addons.Table{}, nil, err
	}
	var findings []diag.Finding
	for _, name := range files {
		in, err := a.Read(name)
		if err != nil {
			return addons.Table{}, nil, err
		}
		over, problems := addons.Read(in.Name, in.Data)
		findings = append(findings, problems...)
		table = table.Merge(over)
	}
	return table, findings, nil
}

// StaleAddons warns of old data about the add-ons that a result rests on.
func StaleAddons(a *app.App, used []addons.Addon) []diag.Finding {
	var old []windows.Aged
	for _, x := range used {
		if x.Stale(Today(a)) {
			old = append(old, windows.Aged{Name: x.Name, Read: x.Read()})
		}
	}
	if len(old) == 0 {
		return nil
	}
	return []diag.Finding{{ID: "addons/stale", Severity: diag.Warning, Message: fmt.Sprintf(
		"what is known of %s; give newer rows with --addons", windows.Ages(old, Today(a), "was last read", "of"),
	)}}
}

// addonsOf are the add-ons of the table that clusters of a fleet run, by name.
func addonsOf(f fleet.Fleet, known addons.Table) []addons.Addon {
	used := map[string]bool{}
	for _, c := range f.Clusters {
		for _, x := range c.Addons {
			if a, ok := known.Addon(x.Name.V); ok {
				used[a.Name] = true
			}
		}
	}
	return slices.DeleteFunc(known.Addons(), func(a addons.Addon) bool { return !used[a.Name] })
}
