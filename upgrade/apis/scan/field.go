package scan

import (
	"fmt"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/warn"
)

// The IDs of fields, annotations, labels, volumes and values that go.
const (
	FieldRemoved    = "field/removed"    // the target ignores it, or refuses the object
	FieldDeprecated = "field/deprecated" // it works and the API server warns
)

// FieldPrefix begins the IDs of fields, WarningPrefix those of what the API server warns of besides.
const (
	FieldPrefix   = "field/"
	WarningPrefix = "warning/"
)

// Warnings judges what the API server says of objects of Kubernetes' own API groups: what is deprecated at the target is a
// warning, what does nothing there an error; what is odd but accepted is info, as an upgrade changes nothing about it.
func Warnings(used []warn.Use, table *lifecycle.Table, target upgrade.Minor) []Finding {
	found := []Finding{}
	for _, u := range used {
		k := lifecycle.ParseGVK(u.Object.APIVersion, u.Object.Kind)
		if _, known := table.Find(k); !known {
			continue
		}
		w := u.Warning
		f := Finding{Source: u.Object.Source, Group: k.Group, APIVersion: u.Object.APIVersion, Kind: k.Kind, Namespace: u.Object.Namespace,
			Name: u.Object.Name, Owner: u.Object.Owner, DeprecatedIn: w.Deprecated, RemovedIn: w.Removed}
		f.Position = u.Object.Position
		switch {
		case w.Rule.Finding != warn.Field:
			f.ID, f.Severity = w.Rule.Finding, diag.Info
		case !w.Removed.IsZero() && !target.Less(w.Removed):
			f.ID, f.Severity = FieldRemoved, diag.Error
		case !w.Deprecated.IsZero() && !target.Less(w.Deprecated):
			f.ID, f.Severity = FieldDeprecated, diag.Warning
		default:
			continue
		}
		if target.Less(w.Rule.Since) {
			continue
		}
		f.Message = fmt.Sprintf("%s %q: %s", k.Kind, u.Object.Name, w.Text)
		if w.Rule.Refused && f.ID == FieldRemoved {
			f.Message += fmt.Sprintf("; new objects with it are refused since %s", w.Removed)
		}
		if w.Rule.Use != "" {
			f.Message += "; use " + w.Rule.Use
		}
		found = append(found, f)
	}
	Sort(found)
	return found
}
