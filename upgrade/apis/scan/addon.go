package scan

import (
	"fmt"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
)

// The IDs of custom resources whose add-on has moved on.
const (
	AddonRemoved    = "addon/removed"    // a release of the add-on serves it no more
	AddonDeprecated = "addon/deprecated" // a release deprecates it
)

// AddonPrefix begins the IDs of custom resources.
const AddonPrefix = "addon/"

// Addons judges custom resources by what the releases of their add-ons serve. Which release a cluster has is not known here, so
// that nothing is an error: what a release that is out has removed is a warning, all else is info. What was told of an object, as by its
// own definition, is not told again.
func Addons(objects []object.Object, known lifecycle.Customs, told []Finding) []Finding {
	found := []Finding{}
	already := map[place]bool{}
	for _, f := range told {
		already[place{f.Position, f.APIVersion, f.Kind}] = true
	}
	for _, o := range objects {
		k := lifecycle.ParseGVK(o.APIVersion, o.Kind)
		c, ok := known[k]
		if !ok || !o.Before.IsZero() || already[place{o.Position, o.APIVersion, o.Kind}] {
			continue
		}
		f := of(o)
		f.ID, f.Severity = AddonDeprecated, diag.Info
		if c.Removed != "" && !c.Planned {
			f.ID, f.Severity = AddonRemoved, diag.Warning
		}
		f.Message = subject(o) + addonMessage(c)
		if c.Replacement.Kind != "" {
			f.Replacement = &Replacement{c.Replacement.APIVersion(), c.Replacement.Kind}
		}
		found = append(found, f)
	}
	Sort(found)
	return found
}

func addonMessage(c lifecycle.Custom) string {
	var says string
	switch {
	case c.Removed != "" && c.Planned:
		says = fmt.Sprintf("%s plans to serve it no more from %s on", c.Addon, c.Removed)
	case c.Removed != "":
		says = fmt.Sprintf("%s serves it no more since its release %s", c.Addon, c.Removed)
	default:
		says = fmt.Sprintf("%s deprecates it since its release %s", c.Addon, c.Deprecated)
	}
	switch {
	case c.Replacement.Kind == "":
		return says
	case c.Replacement.Kind == c.Kind:
		return says + "; use " + c.Replacement.APIVersion()
	}
	return says + "; use " + c.Replacement.String()
}
