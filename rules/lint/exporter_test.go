package lint_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"treadmill/rules"
	"treadmill/rules/lint"
	"treadmill/upgrade"
)

func found(t *testing.T, expr string) []string {
	t.Helper()
	e, err := lint.KnownExporters()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range lint.CheckAll([]lint.Query{{Owner: "X", Expr: expr}}, map[string]bool{"node_mine": true}, catalogue(t), upgrade.V1(37),
		e, 30*time.Second).Findings {
		out = append(out, f.ID+" "+strings.TrimPrefix(f.Message, "X: "))
	}
	return out
}

// The right sides are what changelogs and metadata of the projects say: kube-state-metrics 2.0 and 2.14, node_exporter 0.16, CoreDNS 1.7
// and 1.11, Kubernetes 1.16.
func TestMetricsOfExporters(t *testing.T) {
	for expr, want := range map[string]string{
		`kube_pod_info`: "", `up`: "", `node_mine > 1`: "", `my_own_total`: "", `node_load1`: "", `kube_mycrd_status`: "",
		`kube_pod_container_resource_limits_memory_bytes`:           lint.FindingRemoved + ` kube_pod_container_resource_limits_memory_bytes is gone since kube-state-metrics 2.0; use kube_pod_container_resource_limits{resource="memory"}`,
		`kube_hpa_status_desired_replicas`:                          lint.FindingRemoved + " kube_hpa_status_desired_replicas is gone since kube-state-metrics 2.0; use kube_horizontalpodautoscaler_status_desired_replicas",
		`kube_endpoint_address_not_ready > 0`:                       lint.FindingRemoved + ` kube_endpoint_address_not_ready is gone since kube-state-metrics 2.15; use count(kube_endpoint_address{ready="false"})`,
		`node_memory_MemAvailable / node_memory_MemTotal_bytes`:     lint.FindingRemoved + " node_memory_MemAvailable is gone since node_exporter 0.16; use node_memory_MemAvailable_bytes",
		`rate(node_network_receive_bytes[5m])`:                      lint.FindingRemoved + " node_network_receive_bytes is gone since node_exporter 0.16; use node_network_receive_bytes_total",
		`rate(coredns_dns_request_count_total[5m])`:                 lint.FindingRemoved + " coredns_dns_request_count_total is gone since CoreDNS 1.8; use coredns_dns_requests_total",
		`rate(coredns_forward_request_duration_seconds_bucket[5m])`: lint.FindingRemoved + " coredns_forward_request_duration_seconds is gone since CoreDNS 1.11; use coredns_proxy_request_duration_seconds",
		`rate(prometheus_remote_storage_failed_samples_total[5m])`:  lint.FindingRemoved + " prometheus_remote_storage_failed_samples_total is gone since Prometheus 2.23; use prometheus_remote_storage_samples_failed_total",
		`rate(prometheus_remote_storage_failed_samples_total[5m]) or rate(prometheus_remote_storage_samples_failed_total[5m])`: "", // for servers of either age
		`absent(kube_hpa_labels)`:                                                                         "",
		`node_filesystem_avial_bytes`:                                                                     lint.FindingUnknown + " no release of node_exporter declares node_filesystem_avial_bytes; did you mean node_filesystem_avail_bytes?",
		`sum by (container_name) (container_memory_rss)`:                                                  lint.FindingLabel + ` container_memory_rss has no label "container_name" since Kubernetes 1.16; use container`,
		`container_memory_rss{pod_name=~"a|"}`:                                                            lint.FindingLabel + ` container_memory_rss has no label "pod_name" since Kubernetes 1.16; use pod`,
		`sum by (hpa) (kube_horizontalpodautoscaler_status_current_replicas)`:                             lint.FindingLabel + ` kube_horizontalpodautoscaler_status_current_replicas has no label "hpa" since kube-state-metrics 2.0; use horizontalpodautoscaler`,
		`rate(node_filesystem_free_bytes[5m])`:                                                            lint.FindingGaugeRate,
		`increase(kube_pod_status_ready[1h])`:                                                             lint.FindingGaugeRate,
		`rate(node_cpu_seconds_total[5m])`:                                                                "",
		`deriv(node_filesystem_free_bytes[1h])`:                                                           "",
		`rate(prometheus_remote_storage_queue_highest_timestamp_seconds[5m])`:                             "",
		`rate(requests_total[59s])`:                                                                       lint.FindingShort,
		`rate(requests_total[1m])`:                                                                        "",
		`max_over_time(temperature[10s])`:                                                                 "",
		`kube_pod_info * on (pod, ns) group_left (node) kube_pod_status_phase`:                            lint.FindingMatchLabel + ` on (pod, ns): neither side has a label "ns"`,
		`kube_pod_info * on (pod, namespace) group_left () kube_pod_labels`:                               "",
		`kube_pod_labels and on (namespace, label_app) kube_pod_annotations`:                              "",
		`sum by (pod) (a) / on (pod, job) b`:                                                              "",
		`sum by (pod) (a) / on (pod, job) sum by (pod) (b)`:                                               lint.FindingMatchLabel + ` on (pod, job): neither side has a label "job"`,
		`label_replace(kube_pod_info, "ns", "$1", "namespace", "(.*)") and on (ns) kube_pod_status_phase`: "",
		`a / on (anything) b`:                                                                             "",
	} {
		got := found(t, expr)
		if want == "" && len(got) > 0 || want != "" && (len(got) != 1 || !strings.HasPrefix(got[0], want)) {
			t.Errorf("%s:\n%q\nwant %q", expr, got, want)
		}
	}
}

