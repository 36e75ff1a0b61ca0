package kube

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"treadmill/upgrade/preflight"
)

// hookConfig is what is read of a webhook configuration, mutating or validating.
type hookConfig struct {
	Metadata objectName `json:"metadata"`
	Webhooks []hook     `json:"webhooks"`
}

type hook struct {
	Name          string `json:"name"`
	FailurePolicy string `json:"failurePolicy"`
	ClientConfig  struct {
		Service *objectName `json:"service"`
	} `json:"clientConfig"`
	NamespaceSelector *metav1.LabelSelector `json:"namespaceSelector"`
	ObjectSelector    *metav1.LabelSelector `json:"objectSelector"`
	MatchConditions   []json.RawMessage     `json:"matchConditions"`
	Rules             []hookRule            `json:"rules"`
}

// hookRule has the fields of RuleWithOperations
// (https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-rules).
type hookRule struct {
	Operations  []string `json:"operations"`
	APIGroups   []string `json:"apiGroups"`
	APIVersions []string `json:"apiVersions"`
	Resources   []string `json:"resources"`
	Scope       string   `json:"scope"`
}

// pods reports whether a rule takes the making of a pod: CREATE of pods, which are namespaced, in v1 of the core group.
func (r hookRule) pods() bool {
	has := func(list []string, want string) bool {
		return slices.Contains(list, "*") || slices.Contains(list, want)
	}
	return has(r.Operations, "CREATE") && has(r.APIGroups, "") && has(r.APIVersions, "v1") && r.Scope != "Cluster" &&
		slices.ContainsFunc(r.Resources, func(name string) bool {
			resource, sub, _ := strings.Cut(name, "/")
			return (resource == "*" || resource == "pods") && (sub == "" || sub == "*")
		})
}

// everywhere reports whether a webhook is called for pods in kube-system too, of whose labels only its name is known for sure.
func (h hook) everywhere() bool {
	if o := h.ObjectSelector; len(h.MatchConditions) > 0 || o != nil && len(o.MatchLabels)+len(o.MatchExpressions) > 0 {
		return false
	}
	if h.NamespaceSelector == nil {
		return true
	}
	selector, err := metav1.LabelSelectorAsSelector(h.NamespaceSelector)
	return err == nil && selector.Matches(labels.Set{"kubernetes.io/metadata.name": "kube-system"})
}

// hooks reads the webhooks that fail closed when pods are made, and whether their services answer.
func (c *Cluster) hooks(ctx context.Context) ([]preflight.Hook, error) {
	var out []preflight.Hook
	for _, kind := range []string{"mutatingwebhookconfigurations", "validatingwebhookconfigurations"} {
		hooks, err := items(ctx, c, "/apis/admissionregistration.k8s.io/v1/"+kind, nil, closedHooks)
		if err != nil {
			return nil, err
		}
		out = append(out, hooks...)
	}
	known := map[string]bool{}
	for i, h := range out {
		if h.Service == "" {
			continue
		}
		if _, ok := known[h.Service]; !ok {
			ready, err := c.ready(ctx, h.Service)
			if err != nil {
				return nil, err
			}
			known[h.Service] = ready
		}
		out[i].Ready = known[h.Service]
	}
	return out, nil
}

// closedHooks are the webhooks of a configuration without which no pod is made.
func closedHooks(config hookConfig) []preflight.Hook {
	var out []preflight.Hook
	for _, w := range config.Webhooks {
		if w.FailurePolicy == "Ignore" || !slices.ContainsFunc(w.Rules, hookRule.pods) {
			continue
		}
		h := preflight.Hook{Configuration: config.Metadata.Name, Name: w.Name, Everywhere: w.everywhere()}
		if s := w.ClientConfig.Service; s != nil {
			h.Service = s.Namespace + "/" + s.Name
		}
		out = append(out, h)
	}
	return out
}
