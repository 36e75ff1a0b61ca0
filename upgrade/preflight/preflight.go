// Package preflight judges whether a cluster is ready for its next minor, apart from the APIs that its objects use.
//
// The way through it: Cluster (read by package kube) → Check → findings. It knows skew, disruption budgets, webhooks
// that fail closed, feature gates and what add-ons need. It looks at the cluster as it is now: a pod that starts
// tomorrow it cannot know. It does not try a drain and it does not change anything.
package preflight

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/component"
)

// The IDs of what Check finds.
const (
	FindingHops    = "preflight/hops"    // the target is more than one minor away, or not newer
	FindingSkew    = "preflight/skew"    // nodes that would be too old for the control plane
	FindingNode    = "preflight/node"    // a node that is not ready, or takes no pods
	FindingDrain   = "preflight/drain"   // a disruption budget that lets no pod go
	FindingWebhook = "preflight/webhook" // a webhook without which nothing can be made
	FindingGate    = "preflight/gate"    // a feature gate that is set and that the target does not take
	FindingFlag    = "preflight/flag"    // a flag that is set and that the target does not know
	FindingAddon   = "preflight/addon"   // an add-on that needs another release, or has none yet
)

// Cluster is what is read of a live cluster.
type Cluster struct {
	Name     string // of its context
	Version  upgrade.Minor
	Nodes    []Node
	Budgets  []Budget
	Hooks    []Hook
	Gates    []component.Gate    // that are on or off, by its metrics
	Settings []component.Setting // that are written: in its config maps and on command lines
	Addons   []addons.Installed
}

// Node is one node.
type Node struct {
	Name, Pool      string
	Version         upgrade.Minor // of its kubelet; zero when it says none
	Ready, Cordoned bool
}

// Budget is a PodDisruptionBudget with what the cluster says of it.
type Budget struct {
	Namespace, Name                     string
	Allowed, Healthy, Desired, Expected int // pods
}

// Hook is one webhook of a configuration that fails closed and is asked about pods or nodes.
type Hook struct {
	Configuration, Name string
	Service             string // namespace/name; "" when it is a URL outside
	Ready               bool   // the service has an endpoint that is ready
	Everywhere          bool   // it is asked about kube-system too
}

// Check finds what stands in the way of the hops to a minor: each at the first hop that it blocks. The findings are sorted.
func Check(c Cluster, to upgrade.Minor, flags component.Flags, gates component.Gates, guide *addons.Guide) []diag.Finding {
	k := &check{Cluster: c, to: to}
	k.hops()
	k.nodes()
	k.budgets()
	k.hooks()
	k.gates(gates)
	k.settings(flags, gates)
	k.addons(guide)
	return diag.Sort(k.findings)
}

type check struct {
	Cluster
	to       upgrade.Minor
	findings []diag.Finding
}

func (k *check) fail(id string, severity diag.Severity, format string, args ...any) {
	k.findings = append(
		k.findings,
		diag.Finding{ID: id, Severity: severity, Position: diag.Position{File: "context " + k.Name}, Message: fmt.Sprintf(format, args...)},
	)
}

func (k *check) hops() {
	switch hops := upgrade.Hops(k.Version, k.to); {
	case len(hops) == 0:
		k.fail(FindingHops, diag.Info, "the control plane runs %s: %s is no upgrade", k.Version, k.to)
	case len(hops) > 1:
		k.fail(
			FindingHops,
			diag.Info,
			"from %s to %s are %d hops, by way of %s: what blocks is said of the first hop that it blocks; run this again before each of them",
			k.Version,
			k.to,
			len(hops),
			hops[0],
		)
	}
}

