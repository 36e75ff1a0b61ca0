package input

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/upgrade/actual"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/inventory"
	"treadmill/upgrade/kube"
)

// TakeInventory reads what clusters say of themselves, side by side. One that does not answer is a finding.
func TakeInventory(ctx context.Context, a *app.App, clusters []*kube.Cluster, releases bool) ([]actual.Cluster, []diag.Finding, error) {
	if len(clusters) == 0 {
		return nil, nil, fmt.Errorf("there is no cluster to read: the kubeconfig has no contexts")
	}
	table, err := Addons(a)
	if err != nil {
		return nil, nil, err
	}
	defer ShowProgress(a, clusters)()
	found, gaps := make([]*actual.Cluster, len(clusters)), make([][]diag.Finding, len(clusters))
	var wait sync.WaitGroup
	for i, c := range clusters {
		wait.Go(func() { found[i], gaps[i] = describe(ctx, c, table, releases) })
	}
	wait.Wait()
	var all []actual.Cluster
	var findings []diag.Finding
	for i := range clusters {
		if findings = append(findings, gaps[i]...); found[i] != nil {
			all = append(all, *found[i])
		}
	}
	return all, findings, ctx.Err()
}

// describe reads one cluster, nil when it does not answer.
func describe(ctx context.Context, c *kube.Cluster, table addons.Table, releases bool) (*actual.Cluster, []diag.Finding) {
	facts, gaps, err := c.Facts(ctx, releases)
	out := actual.Cluster{Facts: facts, Server: c.Server()}
	if err == nil {
		out.Cluster, err = inventory.Describe(facts, table)
	}
	if err != nil {
		return nil, append(gaps, diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: "context " + c.Name},
			Message: "the cluster cannot be read: " + app.Cause(err).Error()})
	}
	return &out, gaps
}

// OldFleet is the text of the fleet file to merge into; one that is to be written may be new.
func OldFleet(a *app.App, file string, write bool) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	in, err := a.Read(file)
	if write && errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return in.Data, err
}

// MergeInto is that text with what clusters say merged into it.
func MergeInto(file string, old []byte, found []actual.Cluster) ([]byte, []inventory.Change, error) {
	var clusters []inventory.Cluster
	for _, c := range found {
		clusters = append(clusters, c.Cluster)
	}
	merged, changes, err := inventory.Merge(old, clusters)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", file, err)
	}
	return merged, changes, nil
}
