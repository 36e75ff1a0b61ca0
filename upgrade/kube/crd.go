package kube

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/scan"
)

// The IDs of findings about definitions of custom resources.
const (
	CRDDeprecated = "crd/deprecated" // a version is served and marked as deprecated
	CRDUnserved   = "crd/unserved"   // a version is defined and not served
	CRDStored     = "crd/stored"     // objects may still be stored in a version that is not the storage version
)

// crdPage is how many definitions one page has: with their schemas they can be large.
const crdPage = 50

// definition is what is read of a CustomResourceDefinition.
type definition struct {
	Metadata struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		Group string `json:"group"`
		Names struct {
			Kind   string `json:"kind"`
			Plural string `json:"plural"`
		} `json:"names"`
		Versions []crdVersion `json:"versions"`
	} `json:"spec"`
	Status struct {
		StoredVersions []string `json:"storedVersions"`
	} `json:"status"`
}

type crdVersion struct {
	Name       string `json:"name"`
	Served     bool   `json:"served"`
	Storage    bool   `json:"storage"`
	Deprecated bool   `json:"deprecated"`
	Warning    string `json:"deprecationWarning"`
}

// custom reads the definitions of custom resources, judges them, and lists the resources that have deprecated versions.
func (s *survey) custom(ctx context.Context, r resource, served []resource) Result {
	defs, err := pages(ctx, s.cluster, r.path(""), nil, "application/json", crdPage, func(resp *http.Response, kept *[]definition, seen *int) (string, error) {
		return jsonList(resp.Body, func(d definition) { *seen++; *kept = append(*kept, d) })
	})
	if err != nil {
		return Result{Findings: []diag.Finding{s.cluster.unread(r.String(), err)}}
	}
	out := Result{Seen: len(defs)}
	var work []func() Result
	for _, d := range defs {
		out.Custom = append(out.Custom, d.judge(s.cluster.at())...)
		if through, ok := d.through(served); ok {
			work = append(work, func() Result { return s.objectsOf(ctx, d, through) })
		}
	}
	out.add(s.cluster.parallel(work))
	return out
}

// objectsOf finds the custom resources that are in use through deprecated versions.
func (s *survey) objectsOf(ctx context.Context, d definition, through resource) Result {
	warnings := map[string]string{}
	for _, v := range d.Spec.Versions {
		if v.Deprecated && v.Served {
			warnings[d.Spec.Group+"/"+v.Name] = v.Warning
		}
	}
	counts := func(k lifecycle.GVK) bool { _, ok := warnings[k.APIVersion()]; return ok && !s.fades(k) }
	out := s.cluster.judge(ctx, through, counts, counts)
	for _, o := range out.Objects {
		why := "its definition marks the version as deprecated"
		if w := warnings[o.APIVersion]; w != "" {
			why += ": " + w
		}
		out.Custom = append(out.Custom, scan.Custom(o, upgrade.Minor{}, s.target, why))
	}
	out.Objects = nil
	return out
}

// through finds the version to list the resources by, where a served version is deprecated: one that is not, or else that one.
func (d definition) through(served []resource) (resource, bool) {
	i := slices.IndexFunc(d.Spec.Versions, func(v crdVersion) bool { return v.Served && v.Deprecated })
	if i < 0 {
		return resource{}, false
	}
	if j := slices.IndexFunc(d.Spec.Versions, func(v crdVersion) bool { return v.Served && !v.Deprecated }); j >= 0 {
		i = j
	}
	want := lifecycle.GVK{Group: d.Spec.Group, Version: d.Spec.Versions[i].Name, Kind: d.Spec.Names.Kind}
	for _, r := range served {
		if r.GVK == want && r.plural == d.Spec.Names.Plural {
			return r, true
		}
	}
	return resource{GVK: want, plural: d.Spec.Names.Plural}, true
}

// judge finds what is old in a definition itself.
func (d definition) judge(at diag.Position) []scan.Finding {
	var found []scan.Finding
	add := func(id string, severity diag.Severity, format string, args ...any) {
		f := scan.Finding{Source: read.Live, Group: "apiextensions.k8s.io", APIVersion: "apiextensions.k8s.io/v1",
			Kind: "CustomResourceDefinition", Name: d.Metadata.Name}
		f.ID, f.Severity, f.Position = id, severity, at
		f.Message = fmt.Sprintf("CustomResourceDefinition %q: ", d.Metadata.Name) + fmt.Sprintf(format, args...)
		found = append(found, f)
	}
	byName := map[string]crdVersion{}
	for _, v := range d.Spec.Versions {
		byName[v.Name] = v
		switch {
		case v.Served && v.Deprecated:
			add(CRDDeprecated, diag.Warning, "%s", strings.TrimSuffix("version "+v.Name+" is deprecated: "+v.Warning, ": "))
		case !v.Served && !v.Storage:
			add(CRDUnserved, diag.Info, "version %s is defined and not served any more", v.Name)
		}
	}
	for _, name := range d.Status.StoredVersions {
		v, defined := byName[name]
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
