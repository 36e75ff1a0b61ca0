package upgrade

import (
	"fmt"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/actual"
	"treadmill/upgrade/inventory"
)

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
func inventoryView(found []actual.Cluster, changes []inventory.Change, findings []diag.Finding) report.View {
	t := report.Table{Columns: []report.Column{{Name: "cluster"}, {Name: "change"}}}
	for _, c := range changes {
		t.Rows = append(t.Rows, report.Row{Cells: []string{c.Cluster, c.What}})
	}
	clusters := []inventoryCluster{}
	for _, c := range found {
		clusters = append(clusters, inventoryCluster{Name: c.Name, Context: c.Context, Provider: c.Provider, Version: c.Version, Region: c.Region,
			Nodes: inventoryItems(c.Nodes), Addons: inventoryItems(c.Cluster.Addons)})
	}
	return report.View{Tables: []report.Table{t}, Findings: findings,
		Lead: []string{fmt.Sprintf("%s read, %s.", app.Count(len(found), "cluster", "clusters"), app.Count(len(changes), "change", "changes"))},
		Data: inventoryData{Version: 1, Clusters: clusters, Changes: app.List(changes), Findings: app.List(findings)}}
}
