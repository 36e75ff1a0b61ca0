package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

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
	p.Gates, err = c.gates(ctx)
	note("feature gates", err)
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

// gates reads the feature gates on the command lines of a control plane that runs as pods.
func (c *Cluster) gates(ctx context.Context) ([]component.Gate, error) {
	type pod struct {
		Metadata struct {
			Labels map[string]string `json:"labels"`
		} `json:"metadata"`
		Spec struct {
			Containers []struct {
				Command []string `json:"command"`
				Args    []string `json:"args"`
			} `json:"containers"`
		} `json:"spec"`
	}
	return items(ctx, c, "/api/v1/namespaces/kube-system/pods", url.Values{"labelSelector": {"tier=control-plane"}}, func(p pod) []component.Gate {
		var out []component.Gate
		for _, k := range p.Spec.Containers {
			out = append(out, component.FlagGates(p.Metadata.Labels["component"], append(k.Command, k.Args...))...)
		}
		return out
	})
}

// documents reads objects whole. Items of lists do not say their kind, so it is put back.
func (c *Cluster) documents(ctx context.Context, path, kind, apiVersion string, query url.Values) ([]Document, error) {
	return items(ctx, c, path, query, func(raw json.RawMessage) []Document {
		var o struct {
			Metadata objectName `json:"metadata"`
		}
		if json.Unmarshal(raw, &o) != nil {
			return nil
		}
		head := []byte(`{"apiVersion":"` + apiVersion + `","kind":"` + kind + `",`)
		data := append(head, bytes.TrimLeft(raw, "{ \n\t")...)
		return []Document{{Name: c.At().File + ": " + kind + " " + o.Metadata.Namespace + "/" + o.Metadata.Name, Data: data}}
	})
}