func TestDuplicatesOfOneFile(t *testing.T) {
	files, problems := rules.Read(
		"r.yaml",
		[]byte("groups:\n- {name: a, rules: [{record: 'x:y', expr: sum(y)}, {alert: A, expr: up, labels: {s: w}}]}\n"+
			"- {name: b, rules: [{record: 'x:y', expr: 'sum(y) '}, {alert: A, expr: up, labels: {s: c}}]}\n"),
	)
	if got := lint.Duplicates(files); len(problems) > 0 || len(got) != 1 || got[0].Line != 3 ||
		got[0].Message != "x:y is already on line 2, in group a, with the same labels and expression" {
		t.Error(problems, got)
	}
}

func TestWhatAServerHas(t *testing.T) {
	var queries []lint.Query
	for _, e := range []string{`rate(a_total{job="x"}[5m] offset 1h) > 0`, `b == 1 unless on () c`, `d or e`, `absent(f)`, `recorded > 1`, `ALERTS{alertname="A"}`, `rate(g[5m])`, `delta(a_total[5m])`} {
		queries = append(queries, lint.Query{Owner: "X", Expr: e})
	}
	recorded := map[string]bool{"recorded": true}
	selectors, names := lint.Selectors(queries, recorded)
	if fmt.Sprint(selectors) != `[a_total a_total{job="x"} b g]` || fmt.Sprint(names) != "[a_total b g]" {
		t.Errorf("%v, %v", selectors, names)
	}
	live := lint.Live{Types: map[string]string{"g": "gauge", "a_total": "counter"}, Series: map[string]bool{"a_total": true, "g": true}}
	var got []string
	for _, f := range lint.CheckLive(queries, recorded, live) {
		got = append(got, f.ID+" "+f.Message)
	}
	want := []string{
		`rules/no-series X: a_total{job="x"} has no series on the server, which has a_total with other labels: look at job="x"`,
		`rules/no-series X: b has no series on the server`,
		`rules/type X: delta() wants a gauge, and the server says that a_total is a counter; use increase() or rate()`,
		`rules/type X: rate() wants a counter, and the server says that g is a gauge; use deriv() or delta()`,
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q", got)
	}
}

// TestVariablesForNumbers: what dashboards put in the place of a number does not keep a query from being read.
func TestVariablesForNumbers(t *testing.T) {
	for expr, read := range map[string]bool{
		`topk($k, sum by (pod) (rate(a[$__rate_interval])))`: true, `topk by (pod) (${n:raw}, a{pod=~"$pod"})`: true,
		`max_over_time(rate(a[1m])[$__range:$step])`: true, `a offset $off + a offset -${off}`: true, `clamp(a, $min, [[max]])`: true,
		`topk($k, sum by (pod, $by) (a))`: true, `rate(a[$window:])`: true,
		`histogram_quantile([[q]], sum by (le) (rate(b_bucket[5m])))`: true, `sum(rate(a[5m])) by ($by)`: true, `$query`: true, `a{%(selector)s}`: false,
	} {
		queries, _ := lint.Dashboards(
			"d.json",
			[]byte(fmt.Sprintf(`{"title":"d","panels":[{"title":"p","targets":[{"expr":%q},{"expr":""}]}]}`, expr)),
		)
		if len(queries) != 1 {
			t.Fatal(queries)
		}
		if _, err := rules.ParseExpr(queries[0].Expr); (err == nil) != read {
			t.Errorf("%s is read as %s: %v", expr, queries[0].Expr, err)
		}
	}
}
