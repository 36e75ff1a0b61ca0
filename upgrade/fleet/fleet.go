// Package fleet reads the fleet file: the clusters, who owns them, and the policy by which they are upgraded.
//
// The way through it: bytes → Read (schema and meaning, all problems at once, each with its place) → Fleet →
// Check (what only the support windows can say) → plan. ICS files are read through a function that the caller passes.
// A cluster with a problem is left out of Clusters; a problem in the policy sets Broken, as a plan that does
// not know every freeze is worse than none. It does not know live clusters.
package fleet

import (
	"maps"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade"
)

// Fleet is a fleet file.
type Fleet struct {
	File     string
	Policy   Policy
	Teams    map[string]Team
	Clusters []Cluster // the sound ones, in the order of the file
	Left     int       // how many clusters were left out because of problems
	Missing  []Missing // those of them whose group is known, in the order of the file
	Broken   bool      // the policy has problems, so that no plan can be made
	Unread   bool      // a calendar of the policy could not be read, or not all of it, so that a plan would not know its freezes
}

// Missing is a cluster that was left out because of a problem. The clusters of its group that come after it do not know whether it has
// run a version.
type Missing struct {
	Name, Group, Environment string
	Pos                      diag.Position
}

// Policy is what holds for all clusters. Fields that were left out have the values that Read documents.
type Policy struct {
	Target          yamlx.At[Target]              `yaml:"target"`       // default latest-1
	Margin          yamlx.At[Duration]            `yaml:"margin"`       // default 30d
	Environments    []yamlx.At[string]            `yaml:"environments"` // promotion order inside a group
	Soak            map[string]yamlx.At[Duration] `yaml:"soak"`         // by environment: how long the one before must have run a version
	Capacity        Capacity                      `yaml:"capacity"`
	Freezes         []Freeze                      `yaml:"freezes"`
	MaxCampaign     yamlx.At[Duration]            `yaml:"maxCampaign"` // from the first step of a campaign to its last; default 60d
	Concurrency     []Limit                       `yaml:"concurrency"` // how many clusters are worked on at once
	Apart           []yamlx.At[[]Pattern]         `yaml:"apart"`       // lists of clusters that are never worked on at once, such as a primary and its disaster recovery
	Windows         []Window                      `yaml:"windows"`     // default Monday to Friday, 09:00 to 17:00 UTC
	Costs           Costs                         `yaml:"costs"`
	ExtendedSupport ExtendedSupport               `yaml:"extendedSupport"`
	Budget          Budget                        `yaml:"budget"`
	Approval        Approving                     `yaml:"approval"`      // which campaigns may not start before they are approved; none when left out
	UnknownAddons   yamlx.At[Unknown]             `yaml:"unknownAddons"` // warn, block or assume: releases of add-ons of which nobody can tell; default warn
	Pos             diag.Position
}

// Approving says whose campaigns need an approval before they start.
type Approving struct {
	Clusters Scope `yaml:"clusters"` // default: all
	Pos      diag.Position
}

// Required reports whether a cluster's campaigns need an approval.
func (a Approving) Required(c Cluster) bool { return a.Pos.Line > 0 && a.Clusters.Matches(c) }

// Capacity is how much a team can do in a week.
type Capacity struct {
	PerTeamPerWeek yamlx.At[int] `yaml:"perTeamPerWeek"` // control-plane hops; no limit when left out
}

// Costs are the prices that a plan is weighed by.
type Costs struct {
	Campaign       yamlx.At[Money]  `yaml:"campaign"`       // one campaign: tests, change requests and one node rollout; default 1500
	Hop            yamlx.At[Money]  `yaml:"hop"`            // one control-plane hop; default 400
	UnsupportedDay yamlx.At[Money]  `yaml:"unsupportedDay"` // the risk of one day out of support; default 1000
	Currency       yamlx.At[string] `yaml:"currency"`       // default USD
}

// ExtendedSupport says whether extended support may be bought.
type ExtendedSupport struct {
	Allowed        yamlx.At[bool]  `yaml:"allowed"`        // default false
	PerClusterHour yamlx.At[Money] `yaml:"perClusterHour"` // on top of the standard fee; default: the provider's price
	Terms          yamlx.At[int]   `yaml:"terms"`          // how many terms of it, where a provider sells several (EUS 1 and 2); default 0: all
}

// Budget is what upgrades may ask of the error budgets of the SLOs that guard clusters. Shares are of an SLO's budget in its period.
type Budget struct {
	Reserve yamlx.At[upgrade.Share] `yaml:"reserve"` // what a hop is taken to spend until past hops say; default 10%
	Keep    yamlx.At[upgrade.Share] `yaml:"keep"`    // what must be left after it; default 25%
}

// What a hop is taken to spend, and what must be left after it, where nothing says.
const (
	DefaultReserve upgrade.Share = 0.10
	DefaultKeep    upgrade.Share = 0.25
)

// Team owns clusters.
type Team struct {
	PerWeek yamlx.At[int]            `yaml:"perWeek"` // hops; overrides capacity.perTeamPerWeek
	Weeks   map[string]yamlx.At[int] `yaml:"weeks"`   // hops in single ISO weeks, such as 2026-W49: 4; overrides perWeek there
	Pos     diag.Position
}

// Cluster is one cluster.
type Cluster struct {
	Name   yamlx.At[string] `yaml:"name,required"`
	Traits `yaml:",inline"`
	Pos    diag.Position
	copy   int // which of an entry with a count it is; 0 for an entry of one cluster
}

