package actual

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/fleet"
)

// The IDs of differences between a fleet file and its clusters.
const (
	FindingVersion  = "drift/version"  // of a control plane
	FindingPool     = "drift/pool"     // of a node pool, or a pool that one side alone has
	FindingMixed    = "drift/mixed"    // nodes of one pool, or pools that the file does not tell apart, are
	FindingProvider = "drift/provider" // or region
	FindingAddon    = "drift/addon"
	FindingCluster  = "drift/cluster" // one side alone has it
)

// Ask says how a fleet is compared.
type Ask struct {
	Addons   addons.Table
	Releases bool   // Helm releases were looked at, too
	All      bool   // every context was read, so that a cluster without one is out of reach
	Fix      string // the command that writes what clusters say into the file, for one context
}

// Fleet compares a fleet file with its clusters.
func Fleet(f fleet.Fleet, p Pairs, ask Ask) []drift.Finding {
	var out []drift.Finding
	for _, pair := range p.Both {
		c := comparison{Pair: pair, Ask: ask}
		c.versions()
		c.pools()
		c.mixed()
		c.home()
		c.addons()
		out = append(out, c.found...)
	}
	for _, l := range p.Unknown {
		c := comparison{Pair: Pair{Live: l}, Ask: ask}
		c.File.Name.V, c.File.Name.Pos = l.Name, diag.Position{File: f.File}
		have := fmt.Sprintf("name: %s, provider: %s, version: %q", l.Name, l.Provider, l.Version)
		c.add(FindingCluster, diag.Error, c.File.Name.Pos, "cluster", "", have,
			"the cluster runs %s, and the file does not have it: nobody plans its upgrades", l.Version)
		out = append(out, c.found...)
	}
	if ask.All {
		for _, one := range p.Only {
			c := comparison{Pair: Pair{File: one}, Ask: ask}
			c.add(FindingCluster, diag.Error, one.Name.Pos, "cluster", "name: "+one.Name.V, "", "the file has it, and no context leads to it: "+
				"it is gone, or out of reach; the label context names the context where that has another name")
			c.found[0].Fix = ""
			out = append(out, c.found...)
		}
	}
	return drift.Sort(out)
}

// comparison is that of one cluster.
type comparison struct {
	Pair
	Ask
	moved []string // pools that went with their control plane
	found []drift.Finding
}

func (c *comparison) add(id string, severity diag.Severity, at diag.Position, subject, want, have, format string, args ...any) {
	f := drift.Finding{Kind: drift.Fleet, Cluster: c.File.Name.V, Subject: subject, Owner: c.File.Team.V, Want: want, Have: have,
		Diff: drift.Differ(want, have), Fix: c.fix()}
	f.ID, f.Severity, f.Position = id, severity, at
	f.Message = c.File.Name.V + ": " + fmt.Sprintf(format, args...)
	if c.Live.Context != "" {
		f.Live = c.Live.Place()
		f.Message += " (" + f.Live + ")"
	}
	c.found = append(c.found, f)
}

func (c *comparison) fix() string {
	if c.Live.Context == "" || c.Ask.Fix == "" {
		return ""
	}
	return c.Ask.Fix + " --context " + drift.Quoted(c.Live.Context) + " --write"
}

// versions compares the control plane. Pools that moved with it are told with it: one upgrade is one difference.
func (c *comparison) versions() {
	had, runs := c.File.Version.V, c.Live.Version
	if had == runs {
		return
	}
	want, have := fmt.Sprintf("version: %q\n", had), fmt.Sprintf("version: %q\n", runs)
	for _, n := range c.File.Nodes {
		if v := version(c.Live.Nodes, n.Name.V); v == runs.String() && n.Version.V == had {
			c.moved = append(c.moved, n.Name.V)
			want += fmt.Sprintf("nodes %s: %q\n", n.Name.V, had)
			have += fmt.Sprintf("nodes %s: %q\n", n.Name.V, runs)
		}
	}
	with := ""
	switch len(c.moved) {
	case 0:
	case 1:
		with = ", and its node pool " + c.moved[0] + " too"
	default:
		with = ", and its node pools " + list(c.moved) + " too"
	}
	how := "somebody has upgraded it"
	if runs.Less(had) {
		how = "the upgrade was not done, or was taken back"
	}
	c.add(FindingVersion, diag.Error, c.File.Version.Pos, "control plane", want, have,
		"the file says %s, and its control plane runs %s%s: %s", had, runs, with, how)
}

// home compares where the cluster is.
func (c *comparison) home() {
	if had, runs := c.File.Provider.V, c.Live.Provider; contradicts(had, runs, len(c.Live.Facts.Nodes) > 0) {
		c.add(FindingProvider, diag.Error, c.File.Provider.Pos, "provider", had, runs,
			"the file says provider %s, and the cluster bears the marks of %s: its support dates are those of another provider", had, runs)
		c.found[len(c.found)-1].Fix = ""
	}
	if had, runs := c.File.Region.V, c.Live.Region; had != "" && runs != "" && !strings.EqualFold(had, runs) {
		c.add(FindingProvider, diag.Warning, c.File.Region.Pos, "region", had, runs, "the file says region %s, and its nodes are in %s",
			had, runs)
		c.found[len(c.found)-1].Fix = ""
	}
}

// contradicts reports whether a cluster cannot be of the provider that the file says. Providers of the user's own leave no marks that are
// known, and some leave them on nodes alone.
func contradicts(had, runs string, nodes bool) bool {
	onVersion, onNodes := []string{"eks", "gke", "k3s", "rke2"}, []string{"aks", "openshift", "talos"}
	switch {
	case had == runs:
		return false
	case runs == "upstream":
		return slices.Contains(onVersion, had) || nodes && slices.Contains(onNodes, had)
	}
	return had == "upstream" || slices.Contains(onVersion, had) || slices.Contains(onNodes, had)
}
