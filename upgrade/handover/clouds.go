package handover

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
)

// aksStage is a stage of an update strategy of Azure Kubernetes Fleet Manager, as `az fleet updatestrategy create --stages FILE` reads it
// (https://learn.microsoft.com/azure/templates/microsoft.containerservice/fleets/updatestrategies).
type aksStage struct {
	Name        string     `json:"name"`
	Groups      []aksGroup `json:"groups"`
	AfterWait   int        `json:"afterStageWaitInSeconds,omitempty"`
	BeforeGates []aksGate  `json:"beforeGates,omitempty"`
}

type aksGroup struct {
	Name string `json:"name"`
}

type aksGate struct {
	Type        string `json:"type"`
	DisplayName string `json:"displayName"`
}

// aksFleet writes an update strategy for every group, and the update groups that members must be in for it.
func (h *handover) aksFleet() {
	groups, stages := h.stages()
	members := map[string]string{}
	for _, g := range groups {
		list := []aksStage{}
		for _, s := range stages[g] {
			group := name(g, s.environment)
			x := aksStage{Name: name(s.environment, "stage"), Groups: []aksGroup{{Name: group}}, AfterWait: s.soakDays * 24 * 60 * 60}
			if slices.ContainsFunc(s.clusters, h.fleet.Policy.Approval.Required) {
				x.BeforeGates = []aksGate{{Type: "Approval", DisplayName: "approve " + group}}
			}
			for _, c := range s.clusters {
				members[c.Name.V] = group
			}
			list = append(list, x)
		}
		h.json(name(g)+".stages.json", map[string]any{"stages": list})
	}
	h.json("update-groups.json", members)
	h.cloudUpgrades()
}

// gkeStage is a stage of a rollout sequence, as `gcloud container fleet rolloutsequences create --stage-config FILE` reads it.
type gkeStage struct {
	Stage    any      `yaml:"stage"`
	Projects []string `yaml:"fleet-projects"`
	Soak     string   `yaml:"soak-duration,omitempty"`
	Selector string   `yaml:"label-selector,omitempty"`
}

// gkeSoak is the longest time that a rollout sequence waits between two stages, in days.
const gkeSoak = 30

// gke writes a rollout sequence for every group, the maintenance exclusions that hold Google as long as any can, and what it does by itself.
func (h *handover) gke() {
	groups, stages := h.stages()
	for _, g := range groups {
		if len(stages[g]) > 1 {
			h.rolloutSequence(g, stages[g])
		}
	}
	for i, e := range h.plan.Exclude {
		c, ok := h.cluster(e.Cluster)
		if start, waits := h.waiting[e.Cluster]; ok && (!waits || !e.End.After(start)) {
			h.exclusion(c, e, i)
		}
	}
	h.cloudUpgrades()
}

// exclusion writes one maintenance exclusion. The file of the one to set now has the cluster's name, that of a later one the version too,
// and the day on which it begins where the version has several.
func (h *handover) exclusion(c fleet.Cluster, e plan.Exclusion, at int) {
	id := []string{c.Name.V, dashed(e.Version)}
	before := slices.IndexFunc(h.plan.Exclude[:at], func(x plan.Exclusion) bool { return x.Cluster == e.Cluster && x.Version == e.Version })
	if before >= 0 {
		id = append(id, e.Start.Format("0102"))
		h.leave(c.Name.Pos, "no exclusion holds Google from upgrading %s in the two days before %s: one of scope %s lasts 30 days at most, and two of them need two days between",
			c.Name.V, e.Start.Format(time.DateOnly), e.Scope)
	}
	file := id
	if e.Start.Equal(h.plan.Now) {
		file = id[:1]
	}
	h.yaml(name(file...)+".exclusion.yaml", gcloudTarget(c)+"\nfrom "+e.Start.Format(time.DateOnly)+" on, when it runs "+e.Version.String()+".",
		map[string]string{
			"--add-maintenance-exclusion-name":  name(append([]string{"treadmill"}, id[1:]...)...),
			"--add-maintenance-exclusion-start": e.Start.Format(time.RFC3339),
			"--add-maintenance-exclusion-end":   e.End.Format(time.RFC3339),
			"--add-maintenance-exclusion-scope": e.Scope,
		})
}

// gcloudTarget is the command for a cluster, as far as its name and account say where it is.
func gcloudTarget(c fleet.Cluster) string {
	x, ok := fleet.ParseContext(c.Name.V)
	if !ok {
		x = fleet.Context{Cluster: c.Name.V, Location: cmp.Or(c.Region.V, "LOCATION")}
	}
	return fmt.Sprintf("gcloud container clusters update %s --location %s --project %s --flags-file FILE", x.Cluster, x.Location,
		cmp.Or(projectOf(c), "PROJECT"))
}

// cloudUpgrades writes what providers do by themselves, which is nobody's to do and everybody's to know.
func (h *handover) cloudUpgrades() {
	if len(h.clouds) > 0 {
		h.json("cloud-upgrades.json", h.clouds)
	}
}

func (h *handover) rolloutSequence(group string, stages []stage) {
	list, seen := []gkeStage{}, map[string]bool{}
	shared := false // two stages in one project are told apart by a label
	for _, s := range stages {
		var projects []string
		for _, c := range s.clusters {
			project := projectOf(c)
			if project == "" {
				h.leave(c.Name.Pos, "%s has no Google Cloud project: without account, the label project "+
					"or a name such as gke_PROJECT_LOCATION_NAME, there is no rollout sequence of %s", c.Name.V, group)
				return
			}
			if x := "projects/" + project; !slices.Contains(projects, x) {
				projects, shared = append(projects, x), shared || seen[x]
			}
		}
		for _, x := range projects {
			seen[x] = true
		}
		slices.Sort(projects)
		if s.soakDays > gkeSoak {
			h.leave(s.clusters[0].Name.Pos, "the soak after %s of %s is %d days; a rollout sequence waits for %d at most",
				s.environment, group, s.soakDays, gkeSoak)
		}
		x := gkeStage{Projects: projects}
		if s.soakDays > 0 {
			x.Soak = fmt.Sprintf("%dd", min(s.soakDays, gkeSoak))
		}
		list = append(list, x)
	}
	for i := range list {
		if shared {
			list[i].Selector = fmt.Sprintf("resource.labels.environment=='%s'", stages[i].environment)
		}
	}
	h.yaml(name(group)+".stages.yaml", "gcloud container fleet rolloutsequences create "+name(group)+" --stage-config FILE", list)
}

// projectOf is the Google Cloud project of a cluster: its account, its label or that of the name that gcloud gives its context.
func projectOf(c fleet.Cluster) string {
	if !c.Account.Set() && c.Labels["project"] != "" {
		return c.Labels["project"]
	}
	return c.AccountName()
}
