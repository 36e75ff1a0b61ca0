package cli

import (
	"fmt"

	"treadmill/internal/diag"
	"treadmill/upgrade/addons"
)

// addonsTable is the embedded table of add-ons with the user's files laid over it.
// Findings of severity Error mean that a file of the user is not what it should be.
func (a *app) addonsTable(files []string) (addons.Table, []diag.Finding, error) {
	table, err := addons.Embedded()
	if err != nil {
		return addons.Table{}, nil, err
	}
	var findings []diag.Finding
	for _, name := range files {
		in, err := a.read(name)
		if err != nil {
			return addons.Table{}, nil, err
		}
		over, problems := addons.Read(in.name, in.data)
		findings = append(findings, problems...)
		table = table.Merge(over)
	}
	return table, findings, nil
}

// staleAddons warns of old data about the add-ons that a result rests on.
func (a *app) staleAddons(used []addons.Addon) []diag.Finding {
	var names []string
	oldest := a.today()
	for _, x := range used {
		if x.Stale(a.today()) {
			names = append(names, x.Name)
			oldest = min(oldest, x.Read())
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []diag.Finding{{ID: "addons/stale", Severity: diag.Warning, Message: fmt.Sprintf(
		"what is known of %s was read on %s or later, more than %d days ago; give newer rows with --addons", joinWords(names), oldest, addons.StaleAfter)}}
}
