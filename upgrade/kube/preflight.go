package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/upgrade/component"
	"treadmill/upgrade/preflight"
)

// Document is an object of the cluster as JSON, under the name that findings give it.
type Document struct {
	Name string
	Data []byte
}

// Seen is what Preflight reads.
type Seen struct {
	preflight.Cluster
	Documents []Document // the objects that hold rules and dashboards
}

// Preflight reads what package preflight judges beside nodes and add-ons, and the objects that hold rules and dashboards:
// PrometheusRules, and config maps with the label grafana_dashboard. also reads the API server's metrics too, which are asked
// for once. What may not be read is a finding.
func (c *Cluster) Preflight(ctx context.Context, also func(metrics io.Reader) error) (Seen, []diag.Finding) {
	p := Seen{Cluster: preflight.Cluster{Name: c.Name}}
	var findings []diag.Finding
	note := func(what string, err error) {
		if err != nil {
			findings = append(findings, c.Unread(what, err))
		}
	}
	var err error
	p.Budgets, err = c.budgets(ctx)
	note("poddisruptionbudgets.policy", err)
	p.Hooks, err = c.hooks(ctx)
	note("webhook configurations", err)
	p.Settings, err = c.settings(ctx)
	note("flags and feature gates", err)
	var on []component.Gate
	err = c.Metrics(ctx, also, func(page io.Reader) (err error) {
		on, err = component.MetricGates("kube-apiserver", page)
		return err
	})
	p.Gates = append(p.Gates, on...)
	note("/metrics", err)
	rules, err := c.PrometheusRules(ctx)
	note("prometheusrules.monitoring.coreos.com", err)
	boards, err := c.documents(ctx, "/api/v1/configmaps", "ConfigMap", "v1", url.Values{"labelSelector": {"grafana_dashboard"}})
	note("config maps with dashboards", err)
	p.Documents = append(rules, boards...)
	return p, diag.Sort(findings)
}

// PrometheusRules reads the rule objects of the Prometheus operator; none in a cluster that does not have it.
func (c *Cluster) PrometheusRules(ctx context.Context) ([]Document, error) {
	return c.documents(ctx, "/apis/monitoring.coreos.com/v1/prometheusrules", "PrometheusRule", "monitoring.coreos.com/v1", nil)
}

// items reads a list in JSON. A kind that the cluster does not have is an empty list.
func items[T, R any](ctx context.Context, c *Cluster, path string, query url.Values, keep func(T) []R) ([]R, error) {
	out, err := Items(ctx, c, path, query, pageSize/5, keep)
	if code(err) == http.StatusNotFound {
		return nil, nil
	}
	return out, err
}

type objectName struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

func (c *Cluster) budgets(ctx context.Context) ([]preflight.Budget, error) {
	type budget struct {
		Metadata objectName `json:"metadata"`
		Status   struct {
			Allowed  int `json:"disruptionsAllowed"`
			Healthy  int `json:"currentHealthy"`
			Desired  int `json:"desiredHealthy"`
			Expected int `json:"expectedPods"`
		} `json:"status"`
	}
	return items(ctx, c, "/apis/policy/v1/poddisruptionbudgets", nil, func(b budget) []preflight.Budget {
		return []preflight.Budget{{Namespace: b.Metadata.Namespace, Name: b.Metadata.Name, Allowed: b.Status.Allowed,
			Healthy: b.Status.Healthy, Desired: b.Status.Desired, Expected: b.Status.Expected}}
	})
}

// ready says whether a service has an endpoint that is ready.
func (c *Cluster) ready(ctx context.Context, service string) (bool, error) {
	namespace, name, _ := strings.Cut(service, "/")
	type slice struct {
		Endpoints []struct {
			Conditions struct {
				Ready *bool `json:"ready"` // nil means ready
			} `json:"conditions"`
		} `json:"endpoints"`
	}
	ready, err := items(ctx, c, "/apis/discovery.k8s.io/v1/namespaces/"+url.PathEscape(namespace)+"/endpointslices",
		url.Values{"labelSelector": {"kubernetes.io/service-name=" + name}}, func(s slice) []bool {
			var out []bool
			for _, e := range s.Endpoints {
				out = append(out, e.Conditions.Ready == nil || *e.Conditions.Ready)
			}
			return out
		})
	return slices.Contains(ready, true), err
}

// settings reads the flags and feature gates that components of the control plane have on their command lines, where they run as pods,
// and those in the config maps that kubeadm keeps.
func (c *Cluster) settings(ctx context.Context) ([]component.Setting, error) {
	set := func(apiVersion, kind string) func(json.RawMessage) []component.Setting {
		return func(raw json.RawMessage) []component.Setting {
			var n yaml.Node
			if yaml.Unmarshal(headed(raw, apiVersion, kind), &n) != nil {
				return nil
			}
			return component.Settings(&n)
		}
	}
	out, err := items(ctx, c, "/api/v1/namespaces/kube-system/pods", url.Values{"labelSelector": {"tier=control-plane"}}, set("v1", "Pod"))
	for _, name := range []string{"kubeadm-config", "kubelet-config", "kube-proxy"} {
		more, failed := items(
			ctx,
			c,
			"/api/v1/namespaces/kube-system/configmaps",
			url.Values{"fieldSelector": {"metadata.name=" + name}},
			set("v1", "ConfigMap"),
		)
		out, err = append(out, more...), errors.Join(err, failed)
	}
	return out, err
}

// headed puts back what items of lists do not say: their kind.
func headed(raw json.RawMessage, apiVersion, kind string) []byte {
	head := []byte(`{"apiVersion":"` + apiVersion + `","kind":"` + kind + `",`)
	return append(head, bytes.TrimLeft(raw, "{ \n\t")...)
}

// documents reads objects whole.
func (c *Cluster) documents(ctx context.Context, path, kind, apiVersion string, query url.Values) ([]Document, error) {
	return items(ctx, c, path, query, func(raw json.RawMessage) []Document {
		var o struct {
			Metadata objectName `json:"metadata"`
		}
		if json.Unmarshal(raw, &o) != nil {
			return nil
		}
		return []Document{
			{Name: c.At().File + ": " + kind + " " + o.Metadata.Namespace + "/" + o.Metadata.Name, Data: headed(raw, apiVersion, kind)},
		}
	})
}
