package scan

import (
	"fmt"
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
			add(CRDStored, diag.Warning, "objects may still be stored as %s, which goes away: rewrite them, then take %s out of status.storedVersions", name, name)
		default:
			add(CRDStored, diag.Info, "objects may still be stored as %s, which is not the storage version", name)
		}
	}
	return found
}
