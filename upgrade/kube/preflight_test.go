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
