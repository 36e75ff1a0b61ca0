package drift

import (
	"context"
	"slices"
	"sync"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/upgrade"
	"treadmill/upgrade/actual"
	"treadmill/upgrade/apis"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/live"
	"treadmill/upgrade/apis/render/helm"
)

// apis compares the objects of manifests with those of the clusters.
func (c *comparison) apis(ctx context.Context) error {
	table, err := lifecycle.Load()
	if err != nil {
		return err
	}
	tree, err := c.tree(ctx, table)
	if err != nil {
		return err
	}
	kinds := tree.Kinds()
	parts := make([]live.Writing, len(c.contexts))
	lost := make([]error, len(c.contexts))
	var wait sync.WaitGroup
	for i, k := range c.contexts {
		wait.Go(func() { parts[i], lost[i] = live.Writers(ctx, k, table, tree.Target, kinds) })
	}
	wait.Wait()
	var sides []actual.APISide
	for i, k := range c.contexts {
		name, alike := c.named(k.Name)
		if lost[i] != nil {
			parts[i].Findings = append(parts[i].Findings, k.Unread("the cluster", app.Cause(lost[i])))
		}
		c.findings = append(c.findings, parts[i].Findings...)
		c.compared = append(c.compared, drift.Compared{Kind: drift.APIs, Cluster: name, Context: k.Name, None: lost[i] != nil,
			Hidden: len(parts[i].Findings) > 0})
		if lost[i] == nil {
			sides = append(sides, actual.APISide{Cluster: name, Context: k.Name, Alike: alike, Writing: parts[i]})
		}
	}
	c.found = append(c.found, actual.APIs(tree, sides)...)
	return ctx.Err()
}

// tree reads the manifests; charts are rendered for the newest version that a cluster runs.
func (c *comparison) tree(ctx context.Context, table *lifecycle.Table) (actual.Tree, error) {
	newest := upgrade.Minor{}
	for _, l := range c.live {
		if newest.Less(l.Version) {
			newest = l.Version
		}
	}
	if newest.IsZero() || table.Newest.Less(newest) {
		newest = table.Newest
	}
	names, problems := c.app.Expand(c.manifests)
	target := helm.Target{Version: newest, APIs: table.Served(newest), Known: table.Known}
	r := apis.Reader{Open: c.app.OpenAny, Quiet: c.app.Env.Quiet, Targets: []helm.Target{target}}
	files, err := r.Read(ctx, names)
	if err != nil {
		return actual.Tree{}, err
	}
	for _, f := range slices.Concat(problems, files.Findings) {
		if f.Severity > diag.Info {
			c.findings = append(c.findings, f)
		}
	}
	return actual.Tree{Objects: files.Objects, Table: table, Target: table.Newest}, nil
}
