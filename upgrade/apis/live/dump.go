package live

import (
	"cmp"
	"slices"

	"treadmill/upgrade"
	"treadmill/upgrade/apis/dump"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/kube"
)

// Dumped applies the rule of the package comment to objects in files that come from a server: those in use through API versions which the
// target deprecates or removes, where their own apiVersion does not tell. unknown are those of which nothing tells who writes them,
// though their kind has such versions.
func Dumped(dumps []dump.Object, table *lifecycle.Table, target upgrade.Minor) (found, unknown []object.Object) {
	fades := func(k lifecycle.GVK) bool {
		api, ok := table.Find(k)
		return ok && api.DeprecatedAt(target)
	}
	for _, d := range dumps {
		m := kube.Metadata{LastApplied: d.LastApplied}
		for _, w := range d.Writers {
			m.Writers = append(m.Writers, kube.Writer{Manager: w.Manager, APIVersion: w.APIVersion})
		}
		if len(d.Writers) == 0 && d.LastApplied == "" {
			if !fades(lifecycle.ParseGVK(d.APIVersion, d.Kind)) && slices.ContainsFunc(table.APIs, func(a lifecycle.API) bool {
				return a.Kind == d.Kind && a.DeprecatedAt(target) &&
					(a.Replacement.APIVersion() == d.APIVersion || a.Group == lifecycle.ParseGVK(d.APIVersion, d.Kind).Group)
			}) {
				unknown = append(unknown, d.Object)
			}
			continue
		}
		used, _ := uses(m, d.Kind, d.APIVersion, fades, fades)
		for _, u := range used {
			if u.apiVersion == d.APIVersion {
				continue // it is told as an object
			}
			o := d.Object
			o.APIVersion, o.Owner = u.apiVersion, cmp.Or(u.owner, o.Owner)
			if i := slices.IndexFunc(d.Writers, func(w dump.Writer) bool { return w.APIVersion == u.apiVersion }); i >= 0 {
				o.Position = d.Writers[i].Position
			}
			found = append(found, o)
		}
	}
	return found, unknown
}