// Traits are the fields of a cluster that defaults can give too. Provider and version must be given by either.
type Traits struct {
	Provider    yamlx.At[string]        `yaml:"provider"` // after Check: the provider's own name, never an alias
	Version     yamlx.At[upgrade.Minor] `yaml:"version"`
	Channel     yamlx.At[string]        `yaml:"channel"` // release channel (GKE) or upgrade policy (EKS)
	Tier        yamlx.At[string]        `yaml:"tier"`    // support tier (AKS); the same thing as channel
	Environment yamlx.At[string]        `yaml:"environment"`
	Group       yamlx.At[string]        `yaml:"group"` // clusters that one change passes through, environment by environment
	Team        yamlx.At[string]        `yaml:"team"`
	Region      yamlx.At[string]        `yaml:"region"`
	Account     yamlx.At[string]        `yaml:"account"` // account, project or subscription at the provider; default: that of a name such as arn:aws:… or gke_…
	Labels      map[string]string       `yaml:"labels"`
	Nodes       []NodePool              `yaml:"nodes"`
	Addons      []Addon                 `yaml:"addons"`
	SLOs        []Guard                 `yaml:"slos"` // SLOs that guard the cluster
}

// Guard is an SLO whose error budget guards a cluster. Of an SLO with groups, match says which of them are of the cluster; without it
// the worst one counts.
type Guard struct {
	SLO   yamlx.At[string]  `yaml:"slo,short"`
	Match map[string]string `yaml:"match"` // labels and their values
}

// String is the guard as people write it: "checkout", or "checkout (cluster=us)".
func (g Guard) String() string {
	if len(g.Match) == 0 {
		return g.SLO.V
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(g.Match)) {
		parts = append(parts, name+"="+g.Match[name])
	}
	return g.SLO.V + " (" + strings.Join(parts, ", ") + ")"
}

// Matches reports whether a group with these labels is of the cluster.
func (g Guard) Matches(labels map[string]string) bool {
	for name, value := range g.Match {
		if labels[name] != value {
			return false
		}
	}
	return true
}

// GuardedBy reports whether one of the guards of a cluster has a text.
func (c Cluster) GuardedBy(text string) bool {
	return slices.ContainsFunc(c.SLOs, func(g Guard) bool { return g.String() == text })
}

// NodePool is nodes of one version.
type NodePool struct {
	Name    yamlx.At[string]        `yaml:"name,required"`
	Version yamlx.At[upgrade.Minor] `yaml:"version,required"`
	OS      yamlx.At[string]        `yaml:"os"`      // node image family, such as AL2, AL2023, Bottlerocket, Ubuntu, Windows2022, AzureLinux3
	Runtime yamlx.At[string]        `yaml:"runtime"` // container runtime, such as containerd 1.7.28
	Cgroup  yamlx.At[string]        `yaml:"cgroup"`  // v1 or v2
	Size    yamlx.At[int]           `yaml:"size"`    // how many nodes it has; with perHour
	PerHour yamlx.At[int]           `yaml:"perHour"` // how many of them are replaced in an hour; default: all of them in one opening
	Pos     diag.Position
}

// Minutes is how many minutes of openings a rollout of the pool takes; 0 where one opening is enough, whatever its length.
func (n NodePool) Minutes() int64 {
	if n.PerHour.V <= 0 {
		return 0
	}
	return (int64(n.Size.V)*60 + int64(n.PerHour.V) - 1) / int64(n.PerHour.V)
}

// Addon is software that must fit the cluster's version.
type Addon struct {
	Name    yamlx.At[string] `yaml:"name,required"`
	Version yamlx.At[string] `yaml:"version,required"`
	Pos     diag.Position
}

// PoolApart reports whether a node pool is rolled out by itself: in windows of its own, or at a rate.
func (p Policy) PoolApart(c Cluster, n NodePool) bool {
	return n.Minutes() > 0 || len(p.PoolWindows(c, n.Name.V)) > 0
}

// Together are the node pools of a cluster that are rolled out with its campaigns.
func (p Policy) Together(c Cluster) []NodePool {
	return slices.DeleteFunc(slices.Clone(c.Nodes), func(n NodePool) bool { return p.PoolApart(c, n) })
}

// OldestNode is the oldest version of a node pool, or the control plane's where no pool is given.
func (c Cluster) OldestNode() upgrade.Minor {
	oldest := c.Version.V
	for _, n := range c.Nodes {
		if n.Version.V.Less(oldest) {
			oldest = n.Version.V
		}
	}
	return oldest
}

// Zone is the time zone in which days of the policy are meant when they name none: that of the first window, else UTC.
func (p Policy) Zone() *time.Location {
	if len(p.Windows) > 0 && p.Windows[0].Timezone.V.Location != nil {
		return p.Windows[0].Timezone.V.Location
	}
	return time.UTC
}

// SoakBefore is how long the environment before must have run a version before this one may get it.
func (p Policy) SoakBefore(environment string) time.Duration {
	return time.Duration(p.Soak[environment].V)
}

// Rank is the place of an environment in the promotion order; false for one that has none.
func (p Policy) Rank(environment string) (int, bool) {
	for i, e := range p.Environments {
		if e.V == environment {
			return i, true
		}
	}
	return 0, false
}

// PerWeek is how many hops a team can do in a week; false when there is no limit.
func (f Fleet) PerWeek(team string) (int, bool) {
	if t, ok := f.Teams[team]; ok && t.PerWeek.Set() {
		return t.PerWeek.V, true
	}
	return f.Policy.Capacity.PerTeamPerWeek.V, f.Policy.Capacity.PerTeamPerWeek.Set()
}

// InWeek is how many hops a team can do in an ISO week, such as 2026-W49; false when there is no limit.
func (f Fleet) InWeek(team, week string) (int, bool) {
	if n, ok := f.Teams[team].Weeks[week]; ok {
		return n.V, true
	}
	return f.PerWeek(team)
}
