package spec_test

import (
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
	"treadmill/slo/spec"
)

const written = `# kept
version: prometheus/v1
service: shop
slos:
  - {name: a, objective: 99.9, sli: {raw: {error_ratio_query: "x[{{.window}}]"}}} # about é
  - {name: b, "objective": 99.50, sli: {raw: {error_ratio_query: "x[{{.window}}]"}}}
---
apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata: {name: c}
spec: {target: '99', window: 4w, indicator: {bool_gauge: {metric: up}}}
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: d}
spec:
  service: shop
  indicator: {metadata: {name: i}, spec: {ratioMetric: {counter: true, good: {metricSource: {spec: {query: "good"}}}, total: {metricSource: {spec: {query: "all"}}}}}}
  timeWindow: [{duration: 30d, isRolling: true}]
  budgetingMethod: Occurrences
  objectives: [{displayName: x, target: 0.999}, {displayName: é, targetPercent: 95}] # two
`

// Only the numbers change, each in the words that it was written in, and the file reads as what was wanted.
func TestRetarget(t *testing.T) {
	read := func(text string) []slo.SLO {
		t.Helper()
		slos, findings := spec.Read(func(yield func(yamlx.Document) bool) {
			docs, problems := yamlx.Documents("x.yaml", []byte(text))
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			for _, d := range docs {
				if !yield(d) {
					return
				}
			}
		})
		if diag.Any(findings, diag.Error) {
			t.Fatal(findings)
		}
		return slos
	}
	want := []string{"99.95", "99", "99.9", "99.99", "90"}
	var targets []spec.Target
	for i, s := range read(written) {
		o, err := slo.ParsePercent(want[i])
		if err != nil {
			t.Fatal(err)
		}
		targets = append(targets, spec.Target{SLO: s, To: o})
	}
	got, findings := spec.Retarget([]byte(written), targets)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	text := strings.NewReplacer("99.9,", "99.95,", "99.50", "99", "'99'", "'99.9'", "0.999", "0.9999", "Percent: 95", "Percent: 90").
		Replace(written)
	if string(got) != text {
		t.Errorf("%s", got)
	}
	for i, s := range read(string(got)) {
		if s.Objective.Percent() != want[i]+"%" {
			t.Errorf("%s: %s", s.ID, s.Objective.Percent())
		}
	}
	targets[0].SLO.Written = slo.Written{}
	targets[1].SLO.Written.Pos.Column += 3
	if _, findings := spec.Retarget([]byte(written), targets); len(findings) != 2 ||
		!strings.Contains(findings[1].Message, "is not the number 99.5: write 99 by hand") {
		t.Errorf("%v", findings)
	}
}
