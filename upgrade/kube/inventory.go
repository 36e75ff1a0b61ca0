package kube

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/render/release"
	"treadmill/upgrade/inventory"
)

// nodeItem is what is read of a node.
type nodeItem struct {
	Metadata struct {
		Name   string            `json:"name"`
		Labels map[string]string `json:"labels"`
	} `json:"metadata"`
	Spec struct {
		Unschedulable bool `json:"unschedulable"`
	} `json:"spec"`
	Status struct {
		NodeInfo struct {
			KubeletVersion string `json:"kubeletVersion"`
			OSImage        string `json:"osImage"`
		} `json:"nodeInfo"`
		Conditions []struct {
			Type   string `json:"type"`
			Status string `json:"status"`
		} `json:"conditions"`
	} `json:"status"`
}

func (n nodeItem) node() inventory.Node {
	out := inventory.Node{Name: n.Metadata.Name, Version: n.Status.NodeInfo.KubeletVersion, OS: n.Status.NodeInfo.OSImage,
		Labels: n.Metadata.Labels, Cordoned: n.Spec.Unschedulable}
	for _, c := range n.Status.Conditions {
		out.Ready = out.Ready || c.Type == "Ready" && c.Status == "True"
	}
	return out
}

// workloadItem is what is read of a deployment, stateful set or daemon set.
type workloadItem struct {
	Spec struct {
		Template struct {
			Spec struct {
				InitContainers []container `json:"initContainers"`
				Containers     []container `json:"containers"`
			} `json:"spec"`
		} `json:"template"`
	} `json:"spec"`
}

type container struct {
	Image string `json:"image"`
}

func (w workloadItem) images() []string {
	var out []string
	for _, c := range slices.Concat(w.Spec.Template.Spec.InitContainers, w.Spec.Template.Spec.Containers) {
		out = append(out, c.Image)
	}
	return out
}

// Facts reads what a cluster says of itself: its version, nodes, the images of its workloads, and, when releases is set,
// its Helm releases. What may not be read is a finding; the error is one of reaching the cluster at all.
func (c *Cluster) Facts(ctx context.Context, releases bool) (inventory.Facts, []diag.Finding, error) {
	f := inventory.Facts{Context: c.Name}
	var findings []diag.Finding
	version, by, err := c.Version(ctx)
	if err != nil {
		return f, nil, err
	}
	if f.Version = version; by != "" {
		as, _ := inventory.MinorOf(version)
		findings = append(findings, diag.Finding{ID: "live/emulated", Severity: diag.Info, Position: c.At(),
			Message: fmt.Sprintf(
				"the API server is %s and emulates %s, which is what it counts as here: its APIs and features are of that minor until --emulated-version goes",
				by,
				as,
			)})
	}
	nodes, err := Items(ctx, c, "/api/v1/nodes", nil, pageSize, func(n nodeItem) []inventory.Node { return []inventory.Node{n.node()} })
	if f.Nodes = nodes; err != nil {
		f.Hidden.Nodes = true
		findings = append(findings, c.Unread("nodes", err))
	}
	for _, kind := range []string{"deployments", "daemonsets", "statefulsets"} {
		images, err := Items(ctx, c, "/apis/apps/v1/"+kind, nil, pageSize/5, workloadItem.images)
		if f.Images = append(f.Images, images...); err != nil {
			f.Hidden.Workloads = true
			findings = append(findings, c.Unread(kind+".apps", err))
		}
	}
	slices.Sort(f.Images)
	f.Images = slices.Compact(f.Images)
	if releases {
		installed, lost, err := c.Releases(ctx, func(release.Release) {})
		f.Hidden.Releases = err != nil || len(lost) > 0
		if findings = append(findings, lost...); err != nil {
			findings = append(findings, c.Unread("Helm releases", err))
		}
		for _, r := range installed {
			f.Releases = append(f.Releases, inventory.Release{Chart: r.Chart, Version: r.Version, AppVersion: r.AppVersion})
		}
	}
	return f, diag.Sort(findings), errors.Join(ctx.Err())
}
