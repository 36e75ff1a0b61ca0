package handover

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/upgrade/fleet"
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

// gke writes a rollout sequence for every group, and for every cluster the maintenance exclusion that holds Google until the plan's first
// hop is done.
func (h *handover) gke() {
	groups, stages := h.stages()
	for _, g := range groups {
		if len(stages[g]) > 1 {
			h.rolloutSequence(g, stages[g])
		}
	}
	done := map[string]bool{}
	for _, c := range h.campaigns {
		if done[c.Cluster] || len(c.Hops) == 0 {
			continue
		}
		done[c.Cluster] = true
		h.yaml(name(c.Cluster)+".exclusion.yaml", "gcloud container clusters update CLUSTER --flags-file FILE", map[string]string{
			"--add-maintenance-exclusion-name":  "treadmill-" + dashed(c.From),
			"--add-maintenance-exclusion-start": h.plan.Now.UTC().Format(time.RFC3339),
			"--add-maintenance-exclusion-end":   c.Steps[0].End.UTC().Format(time.RFC3339),
			"--add-maintenance-exclusion-scope": "no_minor_upgrades",
		})
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
				h.leave(c.Name.Pos, "%s has no Google Cloud project: without the label project, "+
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

// projectOf is the Google Cloud project of a cluster: its label, or of the name that gcloud gives its context.
func projectOf(c fleet.Cluster) string {
	if p := c.Labels["project"]; p != "" {
		return p
	}
	if parts := strings.Split(c.Name.V, "_"); len(parts) >= 4 && parts[0] == "gke" {
		return parts[1]
	}
	return ""
}
