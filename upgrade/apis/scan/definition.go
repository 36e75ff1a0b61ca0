package scan

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/crd"
	"treadmill/upgrade/apis/object"
)

// The IDs of findings about definitions of custom resources.
const (
	CRDDeprecated = "crd/deprecated" // a version is served and marked as deprecated
	CRDUnserved   = "crd/unserved"   // a version is defined and not served
	CRDUndefined  = "crd/undefined"  // an object of a version that its definition does not have
	CRDStored     = "crd/stored"     // objects may still be stored in a version that is not the storage version
)

// Definitions judges definitions of custom resources, and resources by the definitions of the cluster that they are in.
func Definitions(defs []crd.Definition, resources []object.Object, target upgrade.Minor) []Finding {
	var found []Finding
	for _, d := range defs {
		found = append(found, judgeDefinition(d)...)
		for _, o := range resources {
			version, of := strings.CutPrefix(o.APIVersion, d.Spec.Group+"/")
			if v, ok := d.Version(version); of && ok && o.Kind == d.Spec.Names.Kind && o.File == d.File {
				why := "its definition marks the version as deprecated"
				if v.Warning != "" {
					why += ": " + v.Warning
				}
				found = append(found, Custom(o, upgrade.Minor{}, target, why))
			}
		}
	}
	return found
}

// Resources judges definitions that are among the files, and the custom resources among them by these. Where there are several of a
// kind, one that serves the version is enough.
func Resources(defs []crd.Definition, objects []object.Object, target upgrade.Minor) []Finding {
	var found []Finding
	type kind struct{ group, kind string }
	of := map[kind][]crd.Definition{}
	for _, d := range defs {
		for _, f := range judgeDefinition(d) {
			if f.ID == CRDDeprecated {
				f.Severity = diag.Info // it is for those who use the version, whose objects are judged
			}
			found = append(found, f)
		}
		k := kind{d.Spec.Group, d.Spec.Names.Kind}
		of[k] = append(of[k], d)
	}
	for _, o := range objects {
		group, version, _ := strings.Cut(o.APIVersion, "/")
		if defs := of[kind{group, o.Kind}]; len(defs) > 0 && o.Before.IsZero() && o.Unreached == "" {
			if f, ok := judgeResource(o, version, defs, target); ok {
				found = append(found, f)
			}
		}
	}
	return found
}

// judgeResource judges a custom resource by the definitions of its kind.
func judgeResource(o object.Object, version string, defs []crd.Definition, target upgrade.Minor) (Finding, bool) {
	var defined, served, names []string
	warning := ""
	for _, d := range defs {
		for _, v := range d.Spec.Versions {
			if v.Served && !v.Deprecated {
				names = append(names, v.Name)
			}
		}
		v, ok := d.Version(version)
		switch {
		case !ok:
		case v.Served && !v.Deprecated:
			return Finding{}, false
		case v.Served:
			served, warning = append(served, version), v.Warning
		default:
			defined = append(defined, version)
		}
	}
	slices.Sort(names)
	use := ""
	if names = slices.Compact(names); len(names) > 0 {
		use = "; use " + strings.Join(names, " or ")
	}
	switch {
	case len(served) > 0 && warning != "":
		return Custom(o, upgrade.Minor{}, target, "its definition marks the version as deprecated: "+warning), true
	case len(served) > 0:
		return Custom(o, upgrade.Minor{}, target, "its definition marks the version as deprecated"+use), true
	case len(defined) > 0:
		return about(o, CRDUnserved, diag.Error, "its definition does not serve the version"+use), true
	}
	return about(o, CRDUndefined, diag.Error, "its definition does not have the version"+use), true
}

// judgeDefinition finds what is old in a definition itself.
func judgeDefinition(d crd.Definition) []Finding {
	var found []Finding
	add := func(id string, severity diag.Severity, format string, args ...any) {
		f := Finding{Source: d.Source, Group: "apiextensions.k8s.io", APIVersion: "apiextensions.k8s.io/v1",
			Kind: "CustomResourceDefinition", Name: d.Metadata.Name}
		f.ID, f.Severity, f.Position = id, severity, d.Position
		f.Message = fmt.Sprintf("CustomResourceDefinition %q: ", d.Metadata.Name) + fmt.Sprintf(format, args...)
		found = append(found, f)
	}
	for _, v := range d.Spec.Versions {
		switch {
		case v.Served && v.Deprecated:
			add(CRDDeprecated, diag.Warning, "%s", strings.TrimSuffix("version "+v.Name+" is deprecated: "+v.Warning, ": "))
		case !v.Served && !v.Storage:
			add(CRDUnserved, diag.Info, "version %s is defined and not served any more", v.Name)
		}
	}
	for _, name := range d.Status.StoredVersions {
		v, defined := d.Version(name)
		switch {
		case v.Storage:
		case !defined || !v.Served || v.Deprecated:
			add(CRDStored, diag.Warning,
				"objects may still be stored as %s, which goes away: rewrite them, then take %s out of status.storedVersions", name, name)
		default:
			add(CRDStored, diag.Info, "objects may still be stored as %s, which is not the storage version", name)
		}
	}
	return found
}
