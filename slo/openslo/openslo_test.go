package openslo_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
	"treadmill/slo/openslo"
)

func decode(t testing.TB, text string) ([]slo.SLO, []diag.Finding) {
	t.Helper()
	docs, findings := yamlx.Documents("f.yaml", []byte(text))
	slos, problems := openslo.Decode(slices.Values(docs))
	return slos, append(findings, problems...)
}

// wants fails unless the first finding with a severity of at least warning is at the place and says the words; "" wants none.
func wants(t *testing.T, findings []diag.Finding, want string) {
	t.Helper()
	var got []string
	for _, f := range findings {
		if f.Severity > diag.Info {
			got = append(got, fmt.Sprintf("%d:%d %s %s", f.Line, f.Column, f.ID, f.Message))
		}
	}
	place, words, _ := strings.Cut(want, " ")
	switch {
	case want == "" && len(got) > 0:
		t.Errorf("findings: %s", strings.Join(got, "\n"))
	case want != "" && (len(got) == 0 || !strings.HasPrefix(got[0], place+" ") || !strings.Contains(got[0], words)):
		t.Errorf("want %q, got\n%s", want, strings.Join(got, "\n"))
	}
}

const ratio = `spec: {ratioMetric: {counter: true, good: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(g[5m]))'}}}, total: {metricSource: {type: Prometheus, spec: {query: 'sum(rate(t[5m]))'}}}}}`

// composed is a composite SLO of the objectives.
func composed(method, objectives string) string {
	return "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: journey}\nspec:\n  service: shop\n  timeWindow: [{duration: 28d, isRolling: true}]\n  budgetingMethod: " + method +
		"\n  objectives:\n" + objectives + "---\napiVersion: openslo/v1\nkind: SLI\nmetadata: {name: cart}\n" + ratio + "\n"
}

func TestComposites(t *testing.T) {
	inline := "indicator: {metadata: {name: x}, " + ratio + "}"
	for _, c := range []struct {
		name, method, objectives, want string
		budget                         string // of the whole
	}{
		{"weights make burns count more", "Occurrences", "  - {displayName: Cart, target: 0.999, indicatorRef: cart}\n  - {displayName: Pay, target: 0.99, compositeWeight: 2, " + inline + "}\n", "", "0.000833333333"},
		{"weights that add up to one average", "Occurrences", "  - {target: 0.99, compositeWeight: 0.5, indicatorRef: cart}\n  - {target: 0.99, compositeWeight: 0.5, indicatorRef: cart}\n", "", "0.01"},
		{"slices have one target, the highest", "Timeslices", "  - {target: 0.99, timeSliceTarget: 0.9, timeSliceWindow: 5, indicatorRef: cart}\n  - {target: 0.999, timeSliceTarget: 0.8, timeSliceWindow: 5m, indicatorRef: cart}\n",
			"3:11 the highest, 99.9%, is taken", "0.001"},
		{"slices of different lengths", "RatioTimeslices", "  - {target: 0.99, timeSliceWindow: 5m, indicatorRef: cart}\n  - {target: 0.99, timeSliceWindow: 1m, indicatorRef: cart}\n",
			"10:37 one timeSliceWindow; the first has 5m", ""},
		{"one has no indicator", "Occurrences", "  - {target: 0.99, indicatorRef: cart}\n  - {target: 0.99}\n",
			"10:5 needs one of indicator and indicatorRef", ""},
		{"one has two", "Occurrences", "  - {target: 0.99, indicatorRef: cart, " + inline + "}\n", "9:5 needs one of indicator", ""},
		{"a reference leads nowhere", "Occurrences", "  - {target: 0.99, indicatorRef: card}\n", "9:34 did you mean \"cart\"?", ""},
		{"two have one name", "Occurrences", "  - {displayName: a, target: 0.99, indicatorRef: cart}\n  - {displayName: A, target: 0.99, indicatorRef: cart}\n", "10:5 are called a", ""},
		{"a weight of nothing", "Occurrences", "  - {target: 0.99, compositeWeight: 0, indicatorRef: cart}\n", "9:37 has no effect", ""},
		{"weights of too little", "Occurrences", "  - {target: 0.5, compositeWeight: 0.1, indicatorRef: cart}\n",
			"3:11 weights are so small", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			slos, findings := decode(t, composed(c.method, c.objectives))
			wants(t, findings, c.want)
			if c.budget == "" {
				if len(slos) > 0 {
					t.Errorf("an SLO comes of it: %+v", slos)
				}
				return
			}
			if len(slos) != 1 || len(slos[0].Components) != 2 || slos[0].Objective.Budget().String() != c.budget || slos[0].ID != "journey" {
				t.Fatalf("got %+v", slos)
			}
			for _, part := range slos[0].Parts() {
				if part.Indicator.Total.IsZero() || !strings.HasPrefix(part.ID, "journey-") {
					t.Errorf("part %+v", part)
				}
			}
		})
	}
	text := strings.Replace(
		composed("Occurrences", "  - {target: 0.99, indicatorRef: cart}\n"),
		"  service: shop\n",
		"  service: shop\n  indicatorRef: cart\n",
		1,
	)
	_, findings := decode(t, text)
	wants(t, findings, "5:3 move the indicator into the objectives")
}

