package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"treadmill/rules"
	"treadmill/rules/lint"
	"treadmill/upgrade"
)

func catalogue(t testing.TB) *lint.Catalogue {
	t.Helper()
	c, err := lint.Kubernetes()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCheckFollowsTheVersions holds what release notes and issues of other projects say of these metrics.
func TestCheckFollowsTheVersions(t *testing.T) {
	c := catalogue(t)
	for _, test := range []struct {
		expr string
		to   int
		want string // findings by comma
	}{
		{`rate(apiserver_request_total[5m])`, 37, ""},
		{`apiserver_request_slo_duration_seconds_bucket`, 28, lint.FindingHidden},
		{`apiserver_request_slo_duration_seconds_bucket`, 37, lint.FindingRemoved},
		{`{__name__="apiserver_request_slo_duration_seconds_bucket"}`, 37, lint.FindingRemoved},
		{`apiserver_storage_objects`, 34, ""}, // 1.34.0 does not deprecate it in its code; 1.35 says "since 1.34"
		{`apiserver_storage_objects`, 36, lint.FindingDeprecated},
		{`apiserver_storage_objects`, 37, lint.FindingHidden},
		{`scheduler_pod_scheduling_duration_seconds_count`, 29, lint.FindingDeprecated},
		{`scheduler_pod_scheduling_duration_seconds_count`, 30, lint.FindingHidden},
		{`scheduler_pod_scheduling_duration_seconds_count`, 33, lint.FindingRemoved},
		{`scheduler_scheduler_cache_size`, 34, lint.FindingRemoved},
		{`apiserver_resource_objects`, 33, lint.FindingNew},
		{`apiserver_request_totl`, 37, lint.FindingUnknown},
		{`node_cpu_seconds_total`, 37, ""},
		// The cAdvisor in the kubelet: what it lost with 1.37 (CHANGELOG-1.37, kubernetes/kubernetes#139870), what it kept and what only one
		// beside it has.
		{`container_tasks_state{state="stopped"}`, 36, ""},
		{`container_tasks_state{state="stopped"}`, 37, lint.FindingRemoved},
		{`container_cpu_load_d_average_10s`, 37, lint.FindingRemoved},
		{`rate(container_application_requests[5m])`, 36, ""},
		{`rate(container_application_requests[5m])`, 37, lint.FindingRemoved},
		{`container_memory_working_set_bytes`, 37, ""},
		{`container_pressure_cpu_waiting_seconds_total`, 32, lint.FindingNew},
		{`container_referenced_bytes`, 37, ""},
		// 1.38 is known from a pre-release: what that deprecates is hidden with it, what comes with it is not there before.
		{`endpoint_slice_controller_changes`, 38, lint.FindingHidden},
		{`kubelet_device_plugin_devices`, 37, lint.FindingNew},
		{`kubelet_device_plugin_devices`, 39, ""},
		{`apiserver_request:burnrate1d`, 37, ""},
		// Labels: lost, kept, lost where something else may supply it, and a matcher that also takes series without it.
		{`sum by (type) (rate(etcd_request_duration_seconds_count[5m]))`, 33, ""},
		{`sum by (type) (rate(etcd_request_duration_seconds_count[5m]))`, 34, lint.FindingLabel},
		{`etcd_request_duration_seconds_count{type="pods"}`, 34, lint.FindingLabel},
		{`etcd_request_duration_seconds_count{type!="pods"}`, 34, ""},
		{`sum without (type) (etcd_request_duration_seconds_count)`, 34, ""},
		{`sum by (type) (label_replace(etcd_request_duration_seconds_count, "type", "$1", "resource", "(.*)"))`, 34, ""},
		{`sum by (type) (etcd_request_duration_seconds_count * on (operation) group_left (type) other)`, 34, ""},
		{`etcd_request_duration_seconds_count / on (type) other`, 34, lint.FindingLabel},
		{`sum by (cluster, instance, le) (rate(etcd_request_duration_seconds_bucket[5m]))`, 34, ""},
	} {
		t.Run(fmt.Sprintf("1.%d %s", test.to, test.expr), func(t *testing.T) {
			r := lint.Check([]lint.Query{{Owner: "X", Expr: test.expr}}, nil, c, upgrade.V1(test.to))
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.ID)
			}
			if g := strings.Join(got, ","); g != test.want {
				t.Errorf("%q, want %q", g, test.want)
			}
		})
	}
}

