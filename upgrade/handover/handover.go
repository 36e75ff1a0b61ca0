// Package handover writes a plan in the words of those that carry it out: fleet managers of clouds, controllers, Terraform and trackers
// of issues.
//
// The way through it: fleet + plan + a format → Write → files by name. Everything that is named after a cluster keeps its name when the
// plan is made anew, so that what was handed over before is replaced and not doubled. It runs nothing, and knows no patch releases,
// accounts nor projects beyond what the fleet file says.
package handover

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
)

// FindingLeftOut is the ID of the findings about what a hand-over leaves out.
const FindingLeftOut = "plan/handover"

// Format is a form that a plan is handed over in.
type Format struct {
	Name      string
	Providers []string // those whose clusters it is for; none for all
	write     func(*handover)
}

// Formats are all forms, by name.
func Formats() []Format {
	return []Format{
		{Name: "aks-fleet", Providers: []string{"aks"}, write: (*handover).aksFleet},
		{Name: "cluster-api", Providers: []string{"upstream"}, write: (*handover).clusterAPI},
		{Name: "github", write: (*handover).github},
		{Name: "gitlab", write: (*handover).gitlab},
		{Name: "gke", Providers: []string{"gke"}, write: (*handover).gke},
		{Name: "jira", write: (*handover).jira},
		{Name: "system-upgrade-controller", Providers: []string{"k3s", "rke2"}, write: (*handover).upgradeController},
		{Name: "terraform", write: (*handover).terraform},
	}
}

// Find is a format by its name; false for none.
func Find(name string) (Format, bool) {
	i := slices.IndexFunc(Formats(), func(f Format) bool { return f.Name == name })
	if i < 0 {
		return Format{}, false
	}
	return Formats()[i], true
}

// handover is one plan on its way to its files.
type handover struct {
	fleet     fleet.Fleet
	plan      *plan.Plan
	clusters  []fleet.Cluster // of the format, by name
	campaigns []plan.Campaign // of these clusters, as far as they may be done
	clouds    []plan.CloudUpgrade
	waiting   map[string]time.Time // by cluster: the start of its first campaign that is not approved
	files     map[string][]byte
	findings  []diag.Finding
}

// Write is the files of a plan in a format. Campaigns that need an approval and have none are left out, with a finding.
func (f Format) Write(of fleet.Fleet, p plan.Plan) (map[string][]byte, []diag.Finding) {
	h := handover{fleet: of, plan: &p, files: map[string][]byte{}, waiting: map[string]time.Time{}}
	for _, c := range of.Clusters {
		if len(f.Providers) == 0 || slices.Contains(f.Providers, c.Provider.V) {
			h.clusters = append(h.clusters, c)
		}
	}
	slices.SortFunc(h.clusters, func(a, b fleet.Cluster) int { return strings.Compare(a.Name.V, b.Name.V) })
	if len(h.clusters) == 0 {
		h.leave(diag.Position{File: of.File, Line: 1},
			"there is nothing to hand over to %s: it is for clusters of %s, and the fleet has none", f.Name,
			strings.Join(f.Providers, " and "))
		return h.files, h.findings
	}
	for _, c := range p.Campaigns {
		x, ok := h.cluster(c.Cluster)
		if !ok {
			continue
		}
		if _, fault, approved := p.Approved(c, p.Now); !approved && of.Policy.Approval.Required(x) {
			if fault != "" {
				fault = "; its approval does not count: " + fault
			}
			if _, known := h.waiting[c.Cluster]; !known {
				h.waiting[c.Cluster] = c.Start
			}
			h.leave(x.Name.Pos, "the campaign of %s to %s is not handed over to %s: it is not approved%s", c.Cluster, c.To, f.Name, fault)
			continue
		}
		h.campaigns = append(h.campaigns, c)
	}
	h.pools(f.Name)
	for _, c := range p.Clouds {
		if _, ok := h.cluster(c.Cluster); ok {
			h.clouds = append(h.clouds, c)
		}
	}
	f.write(&h)
	return h.files, diag.Sort(h.findings)
}

// pools says of which clusters node pools are rolled out by themselves: no format knows of them.
func (h *handover) pools(format string) {
	for i, r := range h.plan.Pools {
		x, ok := h.cluster(r.Cluster)
		if !ok || slices.ContainsFunc(h.plan.Pools[:i], func(y plan.PoolRollout) bool { return y.Cluster == r.Cluster && y.Pool == r.Pool }) {
			continue
		}
		h.leave(x.Name.Pos, "node pool %s of %s is rolled out by itself, which %s is not told: keep it out of what is written, and take its openings from the plan",
			r.Pool, r.Cluster, format)
	}
}

func (h *handover) leave(at diag.Position, format string, args ...any) {
	h.findings = append(h.findings,
		diag.Finding{ID: FindingLeftOut, Severity: diag.Warning, Position: at, Message: fmt.Sprintf(format, args...)})
}

func (h *handover) cluster(name string) (fleet.Cluster, bool) {
	i := slices.IndexFunc(h.clusters, func(c fleet.Cluster) bool { return c.Name.V == name })
	if i < 0 {
		return fleet.Cluster{}, false
	}
	return h.clusters[i], true
}

// stage is the clusters of one environment of a group, in promotion order.
type stage struct {
	environment string
	clusters    []fleet.Cluster
	soakDays    int // after it, before the next one
}

// stages are the environments by group. A cluster without a group is a group of its own name.
func (h *handover) stages() (groups []string, stages map[string][]stage) {
	by := map[string]map[int][]fleet.Cluster{}
	for _, c := range h.clusters {
		rank, ordered := h.fleet.Policy.Rank(c.Environment.V)
		group := c.Group.V
		if !ordered || group == "" {
			group = c.Name.V
		}
		if by[group] == nil {
			by[group] = map[int][]fleet.Cluster{}
		}
		by[group][rank] = append(by[group][rank], c)
	}
	stages = map[string][]stage{}
	for group, ranks := range by {
		for _, rank := range slices.Sorted(maps.Keys(ranks)) {
			s := stage{environment: ranks[rank][0].Environment.V, clusters: ranks[rank]}
			if n := len(stages[group]); n > 0 {
				stages[group][n-1].soakDays = int((h.fleet.Policy.SoakBefore(s.environment).Hours() + 23) / 24)
			}
			stages[group] = append(stages[group], s)
		}
	}
	return slices.Sorted(maps.Keys(stages)), stages
}

// name is a text as clouds and Kubernetes take names: small letters, digits and hyphens, 50 of them at most. Texts that differ have names
// that differ.
func name(parts ...string) string {
	text := strings.Join(slices.DeleteFunc(slices.Clone(parts), func(s string) bool { return s == "" }), "-")
	plain := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(text))
	short := strings.Trim(plain[:min(len(plain), 43)], "-")
	if plain == text && short == text {
		return text
	}
	return strings.Trim(fmt.Sprintf("%s-%x", short, sha256.Sum256([]byte(text)))[:len(short)+7], "-")
}

func (h *handover) json(file string, value any) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(value) // maps, lists and texts alone
	h.files[file] = b.Bytes()
}

func (h *handover) yaml(file, comment string, values ...any) {
	var b bytes.Buffer
	for line := range strings.Lines(comment) {
		b.WriteString("# " + strings.TrimRight(line, "\n") + "\n")
	}
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	for _, v := range values {
		_ = enc.Encode(v) // maps, lists and texts alone
	}
	_ = enc.Close()
	h.files[file] = b.Bytes()
}

// dashed is a version without its dot, for names.
func dashed(v upgrade.Minor) string { return strings.ReplaceAll(v.String(), ".", "-") }
