package kube

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/scan"
)

// workers is how many lists of one cluster are read at the same time. The server's priority and fairness does the rest:
// it answers 429 when it wants less, and is then left alone for as long as it asks.
const workers = 4

// Result is what was found in a cluster.
type Result struct {
	Objects  []read.Object  // objects in use through API versions that fade at the target, one for each version
	Custom   []scan.Finding // of custom resources and their definitions
	Findings []diag.Finding // what could not be seen
	Seen     int            // how many objects were looked at
	Stale    int            // objects with leftovers of fading versions that do not count as use: see the package comment
}

// add takes another result in.
func (r *Result) add(other Result) {
	r.Objects = append(r.Objects, other.Objects...)
	r.Custom = append(r.Custom, other.Custom...)
	r.Findings = append(r.Findings, other.Findings...)
	r.Seen += other.Seen
	r.Stale += other.Stale
}

// sort gives the parts of a result their total orders.
func (r *Result) sort() {
	slices.SortFunc(r.Objects, read.Compare)
	scan.Sort(r.Custom)
	diag.Sort(r.Findings)
}

// Objects finds the objects that are in use through API versions which the target deprecates or removes, by the rule of
// the package comment. What may not be listed is a finding. The error is one of reaching the cluster at all.
func (c *Cluster) Objects(ctx context.Context, table *lifecycle.Table, target upgrade.Minor) (Result, error) {
	served, failed, err := c.discover(ctx)
	if err != nil {
		return Result{}, err
	}
	s := survey{cluster: c, table: table, target: target, served: map[lifecycle.GVK]resource{}}
	for _, r := range served {
		s.served[r.GVK] = r
	}
	for gv, err := range failed {
		if s.knows(gv) {
			s.result.Findings = append(s.result.Findings, c.unread("the API group version "+gv, err))
		}
	}
	if err := c.there(ctx); err != nil {
		return Result{}, err
	}
	var work []func() Result
	for _, l := range s.lists(served) {
		work = append(work, func() Result { return s.list(ctx, l) })
	}
	if crds, ok := s.definitions(); ok {
		work = append(work, func() Result { return s.custom(ctx, crds, served) })
	}
	s.result.add(c.parallel(work))
	s.result.sort()
	return s.result, ctx.Err()
}

// there makes sure that the namespace to look at exists, as far as the user may see it: of one that does not, an API server
// lists nothing and reports no error.
func (c *Cluster) there(ctx context.Context) error {
	if c.Namespace == "" {
		return nil
	}
	var answer struct{}
	if err := c.document(ctx, "/api/v1/namespaces/"+url.PathEscape(c.Namespace), "application/json", &answer); code(err) == http.StatusNotFound {
		return fmt.Errorf("the namespace %s: %w", c.Namespace, err)
	}
	return ctx.Err()
}

// parallel does pieces of work, some at a time.
func (c *Cluster) parallel(work []func() Result) Result {
	var all Result
	var mu sync.Mutex
	var wait sync.WaitGroup
	c.lists.Add(int64(len(work)))
	queue := make(chan func() Result)
	for range min(workers, len(work)) {
		wait.Go(func() {
			for do := range queue {
				r := do()
				c.listed.Add(1)
				mu.Lock()
				all.add(r)
				mu.Unlock()
			}
		})
	}
	for _, do := range work {
		queue <- do
	}
	close(queue)
	wait.Wait()
	return all
}

// survey is one reading of a cluster.
type survey struct {
	cluster *Cluster
	table   *lifecycle.Table
	target  upgrade.Minor
	served  map[lifecycle.GVK]resource
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
func (s *survey) lists(served []resource) []resource {
	chosen := map[string]resource{}
	for _, r := range served {
		if s.fades(r.GVK) && r.listable() && (r.namespaced || s.cluster.Namespace == "") {
			through := s.through(r, served)
			chosen[through.path("")] = through
		}
	}
	var out []resource
	for _, r := range chosen {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b resource) int { return cmp.Compare(a.path(""), b.path("")) })
	return out
}

// through finds the version of a resource to list it by: of its own group, or of that to which the kind has moved.
func (s *survey) through(r resource, served []resource) resource {
	for _, other := range served {
		if other.Group == r.Group && other.plural == r.plural && !s.fades(other.GVK) && other.listable() {
			return other
		}
	}
	if api, ok := s.table.Find(r.GVK); ok && api.Replacement.Kind == r.Kind {
		if other, ok := s.served[api.Replacement]; ok && !s.fades(other.GVK) && other.listable() {
			return other
		}
	}
	return r
}

// list reads one resource and keeps the objects in use through versions that fade.
func (s *survey) list(ctx context.Context, r resource) Result {
	return s.cluster.judge(ctx, r, s.counts, s.fades)
}

// judge lists a resource and applies the rule of use to each of its objects.
func (c *Cluster) judge(ctx context.Context, r resource, counts, fades func(lifecycle.GVK) bool) Result {
	var out Result
	stale, seen := 0, 0
	objects, err := list(ctx, c, r.path(c.Namespace), nil, func(m meta) []read.Object {
		found, old := uses(m, r.Kind, r.APIVersion(), counts, fades)
		seen++
		if old && len(found) == 0 {
			stale++
		}
		var kept []read.Object
		for _, u := range found {
			kept = append(kept, read.Object{Source: read.Live, APIVersion: u.apiVersion, Kind: r.Kind,
				Namespace: strings.Clone(m.namespace), Name: strings.Clone(m.name), Owner: u.owner, Position: c.at()})
		}
		return kept
	})
	if err != nil {
		out.Findings = append(out.Findings, c.unread(r.String(), err))
		return out
	}
	out.Objects, out.Seen, out.Stale = objects, seen, stale
	return out
}

// definitions is the resource of custom resource definitions, where the cluster serves it in the version that is read.
func (s *survey) definitions() (resource, bool) {
	r, ok := s.served[lifecycle.GVK{Group: "apiextensions.k8s.io", Version: "v1", Kind: "CustomResourceDefinition"}]
	return r, ok && s.cluster.Namespace == ""
}

// Version is what the API server says it is, such as "v1.34.2-eks-1234567".
func (c *Cluster) Version(ctx context.Context) (string, error) {
	var v struct {
		GitVersion string `json:"gitVersion"`
	}
	if err := c.document(ctx, "/version", "application/json", &v); err != nil {
		return "", fmt.Errorf("read the version: %w", err)
	}
	return v.GitVersion, nil
}
