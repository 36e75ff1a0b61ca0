// Package live finds in clusters which objects are written through API versions that go away, which custom resources keep
// old versions, which Helm releases would apply old manifests, and which deprecated APIs are called.
//
// The way through it: a kube.Cluster → Objects, Releases, Calls → what package scan judges.
//
// An object that lives in a cluster has no API version of its own: the server converts. What counts as use of version V:
//   - a field manager wrote the object last through V (metadata.managedFields);
//   - the object has no managed fields, and the annotation last-applied-configuration names V;
//   - the object has neither, and the cluster serves it in no version that stays.
//
// What does not count: an annotation that names V while managed fields show no writer through V (kubectl wrote the
// annotation long ago; nobody uses V now); a version that the cluster itself no longer serves (nobody can be calling
// it); the control plane's own writers, which an upgrade replaces. Such leftovers are counted in Result.Stale.
// Kinds that the target leaves alone, and custom resources without deprecated versions, are not listed at all.
package live

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/crd"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/kube"
)

// Result is what was found in a cluster.
type Result struct {
	Objects     []object.Object  // objects in use through API versions that fade at the target, one for each version
	Custom      []object.Object  // custom resources in use through versions that their definitions deprecate
	Definitions []crd.Definition // of custom resources
	Findings    []diag.Finding   // what could not be seen
	Seen        int              // how many objects were looked at
	Stale       int              // objects with leftovers of fading versions that do not count as use: see the package comment
}

// Add takes another result in.
func (r *Result) Add(other Result) {
	r.Objects = append(r.Objects, other.Objects...)
	r.Custom = append(r.Custom, other.Custom...)
	r.Definitions = append(r.Definitions, other.Definitions...)
	r.Findings = append(r.Findings, other.Findings...)
	r.Seen += other.Seen
	r.Stale += other.Stale
}

// sort gives the parts of a result their total orders.
func (r *Result) sort() {
	slices.SortFunc(r.Objects, object.Compare)
	slices.SortFunc(r.Custom, object.Compare)
	diag.Sort(r.Findings)
}

// Objects finds the objects that are in use through API versions which the target deprecates or removes, by the rule of
// the package comment. What may not be listed is a finding. The error is one of reaching the cluster at all.
func Objects(ctx context.Context, c *kube.Cluster, table *lifecycle.Table, target upgrade.Minor) (Result, error) {
	served, failed, err := c.Discover(ctx)
	if err != nil {
		return Result{}, err
	}
	s := survey{cluster: c, table: table, target: target, served: map[lifecycle.GVK]kube.Resource{}}
	for _, r := range served {
		s.served[gvk(r)] = r
	}
	for gv, err := range failed {
		if s.knows(gv) {
			s.result.Findings = append(s.result.Findings, c.Unread("the API group version "+gv, err))
		}
	}
	if err := c.There(ctx); err != nil {
		return Result{}, err
	}
	var work []func() Result
	for _, l := range s.lists(served) {
		work = append(work, func() Result { return s.list(ctx, l) })
	}
	if crds, ok := s.definitions(); ok {
		work = append(work, func() Result { return s.custom(ctx, crds, served) })
	}
	s.result.Add(s.parallel(work))
	s.result.sort()
	return s.result, ctx.Err()
}

func gvk(r kube.Resource) lifecycle.GVK {
	return lifecycle.GVK{Group: r.Group, Version: r.Version, Kind: r.Kind}
}

// parallel does pieces of work, some at a time.
func (s *survey) parallel(work []func() Result) Result {
	var all Result
	var mu sync.Mutex
	var lists []func()
	for _, do := range work {
		lists = append(lists, func() {
			r := do()
			mu.Lock()
			all.Add(r)
			mu.Unlock()
		})
	}
	s.cluster.Parallel(lists)
	return all
}

// survey is one reading of a cluster.
type survey struct {
	cluster *kube.Cluster
	table   *lifecycle.Table
	target  upgrade.Minor
	served  map[lifecycle.GVK]kube.Resource
	result  Result
}

// fades reports whether the target deprecates or removes an API version.
func (s *survey) fades(k lifecycle.GVK) bool {
	api, ok := s.table.Find(k)
	return ok && api.DeprecatedAt(s.target)
}

// counts reports whether use of an API version matters: it fades, and somebody can be calling it.
func (s *survey) counts(k lifecycle.GVK) bool {
	_, ok := s.served[k]
	return ok && s.fades(k)
}

// knows reports whether the table has an API of a group version.
func (s *survey) knows(groupVersion string) bool {
	return slices.ContainsFunc(s.table.APIs, func(a lifecycle.API) bool { return a.APIVersion() == groupVersion })
}

// lists chooses what to list: every kind of which the cluster serves a version that fades, each through a version that
// stays where there is one, so that the scan itself calls no deprecated API.
func (s *survey) lists(served []kube.Resource) []kube.Resource {
	chosen := map[string]kube.Resource{}
	for _, r := range served {
		if s.fades(gvk(r)) && r.Listable() && (r.Namespaced || s.cluster.Namespace == "") {
			through := s.through(r, served)
			chosen[through.Path("")] = through
		}
	}
	var out []kube.Resource
	for _, r := range chosen {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b kube.Resource) int { return cmp.Compare(a.Path(""), b.Path("")) })
	return out
}

// through finds the version of a resource to list it by: of its own group, or of that to which the kind has moved.
func (s *survey) through(r kube.Resource, served []kube.Resource) kube.Resource {
	for _, other := range served {
		if other.Group == r.Group && other.Plural == r.Plural && !s.fades(gvk(other)) && other.Listable() {
			return other
		}
	}
	if api, ok := s.table.Find(gvk(r)); ok && api.Replacement.Kind == r.Kind {
		if other, ok := s.served[api.Replacement]; ok && !s.fades(gvk(other)) && other.Listable() {
			return other
		}
	}
	return r
}

// list reads one resource and keeps the objects in use through versions that fade.
func (s *survey) list(ctx context.Context, r kube.Resource) Result {
	return s.judge(ctx, r, s.counts, s.fades)
}

// judge lists a resource and applies the rule of use to each of its objects.
func (s *survey) judge(ctx context.Context, r kube.Resource, counts, fades func(lifecycle.GVK) bool) Result {
	var out Result
	c := s.cluster
	stale, seen := 0, 0
	objects, err := kube.List(ctx, c, r.Path(c.Namespace), nil, func(m kube.Metadata) []object.Object {
		found, old := uses(m, r.Kind, gvk(r).APIVersion(), counts, fades)
		seen++
		if old && len(found) == 0 {
			stale++
		}
		var kept []object.Object
		for _, u := range found {
			kept = append(kept, object.Object{Source: object.Live, APIVersion: u.apiVersion, Kind: r.Kind,
				Namespace: strings.Clone(m.Namespace), Name: strings.Clone(m.Name), Owner: u.owner, Position: c.At()})
		}
		return kept
	})
	if err != nil {
		out.Findings = append(out.Findings, c.Unread(r.String(), err))
		return out
	}
	out.Objects, out.Seen, out.Stale = objects, seen, stale
	return out
}

// definitions is the resource of custom resource definitions, where the cluster serves it in the version that is read.
func (s *survey) definitions() (kube.Resource, bool) {
	r, ok := s.served[lifecycle.GVK{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}]
	return r, ok && s.cluster.Namespace == ""
}