// TestRecordedNamesAreNotKubernetes: a rule may record a series under any name.
func TestRecordedNamesAreNotKubernetes(t *testing.T) {
	files, _ := rules.Read(
		"r.yaml",
		[]byte("groups: [{name: a, rules: [{record: kubelet_mine, expr: up}, {alert: A, expr: kubelet_mine > 1}]}]"),
	)
	queries, recorded := lint.Rules(files)
	if r := lint.Check(queries, recorded, catalogue(t), upgrade.V1(37)); len(r.Findings) != 0 || r.Queries != 2 {
		t.Errorf("%+v", r)
	}
}

// TestCatalogueIsWhole compares the number of metrics of each release with the list that Kubernetes generates of itself
// where that list is up to date (test/instrumentation/documentation/documentation-list.yaml of 1.32, 1.35 and 1.36): at
// least all of those.
func TestCatalogueIsWhole(t *testing.T) {
	c := catalogue(t)
	for minor, want := range map[int]int{32: 480, 35: 510, 36: 550, 37: 609} {
		if n := c.Count(upgrade.V1(minor)); n < want {
			t.Errorf("1.%d has %d metrics, want at least %d", minor, n, want)
		}
	}
}

const dashboard = `{"title":"API server","panels":[
 {"title":"Objects","datasource":{"type":"prometheus"},"targets":[
  {"expr":"sum by (resource) (apiserver_storage_objects{cluster=\"$cluster\"})"}]},
 {"title":"Row","panels":[{"title":"Rate","targets":[{"expr":"sum(rate(apiserver_request_total{job=~\"${job:regex}\"}[$__rate_interval]))"},
  {"expr":"rate(apiserver_request_total[$window])"}]}]},
 {"title":"Logs","targets":[{"datasource":{"type":"loki"},"expr":"{app=\"x\"} |= \"y\""}]},
 {"title":"Broken","targets":[{"expr":"sum("}]}]}`

func TestDashboards(t *testing.T) {
	configMap := "apiVersion: v1\nkind: ConfigMap\ndata:\n  notes.txt: hello\n  api.json: |-\n    " + strings.ReplaceAll(
		dashboard,
		"\n",
		"\n    ",
	)
	for name, text := range map[string]string{"plain": dashboard, "exported": `{"meta":{},"dashboard":` + dashboard + "}",
		"config map": configMap, "list": "kind: List\nitems:\n- " + strings.ReplaceAll(configMap, "\n", "\n  ")} {
		t.Run(name, func(t *testing.T) {
			queries, n := lint.Dashboards("d.json", []byte(text))
			if n != 1 || len(queries) != 4 {
				t.Fatalf("%d dashboards, %d queries: %v", n, len(queries), queries)
			}
			r := lint.Check(queries, nil, catalogue(t), upgrade.V1(37))
			var got []string
			for _, f := range r.Findings {
				got = append(got, f.ID+" "+strings.SplitN(f.Message, ":", 2)[0])
				if f.Position.Line < 2 {
					t.Errorf("%s stands at %s", f.ID, f.Position)
				}
			}
			want := "rules/metric-hidden panel Objects|rules/query-unread panel Broken"
			if g := strings.Join(got, "|"); g != want {
				t.Errorf("%q, want %q", g, want)
			}
		})
	}
}

func FuzzDashboards(f *testing.F) {
	f.Add([]byte(dashboard))
	f.Add([]byte("kind: ConfigMap\ndata: {a.json: '{\"panels\": [1]}', b.json: 3}"))
	c := catalogue(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		queries, _ := lint.Dashboards("d", data)
		for _, finding := range lint.Check(queries, nil, c, upgrade.V1(37)).Findings {
			if finding.Position.File != "d" || finding.Message == "" {
				t.Errorf("%+v", finding)
			}
		}
	})
}
