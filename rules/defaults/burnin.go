package defaults

import (
	"cmp"
	"maps"

	"treadmill/rules"
)

// The labels of an alert that burns in: it fires and is recorded, and reaches nobody. Planned is the severity that it will have.
const (
	BurnInLabel  = "burn_in"
	PlannedLabel = "planned_severity"
)

// BurnIn is groups whose alerts reach nobody: they have the severity info, and a label for routes to go by.
func BurnIn(groups []rules.Group) []rules.Group {
	out := make([]rules.Group, len(groups))
	for i, g := range groups {
		out[i] = g
		out[i].Rules = make([]rules.Rule, len(g.Rules))
		for j, r := range g.Rules {
			if r.Alert != "" {
				labels := map[string]string{}
				maps.Copy(labels, r.Labels)
				labels[PlannedLabel] = cmp.Or(labels["severity"], g.Labels["severity"])
				labels["severity"], labels[BurnInLabel] = "info", "true"
				r.Labels = labels
			}
			out[i].Rules[j] = r
		}
	}
	return out
}

// BurnInFiles is BurnIn for files.
func BurnInFiles(files []rules.File) []rules.File {
	out := make([]rules.File, len(files))
	for i, f := range files {
		out[i] = f
		out[i].Groups = BurnIn(f.Groups)
	}
	return out
}
