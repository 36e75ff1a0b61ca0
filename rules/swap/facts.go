package swap

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
	"treadmill/rules/defaults"
)

// disabled are the switches of kube-prometheus-stack that say what a platform does not have, or does not show.
var disabled = []struct {
	key   string
	lacks []string
}{
	{"kubeEtcd", []string{"etcd"}},
	{"kubeProxy", []string{"kube-proxy"}},
	{"coreDns", []string{"coredns"}},
	{"kubelet", []string{"kubelet-metrics"}},
	{"kubeStateMetrics", []string{"kube-state-metrics"}},
	{"kubeApiServer", []string{"apiserver-metrics"}},
	{"alertmanager", []string{"alertmanager"}},
}

// FromValues tells what a platform lacks by the values with which kube-prometheus-stack is installed: components that are switched off, a
// control plane of which neither scheduler nor controller manager is scraped, and no remote write.
func FromValues(values map[string]any) []defaults.Preset {
	var out []defaults.Preset
	off := func(key string) bool {
		enabled, said := at(values, key, "enabled").(bool)
		return said && !enabled
	}
	add := func(lacks []string, because string) {
		out = append(out, defaults.Preset{Name: "the chart as you install it", Lacks: lacks, Because: because})
	}
	for _, d := range disabled {
		if off(d.key) {
			add(d.lacks, d.key+".enabled is false")
		}
	}
	if off("kubeScheduler") && off("kubeControllerManager") {
		add([]string{"control-plane"}, "kubeScheduler.enabled and kubeControllerManager.enabled are false")
	}
	if !hasRemoteWrite(values) {
		add([]string{"remote-write"}, "prometheus.prometheusSpec.remoteWrite is empty")
	}
	return out
}

// hasRemoteWrite reports whether values set up remote write in one of the ways that the chart has.
func hasRemoteWrite(values map[string]any) bool {
	for _, path := range [][]string{{"prometheus", "prometheusSpec", "remoteWrite"},
		{"prometheus", "prometheusSpec", "additionalConfig", "remoteWrite"},
		{"prometheus", "agentSpec", "remoteWrite"}, {"prometheus", "prometheusSpec", "additionalRemoteWrite"}} {
		switch v := at(values, path...).(type) {
		case []any:
			if len(v) > 0 {
				return true
			}
		case map[string]any:
			if len(v) > 0 {
				return true
			}
		case string:
			if v != "" {
				return true
			}
		}
	}
	return false
}

// at is the value at a path of keys, nil where there is none.
func at(values map[string]any, path ...string) any {
	var v any = values
	for _, key := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// Alertmanager finds the configuration of Alertmanager among rendered documents: the secret that the chart makes of alertmanager.config.
func Alertmanager(name string, text []byte) (config []byte, found bool) {
	docs, _ := yamlx.Documents(name, text)
	for _, doc := range docs {
		if yamlx.Text(doc.Root, "kind") != "Secret" {
			continue
		}
		for field, decode := range map[string]func(string) ([]byte, error){
			"data": base64.StdEncoding.DecodeString, "stringData": func(s string) ([]byte, error) { return []byte(s), nil }} {
			if n := yamlx.Child(yamlx.Child(doc.Root, field), "alertmanager.yaml"); n != nil && n.Kind == yaml.ScalarNode {
				if config, err := decode(strings.TrimSpace(n.Value)); err == nil {
					return config, true
				}
			}
		}
	}
	return nil, false
}

// Missing names the charts that a chart depends on and that are not in its folder charts/, as after a clone without helm dependency build.
// names are the paths of the files of the chart, below it.
func Missing(chartYAML []byte, names []string) []string {
	docs, _ := yamlx.Documents("Chart.yaml", chartYAML)
	if len(docs) != 1 {
		return nil
	}
	list := yamlx.Child(docs[0].Root, "dependencies")
	if list == nil {
		return nil
	}
	var out []string
	for _, d := range list.Content {
		name := yamlx.Text(d, "name")
		there := slices.ContainsFunc(names, func(file string) bool {
			return strings.HasPrefix(file, "charts/"+name+"/") || strings.HasPrefix(file, "charts/"+name+"-") && strings.HasSuffix(file, ".tgz")
		})
		if !there && !strings.HasPrefix(yamlx.Text(d, "repository"), "file://") && name != "" {
			out = append(out, fmt.Sprintf("%s %s", name, yamlx.Text(d, "version")))
		}
	}
	return out
}
