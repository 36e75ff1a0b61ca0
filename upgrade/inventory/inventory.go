// Package inventory turns what live clusters say of themselves into clusters of a fleet file.
//
// The way through it: Facts (read by package kube) → Describe → Cluster → Merge, which writes them into a fleet file as
// edits of its text, so that comments, order and style stay. It knows providers by their marks on versions and nodes; a
// cluster without any is taken as upstream. It does not know teams, environments, channels or what a cluster is for:
// these stay for people to write.
package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"treadmill/upgrade"
	"treadmill/upgrade/addons"
)

// Facts is what a cluster says of itself.
type Facts struct {
	Context  string // of the kubeconfig
	Version  string // of the API server, such as "v1.34.2-eks-1234567"
	Nodes    []Node
	Images   []string // of workloads, each once
	Releases []Release
	Hidden   Hidden // what was asked for and could not be read
}

// Hidden says of which parts of a cluster nothing, or not all, is known.
type Hidden struct{ Nodes, Workloads, Releases bool }

// Node is one node.
type Node struct {
	Name    string
	Version string // of its kubelet
	OS      string // the image that it runs, such as "Talos (v1.11.2)"
	Labels  map[string]string
	Ready   bool
	// Cordoned nodes take no new pods.
	Cordoned bool
}

// Release is one deployed Helm release.
type Release struct {
	Chart, Version, AppVersion string
}

// Cluster is what goes into the fleet file.
type Cluster struct {
	Name, Context string
	Provider      string
	Version       upgrade.Minor
	Region        string // "" where nodes do not say
	Environment   string // clusters do not say it: people do; "" where they did not
	Team          string // the same
	Nodes         []Item // pools by name, with the oldest version in each
	Addons        []Item // by name
}

// Item is a named thing with a version: a node pool or an add-on.
type Item struct {
	Name, Version string
}

// Describe makes a cluster of facts. The error says that the version is none.
func Describe(f Facts, table addons.Table) (Cluster, error) {
	version, err := MinorOf(f.Version)
	if err != nil {
		return Cluster{}, fmt.Errorf("context %s: %w", f.Context, err)
	}
	c := Cluster{Name: shortName(f.Context), Context: f.Context, Version: version, Provider: provider(f), Region: region(f.Nodes)}
	pools := map[string]upgrade.Minor{}
	for _, n := range f.Nodes {
		v, err := MinorOf(n.Version)
		if err != nil {
			continue // a node that does not say is of no use here
		}
		pool := Pool(n)
		if oldest, ok := pools[pool]; !ok || v.Less(oldest) {
			pools[pool] = v
		}
	}
	for name, v := range pools {
		c.Nodes = append(c.Nodes, Item{name, v.String()})
	}
	c.Addons = addonsOf(f, table)
	slices.SortFunc(c.Nodes, compareItems)
	return c, nil
}

func compareItems(a, b Item) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
}

// addonsOf names the add-ons that images and charts show. A chart says more than an image, and the lowest version counts.
func addonsOf(f Facts, table addons.Table) []Item {
	seen := map[string]string{}
	for _, image := range slices.Sorted(slices.Values(f.Images)) {
		if name, version, ok := table.Image(image); ok && version != "" && (seen[name] == "" || older(version, seen[name])) {
			seen[name] = version
		}
	}
	charts := map[string]string{}
	for _, r := range f.Releases {
		if name, version, ok := table.Chart(r.Chart, r.Version, r.AppVersion); ok && version != "" &&
			(charts[name] == "" || older(version, charts[name])) {
			charts[name] = version
		}
	}
	for name, version := range charts {
		seen[name] = version
	}
	var out []Item
	for name, version := range seen {
		out = append(out, Item{name, version})
	}
	slices.SortFunc(out, compareItems)
	return out
}

// SameVersion reports whether two texts name one version of an add-on: a leading v, and what only one of them says behind the numbers
// that both have, make no difference.
func SameVersion(a, b string) bool {
	x, y := strings.FieldsFunc(a, notDigit), strings.FieldsFunc(b, notDigit)
	if len(x) == 0 || len(y) == 0 {
		return a == b
	}
	for i := range min(len(x), len(y)) {
		if strings.TrimLeft(x[i], "0") != strings.TrimLeft(y[i], "0") {
			return false
		}
	}
	return true
}

// older compares versions number by number.
func older(a, b string) bool {
	x, y := strings.FieldsFunc(a, notDigit), strings.FieldsFunc(b, notDigit)
	for i := range min(len(x), len(y)) {
		p, q := strings.TrimLeft(x[i], "0"), strings.TrimLeft(y[i], "0")
		if c := cmp.Or(cmp.Compare(len(p), len(q)), cmp.Compare(p, q)); c != 0 {
			return c < 0
		}
	}
	return len(x) < len(y)
}

func notDigit(r rune) bool { return r < '0' || r > '9' }

// MinorOf reads the minor of a version such as "v1.34.2-eks-1234567".
func MinorOf(version string) (upgrade.Minor, error) {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) < 2 {
		return upgrade.Minor{}, fmt.Errorf("%q is no version of Kubernetes", version)
	}
	return upgrade.ParseMinor(parts[0] + "." + strings.TrimRight(parts[1], "+"))
}
