package prove_test

import (
	"fmt"
	"strings"
	"testing"

	"treadmill/rules"
	"treadmill/rules/prove"
)

// TestWorldsOfManySizes: a scenario about one node, a share of them, or one that is new is that in a world of any size.
func TestWorldsOfManySizes(t *testing.T) {
	files, findings := rules.Read("rules.yaml", []byte(`groups:
- name: nodes
  rules:
  - {alert: Share, expr: "sum(ready == bool 0) / count(ready) >= 0.33", labels: {severity: critical}}
  - {alert: One, expr: "ready{node!~\"new.*\"} == 0", labels: {severity: warning}}
  - {alert: Grown, expr: "count(ready) > 0 and count(ready) > scalar(expected)", labels: {severity: warning}}
`))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	for _, nodes := range []int{1, 3, 6, 50} {
		text := fmt.Sprintf(`version: 1
world:
- {series: 'ready{node="node-{n}"}', eachNode: true, gauge: 1}
- {series: 'expected', gauge: %d}
scenarios:
- {name: third, says: a third is lost, expect: page, within: 5m, changes: [{match: 'ready{node=~"node-({nodes:1/3})"}', gauge: 0}]}
- {name: one, says: one is lost, expect: ticket, within: 5m, below: [{nodes: 4, expect: page, within: 5m}, {nodes: 2, expect: page, within: 6m}], changes: [{match: 'ready{node="node-{node:5}"}', gauge: 0}]}
- {name: new, says: one is new, expect: ticket, within: 5m, changes: [{series: 'ready{node="node-{new:1}"}', gauge: 1}]}
`, nodes)
		scenarios, findings := prove.ReadAt([]prove.Source{{Name: "s.yaml", Data: []byte(text)}}, files, nodes)
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		for _, s := range scenarios {
			o := prove.Play(t.Context(), &s, files, prove.DefaultRouting())
			if o.Verdict != prove.Good || s.Nodes != nodes {
				t.Errorf("%s with %d nodes (%d): %s, told %v", s.Name, nodes, s.Nodes, o.Verdict, o.Told)
			}
			if s.Name == "one" && nodes == 50 && o.Told[0].Labels["node"] != "node-5" {
				t.Errorf("told of %v", o.Told[0].Labels)
			}
		}
	}
}

// TestPlaceholdersThatMeanNothing are told where they stand.
func TestPlaceholdersThatMeanNothing(t *testing.T) {
	for _, word := range []string{"{nodes:4/3}", "{node:0}", "{node:1/2}", "{new:0}"} {
		text := fmt.Sprintf("version: 1\nscenarios:\n- {name: a, says: b, expect: quiet, changes: [{series: 'up{node=\"x\"}%s', gauge: 0}]}\n", word)
		if _, findings := prove.ReadAt([]prove.Source{{Name: "s.yaml", Data: []byte(text)}}, nil, 3); len(findings) == 0 ||
			!strings.HasPrefix(findings[0].Position.String(), "s.yaml:3:") {
			t.Errorf("%s: %v", word, findings)
		}
	}
}
