package treadmill_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"treadmill"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/defaults"
	"treadmill/upgrade/plan"
)

// When the versions of a provider leave support.
func ExampleWindows() {
	table, _, err := treadmill.Windows(os.DirFS("testdata/example"), "windows.yaml")
	if err != nil {
		log.Fatal(err)
	}
	version, _ := treadmill.ParseVersion("1.36")
	w, _ := table.Window("acme", version)
	fmt.Println(w.Available.Day, w.End().Day, w.End().Status)
	// Output:
	// 2026-07-06 2027-07-31 projected
}

// The schedule of a fleet: each campaign takes a cluster over one or more versions.
func ExamplePlan() {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	p, findings, err := treadmill.Plan(context.Background(), os.DirFS("testdata/example"), "fleet.yaml", now, plan.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range findings {
		if f.Severity == treadmill.Error {
			fmt.Println(f)
		}
	}
	first := p.Campaigns[0]
	fmt.Println(first.Cluster, first.From, first.Hops, first.Start.Format(time.DateOnly))
	// Output: partners-staging 1.34 [1.35 1.36] 2026-11-24
}

// Manifests that the API server of a version will refuse.
func ExampleScan() {
	target, _ := treadmill.ParseVersion("1.38")
	found, unread, err := treadmill.Scan(context.Background(), os.DirFS("testdata/example"), []string{"manifests/shop"}, target)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range found {
		fmt.Println(f.ID, f.Position, f.APIVersion, f.Kind, f.Name)
	}
	fmt.Println(len(unread), "unread")
	// Output:
	// api/removed manifests/shop/jobs.yaml:1:13 batch/v1beta1 CronJob nightly-report
	// api/removed manifests/shop/web.yaml:32:13 extensions/v1beta1 Ingress web
	// field/deprecated manifests/shop/web.yaml:38:5 extensions/v1beta1 Ingress web
	// api/removed manifests/shop/web.yaml:47:13 autoscaling/v2beta2 HorizontalPodAutoscaler web
	// api/removed manifests/shop/web.yaml:60:13 policy/v1beta1 PodDisruptionBudget web
	// 0 unread
}

// The same manifests, rewritten.
func ExampleFix() {
	target, _ := treadmill.ParseVersion("1.38")
	fixed, _, err := treadmill.Fix(context.Background(), os.DirFS("testdata/example"), []string{"manifests/shop"}, target)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range fixed {
		for _, c := range f.Changes {
			fmt.Println(f.Name, c.Name, c.APIVersion, "→", c.To)
		}
	}
	// Output:
	// manifests/shop/jobs.yaml nightly-report batch/v1beta1 → batch/v1
	// manifests/shop/web.yaml web extensions/v1beta1 → networking.k8s.io/v1
	// manifests/shop/web.yaml web autoscaling/v2beta2 → autoscaling/v2
	// manifests/shop/web.yaml web policy/v1beta1 → policy/v1
}

// Alert rules from an SLO, as a rule file of Prometheus.
func ExampleGenerate() {
	slos, _ := treadmill.SLOs(os.DirFS("testdata/example"), []string{"slos/payments-availability.yaml"})
	results, findings := treadmill.Generate(slos, compile.Options{})
	text := treadmill.Text(results, rules.Prometheus)
	fmt.Println(len(findings), "findings,", bytes.Count(text, []byte("alert: ")), "alerts")
	// Output:
	// 0 findings, 3 alerts
}

// What the alerts of an SLO would have done last month, and what they should have.
func ExampleBacktest() {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	example := os.DirFS("testdata/example")
	slos, _ := treadmill.SLOs(example, []string{"slos/payments-availability.yaml"})
	results, _, err := treadmill.Backtest(context.Background(), example, slos, "history.yaml", now.AddDate(0, 0, -20), now)
	if err != nil {
		log.Fatal(err)
	}
	for _, incident := range results[0].Incidents {
		fmt.Println("incident", incident.Start.Format(time.DateTime))
	}
	for _, alert := range results[0].Alerts {
		fmt.Println(alert.Severity, len(alert.Episodes))
	}
	// Output:
	// incident 2026-11-04 09:15:00
	// incident 2026-11-11 20:40:00
	// incident 2026-11-17 05:00:00
	// page 2
	// ticket 2
}

// What to do about the alerts that come with a monitoring stack.
func ExampleAudit() {
	report, _ := treadmill.Audit(os.DirFS("testdata/rules"), []string{"kube-prometheus.yaml"}, defaults.Platform{})
	for _, a := range report.Alerts {
		if a.Name == "KubeAPIDown" {
			fmt.Println(a.Name, a.Disposition)
		}
	}
	// Output:
	// KubeAPIDown page
}

// Rules and dashboards that a version of Kubernetes breaks.
func ExampleLint() {
	target, _ := treadmill.ParseVersion("1.37")
	_, findings, err := treadmill.Lint(os.DirFS("testdata/lint"), []string{"."}, target)
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range findings {
		fmt.Println(f.ID, f.Position)
	}
	// Output:
	// rules/metric-hidden dashboard.json:4:47
	// rules/metric-unknown dashboard.json:5:53
	// rules/metric-removed rules.yaml:6:11
	// rules/metric-hidden rules.yaml:9:11
	// rules/label-removed rules.yaml:13:7
}
