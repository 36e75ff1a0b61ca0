package scan

import (
	"fmt"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/lifecycle"
	"treadmill/upgrade/manifest"
)

// The IDs of annotations, labels and volumes that go.
const (
	FieldRemoved    = "field/removed"    // the target ignores it, or refuses the pod
	FieldDeprecated = "field/deprecated" // it works and the API server warns
)

// FieldPrefix begins the IDs of fields.
const FieldPrefix = "field/"

// Fields judges the names that objects use, in objects of Kubernetes' own API groups.
func Fields(used []manifest.Use, fields []lifecycle.Field, table *lifecycle.Table, target upgrade.Minor) []Finding {
	found := []Finding{}
	for _, u := range used {
		if _, known := table.Find(lifecycle.ParseGVK(u.Object.APIVersion, u.Object.Kind)); !known {
			continue
		}
		for _, f := range fields {
			if f.Where != u.Where || !f.Names(u.Name) {
				continue
			}
			o := Finding{Source: u.Object.Source, Group: lifecycle.ParseGVK(u.Object.APIVersion, u.Object.Kind).Group, APIVersion: u.Object.APIVersion,
				Kind: u.Object.Kind, Namespace: u.Object.Namespace, Name: u.Object.Name, Owner: u.Object.Owner, DeprecatedIn: f.Deprecated, RemovedIn: f.Removed}
			o.Position = u.Object.Position
			what := fmt.Sprintf("%s %q: the %s %s", u.Object.Kind, u.Object.Name, u.Where, u.Name)
			switch {
			case !f.Removed.IsZero() && !target.Less(f.Removed):
				o.ID, o.Severity, o.Message = FieldRemoved, diag.Error, fmt.Sprintf("%s does nothing since %s; use %s", what, f.Removed, f.Use)
			case !f.Deprecated.IsZero() && !target.Less(f.Deprecated):
				o.ID, o.Severity, o.Message = FieldDeprecated, diag.Warning, fmt.Sprintf("%s is deprecated since %s; use %s", what, f.Deprecated, f.Use)
			default:
				continue
			}
			found = append(found, o)
		}
	}
	Sort(found)
	return found
}
