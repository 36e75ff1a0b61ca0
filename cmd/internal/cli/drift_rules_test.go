package cli_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/drift"
	"treadmill/rules"
)

const driftSpec = `apiVersion: openslo/v1
kind: SLO
metadata: {name: checkout}
spec:
  service: shop
  indicator: {metadata: {name: requests}, spec: {ratioMetric: {counter: true, bad: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(shop_requests_total{code=~"5.."}[5m]))'}}}, total: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(shop_requests_total[5m]))'}}}}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{target: 0.999}]
`

// generatedRules is what a spec makes, as the text of an object.
func generatedRules(t *testing.T, spec string) string {
	t.Helper()
	got := run(nil, "rules", "generate", write(t, "slo.yaml", spec))
	if got.status != 0 {
		t.Fatal(got.stderr)
	}
	return got.stdout
}

// asObject is an object of a cluster: what a server adds, and what change does to its text before.
func asObject(t *testing.T, text, namespace, manager string, change ...string) string {
	t.Helper()
	var o map[string]any
	if err := yaml.Unmarshal([]byte(strings.NewReplacer(change...).Replace(text)), &o); err != nil {
		t.Fatal(err)
	}
	meta := o["metadata"].(map[string]any)
	meta["namespace"], meta["uid"], meta["generation"], meta["resourceVersion"] = namespace, "1-2", 3, "77"
	meta["managedFields"] = []any{
		map[string]any{
			"manager":    "argocd-controller",
			"operation":  "Apply",
			"apiVersion": "monitoring.coreos.com/v1",
			"time":       "2026-11-02T08:00:00Z",
		},
		map[string]any{"manager": manager, "operation": "Update", "apiVersion": "monitoring.coreos.com/v1", "time": "2026-11-20T14:03:00Z"},
		map[string]any{
			"manager":     "prometheus-operator",
			"operation":   "Update",
			"apiVersion":  "monitoring.coreos.com/v1",
			"time":        "2026-11-22T14:03:00Z",
			"subresource": "status",
		},
	}
	out, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// asLoaded is a group list as the API of Prometheus answers it: expressions laid out anew, group labels and times of no interest added.
func asLoaded(t *testing.T, text, failing string) string {
	t.Helper()
	files, problems := rules.Read("x", []byte(text))
	if len(problems) > 0 || len(files) == 0 {
		t.Fatal(problems)
	}
	var groups []any
	for i, f := range files {
		for _, g := range f.Groups {
			var all []any
			for _, r := range g.Rules {
				e, err := rules.ParseExpr(r.Expr)
				if err != nil {
					t.Fatal(err)
				}
				one := map[string]any{
					"name":           r.Name(),
					"query":          e.String(),
					"labels":         r.Labels,
					"health":         "ok",
					"evaluationTime": 0.01,
					"lastEvaluation": "2026-11-23T11:59:59Z",
					"type":           "recording",
				}
				if r.Alert != "" {
					one["type"], one["duration"], one["annotations"], one["alerts"], one["state"] = "alerting", time.Duration(r.For).
						Seconds(),
						r.Annotations, []any{}, "inactive"
				}
				if r.Name() == failing {
					one["health"], one["lastError"] = "err", "found duplicate series for the match group"
				}
				all = append(all, one)
			}
			groups = append(
				groups,
				map[string]any{
					"name":     g.Name,
					"file":     fmt.Sprintf("/etc/prometheus/rules/%d.yaml", i),
					"interval": time.Duration(g.Interval).Seconds(),
					"rules":    all,
				},
			)
		}
	}
	out, err := json.Marshal(map[string]any{"status": "success", "data": map[string]any{"groups": groups}})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

const rulesPath = "/apis/monitoring.coreos.com/v1/prometheusrules"

func TestDriftOfRules(t *testing.T) {
	spec := write(t, "slo.yaml", driftSpec)
	made := generatedRules(t, driftSpec)
	foreign := `{"metadata":{"name":"stack","namespace":"monitoring"},"spec":{"groups":[{"name":"stack","rules":[{"alert":"Down","expr":"up == 0"}]}]}}`
	sideways := generatedRules(t, strings.NewReplacer("checkout", "orphan").Replace(driftSpec))
	file := write(t, "rules.yaml", made)
	older := generatedRules(t, strings.NewReplacer("0.999", "0.99").Replace(driftSpec))
	for name, c := range map[string]struct {
		objects []string
		rules   string // the file in Git
		server  string
		want    []string // IDs and subjects
		says    string
	}{
		"the same":                {objects: []string{asObject(t, made, "shop", "argocd-controller"), foreign}},
		"the same, with its file": {objects: []string{asObject(t, made, "shop", "argocd-controller")}, rules: file},
		"the same on a server":    {objects: []string{asObject(t, made, "shop", "argocd-controller")}, server: asLoaded(t, made, "")},
		"layout and order": {objects: []string{asObject(t, made, "shop", "helm",
			`{code=~"5..",slo_counter="checkout/1"}`, `{ slo_counter = "checkout/1", code =~ "5.." }`)}},
		"nobody has it": {objects: []string{foreign}, want: []string{"drift/rule-missing SLO checkout"}},
		"the server has not loaded it": {objects: []string{asObject(t, made, "shop", "helm")}, server: asLoaded(t, foreignFile, ""),
			want: []string{"drift/rule-missing SLO checkout"}, says: "ruleSelector"},
		"one threshold, by kubectl edit": {objects: []string{asObject(t, made, "shop", "kubectl-edit", "14.4", "20")},
			want: []string{"drift/rule-edited rule ErrorBudgetBurn"}, says: "written last by kubectl-edit at 2026-11-20 14:03 UTC"},
		"a label, and told once": {objects: []string{asObject(t, made, "shop", "kubectl-edit", "severity: page",
			"severity: ticket2")}, server: asLoaded(t, strings.ReplaceAll(made, "severity: page", "severity: ticket2"), ""),
			want: []string{"drift/rule-edited rule ErrorBudgetBurn"}, says: "label severity"},
		"made from an older spec": {objects: []string{asObject(t, older, "shop", "argocd-controller")},
			rules: write(t, "old.yaml", older), want: []string{"drift/rule-stale SLO checkout"}, says: "makes other rules now"},
		"an objective, and no file": {objects: []string{asObject(t, older, "shop", "argocd-controller")},
			want: []string{"drift/rule-stale SLO checkout"}, says: "several groups of its rules are others, written last by argocd-controller"},
		"not as the file, and not the spec": {objects: []string{asObject(t, made, "shop", "argocd-controller", "14.4", "20")}, rules: file,
			want: []string{"drift/rule-edited rule ErrorBudgetBurn"}, says: "the file in Git does not have it so"},
		"loaded twice": {objects: []string{asObject(t, made, "shop", "helm"), asObject(t, made, "monitoring", "helm")},
			want: []string{"drift/rule-twice SLO checkout"},
			says: "context prod, monitoring/slo-checkout; context prod, shop/slo-checkout"},
		"nobody's": {objects: []string{asObject(t, made, "shop", "helm"), asObject(t, sideways, "old", "helm")},
			want: []string{"drift/rule-unowned group slo-orphan"}, says: "the groups slo-orphan, slo-orphan-budget were generated, and no spec that was read makes them any more"},
		"failing": {objects: []string{asObject(t, made, "shop", "helm")}, server: asLoaded(t, made, "slo:events_bad:increase1h"),
			want: []string{"drift/rule-failing rule slo:events_bad:increase1h"},
			says: "found duplicate series"},
		"a namespace that the operator holds rules to": {objects: []string{asObject(t, made, "shop", "helm")},
			server: asLoaded(t, held(t, made), "")},
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{
				"--slo",
				spec,
				"--context",
				"prod",
				"--kubeconfig",
				kubeconfig(t, map[string]string{"prod": apiServer(t, map[string]string{rulesPath: items(c.objects...)})}),
			}
			if c.rules != "" {
				args = append(args, "--rules", c.rules)
			}
			if c.server != "" {
				args = append(args, "--prometheus", apiServer(t, map[string]string{"/api/v1/rules": c.server}))
			}
			_, found, _, _ := driftOf(t, args...)
			var got []string
			for _, f := range found {
				got = append(got, f.ID+" "+f.Subject)
			}
			if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
			for _, f := range found {
				if !strings.Contains(f.Message, c.says) {
					t.Errorf("%q does not say %q", f.Message, c.says)
				}
				if f.Kind == drift.Rules && (f.Diff == "" || f.File == "") {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

const foreignFile = "groups:\n- name: stack\n  rules:\n  - {alert: Down, expr: up == 0}\n"

// held is rules as an operator writes them that enforces the label namespace.
func held(t *testing.T, text string) string {
	t.Helper()
	files, _ := rules.Read("x", []byte(text))
	groups := files[0].Groups
	for i := range groups {
		for j := range groups[i].Rules {
			r := &groups[i].Rules[j]
			labels := map[string]string{"namespace": "shop"}
			for k, v := range r.Labels {
				labels[k] = v
			}
			r.Labels = labels
			e, err := rules.ParseExpr(r.Expr)
			if err != nil {
				t.Fatal(err)
			}
			// every selector, by its text: ours always have matchers
			r.Expr = strings.NewReplacer("}", `,namespace="shop"}`).
				Replace(strings.ReplaceAll(e.String(), "shop_requests_total[", "shop_requests_total{}["))
			r.Expr = strings.NewReplacer("{,", "{").Replace(bare(r.Expr))
		}
	}
	return string(rules.Prometheus.Append(nil, rules.Set{Name: "x", Groups: groups}))
}

// bare gives a selector without matchers the label.
func bare(expr string) string {
	var out strings.Builder
	for rest := expr; ; {
		before, after, ok := strings.Cut(rest, "shop_requests_total")
		out.WriteString(before)
		if !ok {
			return out.String()
		}
		out.WriteString("shop_requests_total")
		if !strings.HasPrefix(after, "{") {
			out.WriteString(`{namespace="shop"}`)
		}
		rest = after
	}
}

// Clusters of one group are to have the same rules; others may have none.
func TestDriftOfRulesAmongClusters(t *testing.T) {
	made := generatedRules(t, driftSpec)
	with := eks("1.34", nil)
	with[rulesPath] = items(asObject(t, made, "shop", "helm"))
	refused := eks("1.34", nil)
	refused[rulesPath] = "403"
	fleet := write(
		t,
		"fleet.yaml",
		"version: 1\nclusters:\n  - {name: a, group: shop, provider: eks, version: \"1.34\"}\n  - {name: b, group: shop, provider: eks, version: \"1.34\"}\n"+
			"  - {name: c, provider: eks, version: \"1.34\"}\n  - {name: d, provider: eks, version: \"1.34\"}\n",
	)
	config := kubeconfig(
		t,
		map[string]string{
			"a": apiServer(t, with),
			"b": apiServer(t, eks("1.34", nil)),
			"c": apiServer(t, eks("1.34", nil)),
			"d": apiServer(t, refused),
		},
	)
	status, found, rows, _ := driftOf(t, "-f", fleet, "--slo", write(t, "slo.yaml", driftSpec), "--kubeconfig", config)
	var got []string
	for _, f := range found {
		got = append(got, f.ID+" "+f.Cluster)
	}
	if s := strings.Join(got, ", "); status != 3 || s != "input/unread , drift/rule-missing b" {
		t.Errorf("%d %s", status, s)
	}
	got = nil
	for _, r := range rows {
		got = append(got, fmt.Sprint(r.Cluster, " ", r.Cells[0].State, " ", r.Cells[1].State))
	}
	if s := strings.Join(got, ", "); s != "a same same, b same apart, c same same, d same unknown" {
		t.Error(s)
	}
}

// A server that does not say what it has loaded is not the same.
func TestDriftOfASilentServer(t *testing.T) {
	url, _ := silence(t)
	status, found, rows, _ := driftOf(
		t,
		"--slo",
		write(t, "slo.yaml", driftSpec),
		"--prometheus",
		strings.Replace(url, "http://", "http://u:hidden@", 1),
		"--timeout",
		"50ms",
	)
	if status != 3 || len(rows) != 1 || rows[0].Cells[0].State != drift.Unknown || strings.Contains(fmt.Sprint(found, rows), "hidden") {
		t.Errorf("%d %+v %+v", status, found, rows)
	}
}
