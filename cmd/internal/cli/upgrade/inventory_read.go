package upgrade

import (
	"context"
	"fmt"
	"os"
	"sync"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/inventory"
	"treadmill/upgrade/kube"
)

// oldFleet reads the file to merge into; with --write it may be new.
func oldFleet(a *app.App, file string, write bool) ([]byte, error) {
	if file == "" {
		return nil, nil
	}
	if _, err := os.Stat(file); write && os.IsNotExist(err) {
		return nil, nil
	}
	in, err := a.Read(file)
	return in.Data, err
}

// takeInventory reads clusters side by side. One that does not answer is a finding.
func takeInventory(ctx context.Context, a *app.App, flags *input.ClusterFlags, releases bool) ([]inventory.Cluster, []diag.Finding, error) {
	clusters, err := input.ConnectClusters(a, flags)
	if err != nil {
		return nil, nil, err
	}
	if len(clusters) == 0 {
		return nil, nil, fmt.Errorf("there is no cluster to read: the kubeconfig has no contexts")
	}
	table, err := input.Addons(a)
	if err != nil {
		return nil, nil, err
	}
	defer input.ShowProgress(a, clusters)()
	found, gaps := make([]*inventory.Cluster, len(clusters)), make([][]diag.Finding, len(clusters))
	var wait sync.WaitGroup
	for i, c := range clusters {
		wait.Go(func() { found[i], gaps[i] = describe(ctx, c, table, releases) })
	}
	wait.Wait()
	var all []inventory.Cluster
	var findings []diag.Finding
	for i := range clusters {
		if findings = append(findings, gaps[i]...); found[i] != nil {
			all = append(all, *found[i])
		}
	}
	return all, findings, ctx.Err()
}

// describe reads one cluster, nil when it does not answer.
func describe(ctx context.Context, c *kube.Cluster, table addons.Table, releases bool) (*inventory.Cluster, []diag.Finding) {
	facts, gaps, err := c.Facts(ctx, releases)
	var cluster inventory.Cluster
	if err == nil {
		cluster, err = inventory.Describe(facts, table)
	}
	if err != nil {
		return nil, append(gaps, diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: "context " + c.Name},
			Message: "the cluster cannot be read: " + app.Cause(err).Error()})
	}
	return &cluster, gaps
}

// inventoryData is the machine shape of `upgrade inventory`.
type inventoryData struct {
	Changes  []inventory.Change `json:"changes"`
	Clusters []inventoryCluster `json:"clusters"`
	Findings []diag.Finding     `json:"findings"`
	Version  int                `json:"version"`
}

// inventoryCluster is one cluster as it says itself.
type inventoryCluster struct {
	Addons   []inventoryItem `json:"addons"`
	Context  string          `json:"context"`
	Name     string          `json:"name"`
	Nodes    []inventoryItem `json:"nodes"`
	Provider string          `json:"provider"`
	Region   string          `json:"region"`
	Version  upgrade.Minor   `json:"version"`
}

// inventoryItem is a node pool or an add-on.
type inventoryItem struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

func inventoryItems(items []inventory.Item) []inventoryItem {
	out := []inventoryItem{}
	for _, i := range items {
		out = append(out, inventoryItem{i.Name, i.Version})
	}
	return out
}

// inventoryView shows what was found and what changes in the file.
func inventoryView(found []inventory.Cluster, changes []inventory.Change, findings []diag.Finding) report.View {
	t := report.Table{Columns: []report.Column{{Name: "cluster"}, {Name: "change"}}}
	for _, c := range changes {
		t.Rows = append(t.Rows, report.Row{Cells: []string{c.Cluster, c.What}})
	}
	clusters := []inventoryCluster{}
	for _, c := range found {
		clusters = append(clusters, inventoryCluster{Name: c.Name, Context: c.Context, Provider: c.Provider, Version: c.Version, Region: c.Region,
			Nodes: inventoryItems(c.Nodes), Addons: inventoryItems(c.Addons)})
	}
	return report.View{Tables: []report.Table{t}, Findings: findings,
		Lead: []string{fmt.Sprintf("%s read, %s.", app.Count(len(found), "cluster", "clusters"), app.Count(len(changes), "change", "changes"))},
		Data: inventoryData{Version: 1, Clusters: clusters, Changes: app.List(changes), Findings: app.List(findings)}}
}
