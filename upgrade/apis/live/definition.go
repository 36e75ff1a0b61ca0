package live

import (
	"context"
	"slices"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/crd"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/kube"
)

// crdPage is how many definitions one page has: with their schemas they can be large.
const crdPage = 50

// custom reads the definitions of custom resources, and lists the resources that have deprecated versions.
func (s *survey) custom(ctx context.Context, r kube.Resource, served []kube.Resource) Result {
	keep := func(d crd.Definition) []crd.Definition {
		d.Source, d.Position = object.Live, s.cluster.At()
		return []crd.Definition{d}
	}
	defs, err := kube.Items(ctx, s.cluster, r.Path(""), nil, crdPage, keep)
	if err != nil {
		return Result{Findings: []diag.Finding{s.cluster.Unread(r.String(), err)}}
	}
	out := Result{Seen: len(defs), Definitions: defs}
	var work []func() Result
	for _, d := range defs {
		if through, ok := listBy(d, served); ok {
			work = append(work, func() Result { return s.objectsOf(ctx, d, through) })
		}
	}
	out.Add(s.parallel(work))
	return out
}

// objectsOf finds the custom resources that are in use through deprecated versions.
func (s *survey) objectsOf(ctx context.Context, d crd.Definition, through kube.Resource) Result {
	counts := func(k lifecycle.GVK) bool {
		v, _ := d.Version(k.Version)
		return k.Group == d.Spec.Group && v.Deprecated && v.Served && !s.fades(k)
	}
	out := s.judge(ctx, through, counts, counts)
	out.Custom, out.Objects = out.Objects, nil
	return out
}

// listBy finds the version to list the resources by, where a served version is deprecated: one that is not, or else that one.
func listBy(d crd.Definition, served []kube.Resource) (kube.Resource, bool) {
	i := slices.IndexFunc(d.Spec.Versions, func(v crd.Version) bool { return v.Served && v.Deprecated })
	if i < 0 {
		return kube.Resource{}, false
	}
	if j := slices.IndexFunc(d.Spec.Versions, func(v crd.Version) bool { return v.Served && !v.Deprecated }); j >= 0 {
		i = j
	}
	want := kube.Resource{Group: d.Spec.Group, Version: d.Spec.Versions[i].Name, Kind: d.Spec.Names.Kind, Plural: d.Spec.Names.Plural}
	for _, r := range served {
		if gvk(r) == gvk(want) && r.Plural == want.Plural {
			return r, true
		}
	}
	return want, true
}
