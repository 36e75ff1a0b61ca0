package prove_test

import (
	"context"
	"reflect"
	"testing"

	"treadmill/rules/prove"
)

const many = `groups:
- name: recorded
  rules:
  - {record: 'circle:a', expr: 'sum(rate(errors_total[5m])) or 0 * circle:b'}
  - {record: 'circle:b', expr: 'sum_over_time(circle:a[10m])'}
  - {record: 'mixed', expr: 'sum(up)'}
  - {record: 'mixed', expr: 'free * 2', labels: {which: free}}
- name: alerts
  rules:
  - {alert: Down, expr: 'up == 0', for: 4m, labels: {severity: critical}}
  - {alert: Told, expr: 'ALERTS{alertname="Down", alertstate="firing"}', labels: {severity: warning}}
  - {alert: Circle, expr: 'circle:b > 2', labels: {severity: critical}}
  - {alert: Circle, expr: 'circle:a > 0.1', labels: {severity: warning}}
  - {alert: Old, expr: 'time() - stamp > 600', labels: {severity: warning}}
  - {alert: Gone, expr: 'absent(up{job="a"} == 1)', for: 3m, labels: {severity: critical}}
  - {alert: Always, expr: 'vector(1)', for: 40m, labels: {severity: warning}}
  - {alert: Mixed, expr: 'mixed{which="free"} < 150', labels: {severity: warning}}
  - {alert: Fails, expr: 'up * on () up', labels: {severity: warning}}
  - {alert: Fails, expr: 'sum(up) < 2 and on () up * on () up', labels: {severity: warning}}
`

const events = `
- {name: nothing, says: x, expect: quiet, lasts: 20m}
- {name: down, says: x, expect: page, within: 9m, lasts: 20m, changes: [{match: 'up', gauge: 0}]}
- {name: half, says: x, expect: ticket, within: 9m, lasts: 20m, changes: [{match: 'up{instance="1"}', gone: true}]}
- {name: errors, says: x, expect: page, within: 9m, lasts: 20m, after: 10m, changes: [{match: errors_total, rate: 5}]}
- {name: full, says: x, expect: page, within: 9m, lasts: 20m, history: 1h, changes: [{match: free, to: 0}]}
- {name: stale, says: x, expect: ticket, within: 9m, lasts: 20m, changes: [{match: stamp, still: true}]}
- {name: born, says: x, expect: quiet, lasts: 9m, changes: [{series: 'circle:a', gauge: 50}, {series: 'up{job="b"}', gauge: 0}]}
`

// TestSharingTheHealthyWorldChangesNothing: what PlayAll leaves out could not have been another.
func TestSharingTheHealthyWorldChangesNothing(t *testing.T) {
	fs := files(t, many)
	scenarios, findings := prove.Read([]prove.Source{{Name: "s.yaml", Data: []byte(world + events[1:])}}, fs)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	for i, got := range prove.PlayAll(context.Background(), scenarios, fs, prove.DefaultRouting(), 2) {
		if want := prove.Play(context.Background(), &scenarios[i], fs, prove.DefaultRouting()); !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\n%+v\nwant\n%+v", scenarios[i].Name, got, want)
		}
		if len(got.Told) == 0 {
			t.Errorf("%s: nothing to compare: %+v", scenarios[i].Name, got)
		}
	}
}
