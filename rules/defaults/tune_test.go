package defaults_test

import (
	"strings"
	"testing"

	"treadmill/rules"
	"treadmill/rules/defaults"
)

// TestTuning: what a row changes about a rule it changes once, and what it wrote is recognised as the same alert.
func TestTuning(t *testing.T) {
	for name, c := range map[string]struct{ expr, want, hold string }{
		"etcdHighNumberOfFailedGRPCRequests": {
			`100 * sum(rate(grpc_server_handled_total{job=~".*etcd.*", grpc_code=~"Unknown|FailedPrecondition|ResourceExhausted|Internal|Unavailable|DataLoss|DeadlineExceeded"}[5m])) without (grpc_type, grpc_code) / sum(rate(grpc_server_handled_total{job=~".*etcd.*"}[5m])) without (grpc_type, grpc_code) > 1`,
			`grpc_type!~".*stream"`, "10m"},
		"KubeHpaMaxedOut": {`( kube_horizontalpodautoscaler_status_current_replicas{job="kube-state-metrics", namespace=~".*"} == kube_horizontalpodautoscaler_spec_max_replicas{job="kube-state-metrics", namespace=~".*"} ) and on (namespace, horizontalpodautoscaler, cluster) ( kube_horizontalpodautoscaler_spec_max_replicas{job="kube-state-metrics", namespace=~".*"} != kube_horizontalpodautoscaler_spec_min_replicas{job="kube-state-metrics", namespace=~".*"} )`,
			"unless on (namespace, horizontalpodautoscaler, cluster)", "10m"},
		"TargetDown":       {`100 * (count(up == 0) BY (cluster, job, namespace, service) / count(up) BY (cluster, job, namespace, service)) > 10`, "count by", "30m"},
		"KubeClientErrors": {`(sum(rate(rest_client_requests_total{job="apiserver",code=~"5.."}[5m])) by (cluster, instance, job, namespace) / sum(rate(rest_client_requests_total{job="apiserver"}[5m])) by (cluster, instance, job, namespace)) > 0.01`, "5..", "30m"},
	} {
		files, problems := rules.Read(
			"r.yaml",
			[]byte("groups:\n- name: g\n  rules:\n  - {alert: "+name+", expr: '"+c.expr+"', for: 10m, labels: {severity: warning}}\n"),
		)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		table, _ := defaults.Known()
		first := defaults.Replace(files, table, defaults.ReplaceOptions{})
		if m := first.Fates[0].Match; m != defaults.Same {
			t.Errorf("%s is known as %s", name, m)
		}
		got := first.Files[0].Groups[0].Rules[0]
		if strings.Count(strings.ToLower(got.Expr), strings.ToLower(c.want)) == 0 && name != "TargetDown" || got.For.String() != c.hold {
			t.Errorf("%s: for %s: %s", name, got.For, got.Expr)
		}
		second := defaults.Replace(first.Files, table, defaults.ReplaceOptions{})
		if f := second.Fates[0]; f.Match != defaults.Same || f.Touched || second.Files[0].Groups[0].Rules[0].Expr != got.Expr {
			t.Errorf("%s, the second time: %s, %v", name, f.Match, f.What)
		}
	}
}
