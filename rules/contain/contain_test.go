package contain_test

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"treadmill/rules"
	"treadmill/rules/contain"
)

func read(t *testing.T, text string) []rules.File {
	t.Helper()
	files, findings := rules.Read("rules.yaml", []byte("groups:\n- name: g\n  rules:\n"+text))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return files
}

func search(t *testing.T, old, after string) contain.Result {
	t.Helper()
	before := read(t, old)
	all := rules.Rules(before)
	alert := all[len(all)-1]
	return contain.Search(context.Background(), before, alert.Rule, alert.Labels()["severity"], read(t, after), contain.Options{})
}

const notReady = `  - {alert: NotReady, expr: 'kube_node_status_condition{condition="Ready", status="true"} == 0', for: 15m, labels: {severity: warning}}
`

func TestAShareSeesOnlyTheExtreme(t *testing.T) {
	r := search(t, notReady, `  - {record: 'ready:share', expr: 'avg(kube_node_status_condition{condition="Ready", status="true"})'}
  - {alert: ManyNotReady, expr: 'ready:share < 0.9', labels: {severity: critical}}
`)
	if r.Example == nil || r.Example.Objects != 50 || r.Example.Bad != 1 {
		t.Fatalf("want 1 node of 50 as an example: %+v", r)
	}
	if got := r.Example.String(); got != `1 of 50 objects with kube_node_status_condition{condition="Ready", status="true"} = 0` {
		t.Error(got)
	}
}

func TestWhatTellsOfEveryStateContains(t *testing.T) {
	for name, after := range map[string]string{
		"the alert itself": notReady,
		"a milder bound":   `  - {alert: Any, expr: 'min by (node) (kube_node_status_condition{condition="Ready", status="true"}) < 1', labels: {severity: page}}`,
		"a count":          `  - {alert: Any, expr: 'count(kube_node_status_condition{condition="Ready", status="true"} == 0) > 0', labels: {severity: ticket}}`,
	} {
		r := search(t, notReady, after)
		if r.Example != nil || r.Unread != "" || r.States < 5 || len(r.By) != 1 {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// TestWhatDoesNotTell: information tells nobody, an alert that fires anyway tells of nothing, and neither does one about other series.
func TestWhatDoesNotTell(t *testing.T) {
	for name, after := range map[string]string{
		"information":      strings.Replace(notReady, "warning", "info", 1),
		"fires anyway":     `  - {alert: Anyway, expr: 'count(kube_node_status_condition) > 0', labels: {severity: critical}}`,
		"other series":     `  - {alert: Down, expr: 'up == 0', labels: {severity: critical}}`,
		"another label":    strings.Replace(notReady, "Ready\"", "DiskPressure\"", 1),
		"a broken rule":    `  - {alert: Many, expr: 'kube_node_status_condition * on () kube_node_status_condition', labels: {severity: critical}}`,
		"nothing":          `  - {record: a, expr: 'up'}`,
		"of all of them":   `  - {alert: All, expr: 'max(kube_node_status_condition{condition="Ready", status="true"}) == 0', labels: {severity: critical}}`,
		"of more than one": `  - {alert: Two, expr: 'count(kube_node_status_condition{condition="Ready", status="true"} == 0) > 1', labels: {severity: critical}}`,
	} {
		if r := search(t, notReady, after); r.Example == nil || r.Example.Bad != 1 {
			t.Errorf("%s: want one object as an example: %+v", name, r)
		}
	}
}

const failing = `  - {record: 'job:errors:ratio5m', expr: 'sum by (job) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (job) (rate(http_requests_total[5m]))'}
  - {alert: Failing, expr: 'job:errors:ratio5m > 0.05', for: 5m, labels: {severity: critical}}
`

func TestRates(t *testing.T) {
	burn := `  - {record: 'bad:5m', expr: 'sum by (job) (increase(http_requests_total{code=~"5.."}[5m]))'}
  - {record: 'all:5m', expr: 'sum by (job) (increase(http_requests_total[5m]))'}
  - {alert: Burns, expr: 'sum_over_time(bad:5m[6h]) / sum_over_time(all:5m[6h]) > BOUND', labels: {severity: warning}}
`
	if r := search(t, failing, strings.Replace(burn, "BOUND", "0.02", 1)); r.Example != nil || r.States == 0 {
		t.Errorf("a lower bound over a longer window sees every lasting state: %+v", r)
	}
	if r := search(t, failing, strings.Replace(burn, "BOUND", "0.5", 1)); r.Example == nil {
		t.Errorf("a higher bound does not see all: %+v", r)
	}
}

func TestWhatCannotBeSearched(t *testing.T) {
	for expr, want := range map[string]string{
		"vector(1)":               "reads no series",
		"up > 1 and up < 1":       "no values were found",
		`up{job="a", job!="a"}`:   "reads no series",
		`rate(errors[5m]) > 1e12`: "no values were found",
	} {
		alert := "  - {alert: A, expr: '" + expr + "', labels: {severity: critical}}\n"
		if r := search(t, alert, alert); !strings.Contains(r.Unread, want) || r.Example != nil {
			t.Errorf("%s: %+v", expr, r)
		}
	}
}

// TestRulesTellOfWhatTheyTell: of no state that rules tell of do the same rules tell nobody, whatever the alert.
func TestRulesTellOfWhatTheyTell(t *testing.T) {
	data, err := os.ReadFile("../../testdata/rules/kube-prometheus.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files, _ := rules.Read("installed.yaml", data)
	searched := 0
	for _, p := range rules.Rules(files) {
		if severity := p.Labels()["severity"]; slices.Contains([]string{"critical", "warning"}, severity) {
			r := contain.Search(context.Background(), files, p.Rule, severity, files, contain.Options{Sizes: []int{3}, States: 2})
			if r.Example != nil {
				t.Errorf("%s (%s): %s", r.Alert, severity, r.Example)
			}
			if r.Unread == "" {
				searched++
			}
		}
	}
	if searched < 10 {
		t.Errorf("only %d alerts were searched", searched)
	}
}
