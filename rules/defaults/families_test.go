package defaults_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/defaults"
)

func everything(t *testing.T) defaults.Table {
	t.Helper()
	table, findings := defaults.Everything()
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return table
}

// TestFamiliesStandBesideTheDefaults: each row names what it reads, in order, and none says something else of a default than its own table.
func TestFamiliesStandBesideTheDefaults(t *testing.T) {
	known, _ := defaults.Known()
	families := 0
	for name, rows := range everything(t) {
		for _, row := range rows[len(known[name]):] {
			families++
			if slices.ContainsFunc(known[name], func(r defaults.Row) bool { return r.Severity == row.Severity }) {
				t.Errorf("%s at severity %q stands in both tables", name, row.Severity)
			}
			if row.Disposition == defaults.Replaced || row.Disposition == defaults.Dropped {
				t.Errorf("%s is %s: nothing is known that replaces it", name, row.Disposition)
			}
			if len(row.Reads) == 0 || row.Reason == "" {
				t.Errorf("%s reads %q, because %q", name, row.Reads, row.Reason)
			}
			for _, one := range row.Reads {
				if names := strings.Fields(one); !slices.IsSorted(names) || strings.Join(names, " ") != one {
					t.Errorf("%s reads %q: want names in order", name, one)
				}
			}
		}
	}
	if families < 600 {
		t.Errorf("%d rows of families", families)
	}
}

// TestRetunedAlertsAreKnown: the name and what an alert reads make it known, whatever the thresholds and windows; a name alone does not.
func TestRetunedAlertsAreKnown(t *testing.T) {
	const of = `apiVersion: operator.victoriametrics.com/v1beta1
kind: VMRule
metadata: {name: own, namespace: monitoring}
spec:
  groups:
  - name: own
    concurrency: 2
    rules:
`
	for _, want := range []struct {
		alert, severity, expr string
		disposition           defaults.Disposition
		match                 defaults.Match
	}{
		{"CephOSDDownHigh", "critical", `count(ceph_osd_up == 0) / count(ceph_osd_up) * 100 >= 25`, defaults.Page, defaults.Same},
		{"CephOSDDownHigh", "minor", `count(ceph_osd_up == 0) / count(ceph_osd_up) * 100 >= 5`, defaults.Page, defaults.Changed},
		{"CephOSDDownHigh", "critical", `up{job="ceph"} == 0`, defaults.Unknown, defaults.None},
		{"PersistentQueueIsDroppingData", "critical", `rate(vm_persistentqueue_bytes_dropped_total[1h]) > 9`, defaults.Page, defaults.Same},
		{"ServiceDown", "critical", `probe_success == 0`, defaults.Unknown, defaults.None},
		{"KubeJobFailed", "minor", `kube_job_failed{job="ksm"} > 3`, defaults.Ticket, defaults.Changed},
		{"KubeJobFailed", "minor", `own_jobs > 3`, defaults.Unknown, defaults.None},
	} {
		rule := fmt.Sprintf("    - {alert: %s, expr: %q, labels: {severity: %s}}", want.alert, want.expr, want.severity)
		files, findings := rules.Read("own.yaml", []byte(of+rule))
		if len(files) != 1 || files[0].Kind != "VMRule" || len(findings) != 1 || findings[0].Severity != diag.Warning {
			t.Fatalf("%s: %v %v", want.expr, files, findings)
		}
		got := defaults.Audit(files, everything(t), defaults.Platform{}).Alerts
		if len(got) != 1 || got[0].Disposition != want.disposition || got[0].Match != want.match {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}
