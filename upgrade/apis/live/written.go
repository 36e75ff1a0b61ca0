package live

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/crd"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/kube"
)

// Written is an object and who writes it through which API version. Its status, the control plane's own writers, and versions that the
// cluster does not serve are left aside.
type Written struct {
	Group, Kind, Namespace, Name string
	Owner                        string // the controller that made it: "ReplicaSet web-1"; "" for none
	By                           []By
}

// By is a field manager that writes an object through an API version, and when it last did.
type By struct {
	Manager, APIVersion string
	At                  time.Time
}

// Writing is who writes the objects of a cluster, and its definitions of custom resources.
type Writing struct {
	Objects     []Written
	Definitions []crd.Definition
	Findings    []diag.Finding // what could not be seen
}

// GroupKind is a kind in an API group, whatever the version.
type GroupKind struct{ Group, Kind string }

// Writers reads who writes the objects of kinds that fade at the target, and of the kinds that are asked for where the cluster serves
// several versions of them. The error is one of reaching the cluster at all.
func Writers(
	ctx context.Context,
	c *kube.Cluster,
	table *lifecycle.Table,
	target upgrade.Minor,
	asked map[GroupKind]bool,
) (Writing, error) {
	served, failed, err := c.Discover(ctx)
	if err != nil {
		return Writing{}, err
	}
	s := survey{cluster: c, table: table, target: target, served: map[lifecycle.GVK]kube.Resource{}}
	for _, r := range served {
		s.served[gvk(r)] = r
	}
	var out Writing
	for gv, err := range failed {
		out.Findings = append(out.Findings, c.Unread("the API group version "+gv, err))
	}
	lists := s.lists(served)
	for _, r := range served {
		several := slices.ContainsFunc(served, func(o kube.Resource) bool {
			return o.Group == r.Group && o.Plural == r.Plural && o.Version != r.Version
		})
		if asked[GroupKind{r.Group, r.Kind}] && several && r.Listable() &&
			!slices.ContainsFunc(lists, func(o kube.Resource) bool { return o.Group == r.Group && o.Plural == r.Plural }) {
			lists = append(lists, r)
		}
	}
	parts := make([]Writing, len(lists)+1)
	var work []func()
	for i, r := range lists {
		work = append(work, func() { parts[i] = s.writers(ctx, r) })
	}
	if r, ok := s.definitions(); ok {
		work = append(work, func() { parts[len(lists)] = s.defined(ctx, r) })
	}
	c.Parallel(work)
	for _, p := range parts {
		out.Objects, out.Definitions, out.Findings = append(
			out.Objects,
			p.Objects...), append(
			out.Definitions,
			p.Definitions...), append(
			out.Findings,
			p.Findings...)
	}
	slices.SortFunc(out.Objects, func(a, b Written) int {
		return cmp.Or(
			cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Group, b.Group),
			cmp.Compare(a.Namespace, b.Namespace),
			cmp.Compare(a.Name, b.Name),
		)
	})
	diag.Sort(out.Findings)
	return out, ctx.Err()
}

// writers lists a resource. What Argo CD and Flux are told to leave alone is left alone.
func (s *survey) writers(ctx context.Context, r kube.Resource) Writing {
	objects, err := kube.List(ctx, s.cluster, r.Path(s.cluster.Namespace), nil, func(m kube.Metadata) []Written {
		w := Written{Group: r.Group, Kind: r.Kind, Namespace: strings.Clone(m.Namespace), Name: strings.Clone(m.Name), Owner: m.Controller}
		for _, f := range m.Writers {
			if _, ok := s.served[lifecycle.ParseGVK(f.APIVersion, r.Kind)]; ok && f.Subresource == "" && !controlPlane(f.Manager) {
				w.By = append(w.By, By{f.Manager, f.APIVersion, f.At})
			}
		}
		if m.LeftAlone || len(w.By) == 0 {
			return nil
		}
		return []Written{w}
	})
	if err != nil {
		return Writing{Findings: []diag.Finding{s.cluster.Unread(r.String(), err)}}
	}
	return Writing{Objects: objects}
}

// defined reads the definitions of custom resources.
func (s *survey) defined(ctx context.Context, r kube.Resource) Writing {
	defs, err := kube.Items(ctx, s.cluster, r.Path(""), nil, crdPage, func(d crd.Definition) []crd.Definition {
		d.Source, d.Position = object.Live, s.cluster.At()
		return []crd.Definition{d}
	})
	if err != nil {
		return Writing{Findings: []diag.Finding{s.cluster.Unread(r.String(), err)}}
	}
	return Writing{Definitions: defs}
}
