package kube_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"treadmill/upgrade/apis/auditlog"
)

// TestPreflightReadsMetricsOnce: feature gates and calls of deprecated APIs come from one reading of the API server's metrics.
func TestPreflightReadsMetricsOnce(t *testing.T) {
	const gate = "kubernetes_feature_enabled{name=\"WatchList\",stage=\"BETA\"} 1\n"
	const call = "apiserver_requested_deprecated_apis{group=\"\",version=\"v1\",resource=\"endpoints\",removed_release=\"\",subresource=\"\"} 1\n"
	long := strings.Repeat("other_metric{code=\"200\"} 17\n", 100_000)
	for name, c := range map[string]struct {
		page, problem string
		gates, calls  int
	}{
		"both":        {page: gate + long + call, gates: 1, calls: 1},
		"broken gate": {page: "kubernetes_feature_enabled{name=\n" + long + call, problem: "kubernetes_feature_enabled", calls: 1},
		"broken call": {page: long + "apiserver_requested_deprecated_apis{\n" + long, problem: "apiserver_requested_deprecated_apis"},
		"not a page":  {page: "<html>", problem: "no metrics of an API server"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			cluster := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/metrics" {
					http.NotFound(w, r)
					return
				}
				asked.Add(1)
				fmt.Fprint(w, c.page)
			}))
			var calls []auditlog.Call
			seen, findings := cluster.Preflight(t.Context(), func(page io.Reader) (err error) {
				calls, err = auditlog.Metrics(page, "metrics")
				return err
			})
			if asked.Load() != 1 {
				t.Errorf("/metrics was read %d times", asked.Load())
			}
			if len(seen.Gates) != c.gates && c.problem == "" || len(calls) != c.calls {
				t.Errorf("%d gates and %d calls: %+v", len(seen.Gates), len(calls), seen)
			}
			if c.problem == "" && len(findings) > 0 || c.problem != "" && (len(findings) != 1 || !strings.Contains(findings[0].Message, c.problem)) {
				t.Errorf("findings %v", findings)
			}
		})
	}
}

// TestPreflightReadsSettings: flags and gates come from the command lines of static pods, and from the config maps of kubeadm.
func TestPreflightReadsSettings(t *testing.T) {
	cluster := connect(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case r.URL.Path == "/api/v1/namespaces/kube-system/pods":
			fmt.Fprint(w, `{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"kube-scheduler-a"},"spec":{"containers":[
				{"name":"c","command":["kube-scheduler","--v=2","--feature-gates=A=true"]}]}}]}`)
		case r.URL.Path == "/api/v1/namespaces/kube-system/configmaps" && r.URL.Query().Get("fieldSelector") == "metadata.name=kubelet-config":
			fmt.Fprint(w, `{"kind":"ConfigMapList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"kubelet-config"},"data":{"kubelet":
				"apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nfeatureGates: {B: false}\n"}}]}`)
		case r.URL.Path == "/api/v1/namespaces/kube-system/configmaps" && r.URL.Query().Get("fieldSelector") == "metadata.name=kubeadm-config":
			fmt.Fprint(
				w,
				`{"kind":"ConfigMapList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"name":"kubeadm-config"},"data":{"ClusterConfiguration":
				"apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration\napiServer:\n  extraArgs:\n  - {name: profiling, value: \"false\"}\n"}}]}`,
			)
		default:
			http.NotFound(w, r)
		}
	}))
	seen, _ := cluster.Preflight(t.Context(), nil)
	var got []string
	for _, s := range seen.Settings {
		got = append(got, s.Component+" "+s.Flag+s.Gate.Name)
	}
	if want := "kube-scheduler v, kube-scheduler A, kube-apiserver profiling, kubelet B"; strings.Join(got, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(got, ", "), want)
	}
}