// nodes judges the version skew policy for the control plane of the target, by pool.
func (k *check) nodes() {
	type old struct {
		pool    string
		version upgrade.Minor
	}
	late := map[old]int{}
	for _, n := range k.Nodes {
		switch {
		case !n.Ready:
			k.fail(FindingNode, diag.Warning, "node %s is not ready: its pods will not move, and it may not come back in the new version", n.Name)
		case n.Cordoned:
			k.fail(FindingNode, diag.Info, "node %s takes no new pods: a drain has less room", n.Name)
		}
		if !n.Version.IsZero() && !upgrade.NodesAllow(k.to, n.Version, 0) {
			late[old{n.Pool, n.Version}]++
		}
	}
	for o, n := range late {
		if k.to.Less(o.version) {
			k.fail(FindingSkew, diag.Error, "pool %s has %s of %s, newer than a control plane of %s", o.pool, plural(n, "node"), o.version, k.to)
			continue
		}
		k.fail(FindingSkew, diag.Error, "pool %s has %s of %s: a control plane of %s takes kubelets of %s and newer; upgrade these nodes first",
			o.pool, plural(n, "node"), o.version, k.to, k.to.Add(-upgrade.NodeSkew(o.version, 0)))
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// budgets finds those that stop a drain: forever, when they want as many pods as there are, or for now.
func (k *check) budgets() {
	for _, b := range k.Budgets {
		switch name := b.Namespace + "/" + b.Name; {
		case b.Expected == 0 || b.Allowed > 0:
		case b.Desired >= b.Expected:
			k.fail(
				FindingDrain,
				diag.Error,
				"the disruption budget %s wants all of its %s: no drain can finish; add a replica or allow one to be away",
				name,
				plural(b.Expected, "pod"),
			)
		default:
			k.fail(FindingDrain, diag.Warning, "the disruption budget %s lets no pod go now: %d of %s are healthy and it wants %d",
				name, b.Healthy, plural(b.Expected, "pod"), b.Desired)
		}
	}
}

func (k *check) hooks() {
	for _, h := range k.Hooks {
		switch name := h.Configuration + " (" + h.Name + ")"; {
		case h.Service != "" && !h.Ready:
			k.fail(
				FindingWebhook,
				diag.Error,
				"the webhook %s fails closed and its service %s has no endpoint that is ready: no pod can be made",
				name,
				h.Service,
			)
		case h.Everywhere && h.Service != "":
			k.fail(
				FindingWebhook,
				diag.Warning,
				"the webhook %s fails closed for kube-system too: while its service %s moves, no system pod can be made; exclude kube-system or ignore failures",
				name,
				h.Service,
			)
		}
	}
}

// gates judges the gates that the metrics show, at the first hop whose release does not take them.
func (k *check) gates(known component.Gates) {
	for _, g := range k.Gates {
		k.first(FindingGate, func(at upgrade.Minor) string {
			if why := known.Refuses(g, k.Version, at); why != "" {
				return g.Component + ": " + why
			}
			return ""
		})
	}
}

// settings judges what is written in config maps and on command lines.
func (k *check) settings(flags component.Flags, gates component.Gates) {
	for _, s := range k.Settings {
		if s.Flag != "" {
			k.first(FindingFlag, func(at upgrade.Minor) string {
				why, _ := flags.Refuses(s.Component, s.Flag, at)
				return why
			})
			continue
		}
		s.Gate.Flag = true
		k.first(FindingGate, func(at upgrade.Minor) string {
			if why := gates.Refuses(s.Gate, k.Version, at); why != "" {
				return s.Component + ": " + why
			}
			return ""
		})
	}
}

// first notes why the first hop that is refused is, once.
func (k *check) first(id string, refuses func(at upgrade.Minor) string) {
	for _, hop := range upgrade.Hops(k.Version, k.to) {
		why := refuses(hop)
		if why == "" {
			continue
		}
		if !slices.ContainsFunc(k.findings, func(f diag.Finding) bool { return f.ID == id && f.Message == why }) {
			k.fail(id, diag.Error, "%s", why)
		}
		return
	}
}

func (k *check) addons(guide *addons.Guide) {
	if guide == nil || !k.Version.Less(k.to) {
		return
	}
	for _, need := range guide.Needs(k.Addons, k.Version, k.to) {
		for _, s := range need.Steps {
			k.step(s)
		}
	}
}

// step says what an add-on asks for in one hop; one that needs nothing says nothing.
func (k *check) step(s addons.Step) {
	name := strings.TrimSpace(s.Addon + " " + s.Running)
	switch s.Kind {
	case addons.Blocked:
		k.fail(FindingAddon, diag.Error, "%s: no release supports %s yet: %s", name, s.To, s.Reason)
	case addons.Migrate:
		k.fail(FindingAddon, diag.Error, "%s: replace it before the hop to %s: %s", name, s.To, s.Reason)
	case addons.Bridge:
		k.fail(FindingAddon, diag.Error, "%s: go to %s before the hop to %s: %s", name, strings.Join(s.Path, ", then "), s.To, s.Reason)
	case addons.Gap:
		k.fail(FindingAddon, diag.Warning, "%s: go to %s together with the hop to %s: %s", name, strings.Join(s.Path, ", then "), s.To, s.Reason)
	case addons.After:
		k.fail(FindingAddon, diag.Warning, "%s: go to %s right after the hop to %s: %s", name, strings.Join(s.Path, ", then "), s.To, s.Reason)
	case addons.Unsure:
		k.fail(FindingAddon, diag.Info, "%s: look up whether it takes %s: %s", name, s.To, s.Reason)
	}
}
