package handover

import (
	"strings"
	"time"

	"treadmill/upgrade/plan"
)

// object is a Kubernetes object.
type object struct {
	APIVersion string         `yaml:"apiVersion"`
	Kind       string         `yaml:"kind"`
	Metadata   map[string]any `yaml:"metadata"`
	Spec       map[string]any `yaml:"spec"`
}

// times are annotations with the opening of a step.
func times(s plan.Step) map[string]any {
	return map[string]any{"treadmill-not-before": s.Start.Format(time.RFC3339), "treadmill-not-after": s.End.Format(time.RFC3339)}
}

// clusterAPI writes a patch of the Cluster for every hop. Cluster API wants a patch release, of which plans know nothing.
func (h *handover) clusterAPI() {
	for _, c := range h.campaigns {
		for i, v := range c.Hops {
			h.yaml(
				name(c.Cluster, dashed(v))+".yaml",
				"kubectl patch cluster "+c.Cluster+" --type merge --patch-file FILE, in the management cluster.\n"+
					"v"+v.String()+".0 is the first release of the minor: put the patch release here that you want.",
				object{
					APIVersion: "cluster.x-k8s.io/v1beta2",
					Kind:       "Cluster",
					Metadata:   map[string]any{"name": c.Cluster, "annotations": times(c.Steps[i])},
					Spec:       map[string]any{"topology": map[string]any{"version": "v" + v.String() + ".0"}},
				},
			)
		}
	}
}

// upgradeController writes the plans of Rancher's system-upgrade-controller for every hop: servers, and after the last one agents
// (https://github.com/rancher/system-upgrade-controller). The controller knows days of the week and no dates: a file is for the day of
// its opening.
func (h *handover) upgradeController() {
	for _, c := range h.campaigns {
		for i, s := range c.Steps {
			objects := []any{}
			if i < len(c.Hops) {
				objects = append(objects, upgradePlan("server", c, s))
			}
			if s.Nodes {
				objects = append(objects, upgradePlan("agent", c, s))
			}
			h.yaml(
				name(c.Cluster, dashed(s.To))+".yaml",
				"kubectl apply -f FILE in "+c.Cluster+", from "+s.Start.Format(time.RFC3339)+" on.",
				objects...)
		}
	}
}

func upgradePlan(role string, c plan.Campaign, s plan.Step) object {
	operator := map[string]string{"server": "Exists", "agent": "DoesNotExist"}[role]
	image := "rancher/" + c.Provider + "-upgrade"
	spec := map[string]any{
		"concurrency": 1, "cordon": true, "serviceAccountName": "system-upgrade",
		"nodeSelector": map[string]any{
			"matchExpressions": []any{map[string]any{"key": "node-role.kubernetes.io/control-plane", "operator": operator}},
		},
		"channel": "https://update." + c.Provider + ".io/v1-release/channels/v" + s.To.String(),
		"upgrade": map[string]any{"image": image},
		"window": map[string]any{"days": days(s), "startTime": s.Start.Format("15:04"), "endTime": s.End.Add(-time.Minute).Format("15:04"),
			"timeZone": c.Timezone},
	}
	if role == "agent" && len(c.Hops) > 0 {
		spec["prepare"] = map[string]any{"image": image, "args": []string{"prepare", "server-" + dashed(s.To)}}
	}
	annotations := times(s)
	return object{
		APIVersion: "upgrade.cattle.io/v1",
		Kind:       "Plan",
		Metadata:   map[string]any{"name": role + "-" + dashed(s.To), "namespace": "system-upgrade", "annotations": annotations},
		Spec:       spec,
	}
}

// days are the days of the week that an opening touches.
func days(s plan.Step) []string {
	out := []string{strings.ToLower(s.Start.Weekday().String())}
	if last := s.End.Add(-time.Minute).Weekday(); last != s.Start.Weekday() {
		out = append(out, strings.ToLower(last.String()))
	}
	return out
}

// terraformStep is a hop, or a rollout of nodes, as a variable.
type terraformStep struct {
	Version   string `json:"version"`
	Nodes     bool   `json:"nodes"`
	NotBefore string `json:"not_before"`
	NotAfter  string `json:"not_after"`
}

type terraformCluster struct {
	Version string           `json:"version"`
	Steps   []terraformStep  `json:"steps"`
	Clouds  []terraformCloud `json:"provider_upgrades"` // what the provider does by itself: versions to expect, not to set
}

// terraformCloud is an upgrade by the provider, as a variable.
type terraformCloud struct {
	Version string `json:"version"`
	Day     string `json:"day"`
	First   bool   `json:"before_steps"` // steps begin from there; else they come first, if the provider waits for the day
}

// terraform writes the variable kubernetes: what clusters run, the steps to come and what providers do by themselves.
func (h *handover) terraform() {
	out := map[string]*terraformCluster{}
	for _, c := range h.clusters {
		out[c.Name.V] = &terraformCluster{Version: c.Version.V.String(), Steps: []terraformStep{}, Clouds: []terraformCloud{}}
	}
	for _, c := range h.campaigns {
		x := out[c.Cluster]
		for _, s := range c.Steps {
			x.Steps = append(x.Steps, terraformStep{s.To.String(), s.Nodes, s.Start.UTC().Format(time.RFC3339), s.End.UTC().Format(time.RFC3339)})
		}
	}
	for _, c := range h.clouds {
		x := out[c.Cluster]
		x.Clouds = append(x.Clouds, terraformCloud{Version: c.To.String(), Day: c.Day.Format(time.DateOnly), First: c.First})
	}
	h.json("kubernetes.auto.tfvars.json", map[string]any{"kubernetes": out})
}