// TestV2Alpha reads what the proposal calls otherwise than v1: the SLI, its reference, metrics, the service.
func TestV2Alpha(t *testing.T) {
	metric := func(name string) string { return "{dataSourceRef: prom, spec: {query: 'sum(rate(" + name + "[5m]))'}}" }
	source := "---\napiVersion: openslo.com/v2alpha\nkind: DataSource\nmetadata: {name: prom}\nspec: {type: prometheus, connectionDetails: {url: http://prometheus}}\n"
	body := func(spec string) string {
		return "apiVersion: openslo.com/v2alpha\nkind: SLO\nmetadata: {name: web, labels: {team: a}}\nspec:\n" + spec
	}
	sli := "  sli: {metadata: {name: x}, spec: {ratioMetric: {counter: true, good: " + metric("g") + ", total: " + metric("t") + "}}}\n"
	rest := "  serviceRef: shop\n  budgetingMethod: Occurrences\n  timeWindow: [{duration: 4w, isRolling: true}]\n  objectives: [{target: 0.99, labels: {tier: gold}}]\n"
	slos, findings := decode(t, body(sli+rest)+source)
	wants(t, findings, "")
	if len(slos) != 1 || slos[0].Service != "shop" || slos[0].Labels["team"] != "a" || slos[0].Labels["tier"] != "gold" ||
		slos[0].Indicator.Good.Text != "sum(rate(g[5m]))" {
		t.Fatalf("got %+v", slos)
	}
	ref := "---\napiVersion: openslo.com/v2alpha\nkind: SLI\nmetadata: {name: web}\nspec: {thresholdMetric: {dataSourceSpec: {type: Prometheus, connectionDetails: {}}, spec: {query: 'max(queue)'}}}\n"
	slos, findings = decode(t, body("  sliRef: web\n"+strings.Replace(rest, "target: 0.99", "target: 0.99, op: lt, value: 5", 1))+ref)
	wants(t, findings, "")
	if len(slos) != 1 || !strings.Contains(slos[0].Indicator.Good.Text, "(max(queue)) < bool 5") {
		t.Fatalf("got %+v", slos)
	}
	_, findings = decode(t, body("  indicatorRef: web\n"+rest))
	wants(t, findings, `5:3 there is no field "indicatorRef"`)
	_, findings = decode(t, body(sli+strings.Replace(rest, "4w", "1M", 1))+source)
	wants(t, findings, "8:27 which has m, h, d and w; write 30d")
	_, findings = decode(t, body(sli+rest))
	wants(t, findings, `5:88 there is no DataSource "prom"`)
	_, findings = decode(t, "apiVersion: openslo.com/v2alpha\nkind: BudgetAdjustment\nmetadata: {name: x}\n")
	wants(t, findings, "2:7 cannot become rules")
	_, findings = decode(t, strings.Replace(body(sli+rest), "name: web", "name: web, displayName: Web", 1)+source)
	wants(t, findings, `3:23 there is no field "displayName"`)
}
