package kube

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"treadmill/internal/diag"
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

// Facts reads what a cluster says of itself: its version, nodes, the images of its workloads, and, when releases is set,
// its Helm releases. What may not be read is a finding; the error is one of reaching the cluster at all.
func (c *Cluster) Facts(ctx context.Context, releases bool) (inventory.Facts, []diag.Finding, error) {
	f := inventory.Facts{Context: c.Name}
	var err error
	if f.Version, err = c.Version(ctx); err != nil {
		return f, nil, err
	}
	var findings []diag.Finding
	nodes, err := pages(ctx, c, "/api/v1/nodes", nil, "application/json", pageSize, func(resp *http.Response, kept *[]inventory.Node, seen *int) (string, error) {
		return jsonList(resp.Body, func(n nodeItem) {
			*seen++
			*kept = append(*kept, n.node())
		})
	})
	if f.Nodes = nodes; err != nil {
		findings = append(findings, c.unread("nodes", err))
	}
	for _, kind := range []string{"deployments", "daemonsets", "statefulsets"} {
		images, err := pages(ctx, c, "/apis/apps/v1/"+kind, nil, "application/json", pageSize/5, func(resp *http.Response, kept *[]string, seen *int) (string, error) {
			return jsonList(resp.Body, func(w workloadItem) {
				*seen++
				for _, i := range append(w.Spec.Template.Spec.InitContainers, w.Spec.Template.Spec.Containers...) {
					if !slices.Contains(*kept, i.Image) {
						*kept = append(*kept, i.Image)
					}
				}
			})
		})
		if f.Images = append(f.Images, images...); err != nil {
			findings = append(findings, c.unread(kind+".apps", err))
		}
	}
	slices.Sort(f.Images)
	f.Images = slices.Compact(f.Images)
	if releases {
		found, installed, err := c.Releases(ctx, func(_, _ []byte) bool { return false })
		if findings = append(findings, found.Findings...); err != nil {
			findings = append(findings, c.unread("Helm releases", err))
		}
		for _, r := range installed {
			f.Releases = append(f.Releases, inventory.Release{Chart: r.Chart, Version: r.Version, AppVersion: r.AppVersion})
		}
	}
	return f, diag.Sort(findings), errors.Join(ctx.Err())
}
