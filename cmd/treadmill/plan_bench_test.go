package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/plan/verify"
	"treadmill/upgrade/windows"
)

// The plans of the benchmarks end 156 weeks from now.
var (
	benchNow     = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	benchHorizon = benchNow.AddDate(0, 0, 7*156)
)

// benchFleet is a fleet of groups of dev, staging and prod with soaks of two and three weeks, three freezes a year, and a mix of EKS, GKE
// and AKS, a team for 250 clusters. What teams can do in a week is a multiple of the nine hops that a cluster needs in the 132 weeks not
// frozen. Late is how many minors all of them are behind: from two on they begin past the end of standard support.
func benchFleet(clusters int, capacity float64, late int) string {
	r := rand.New(rand.NewPCG(1, 0)) // the same fleet every time
	teams := max(1, clusters/250)
	var b strings.Builder
	fmt.Fprintf(&b, `version: 1
policy:
  target: latest-1
  margin: 28d
  environments: [dev, staging, prod]
  soak: {staging: 14d, prod: 21d}
  capacity: {perTeamPerWeek: %d}
  freezes:
    - {name: year end, from: 2026-12-14, duration: 28d, rrule: FREQ=YEARLY}
    - {name: spring sale, from: 2027-04-12, duration: 14d, rrule: FREQ=YEARLY}
    - {name: summer sale, from: 2027-07-19, duration: 14d, rrule: FREQ=YEARLY}
  windows: [{days: [Tue, Wed, Thu], from: "09:00", to: "16:00", timezone: Europe/Berlin}]
  costs: {campaign: 1500, hop: 400, currency: USD}
  extendedSupport: {allowed: true, perClusterHour: 0.50}
clusters:
`, max(3, int(capacity*float64(clusters)/float64(teams)*9/132)))
	for i := 0; i < clusters; {
		team, provider := r.IntN(teams), []string{"eks", "gke", "aks"}[r.IntN(3)]
		version := 34 + r.IntN(2)
		if provider != "eks" { // 1.34 ends there within weeks, before anybody could be in time
			version = 35
		}
		for tier, environment := range []string{"dev", "staging", "prod"} {
			if i < clusters {
				fmt.Fprintf(
					&b,
					"  - {name: c%05d, provider: %s, version: \"1.%d\", group: g%d, environment: %s, team: team-%03d}\n",
					i,
					provider,
					version-late+max(0, 1-tier),
					i/3,
					environment,
					team,
				)
				i++
			}
		}
	}
	return b.String()
}

// eachFleet runs a benchmark on the fleets that docs/performance.md has figures for.
func eachFleet(b *testing.B, run func(b *testing.B, text string)) {
	for _, size := range []int{10, 100, 300, 1000, 3000, 10000, 30000} {
		for _, capacity := range []float64{1.5, 3} {
			b.Run(fmt.Sprintf("clusters=%d/capacity=%.1fx", size, capacity), func(b *testing.B) { run(b, benchFleet(size, capacity, 0)) })
		}
	}
}

func report(b *testing.B, p plan.Plan, clusters int) {
	b.ReportMetric(100*p.Gap, "gap%")
	b.ReportMetric(float64(len(p.Campaigns))/float64(clusters), "campaigns/cluster")
	b.ReportMetric(float64(p.JustInTime.Campaigns)/float64(clusters), "just-in-time-campaigns/cluster")
	b.ReportMetric(100*(1-float64(p.Cost.Total)/float64(p.JustInTime.Cost.Total)), "saved%")
	b.ReportMetric(float64(len(p.Unplanned)), "unplanned")
}

// A plan of many clusters, which is made with less effort for each, keeps the rules too. BenchmarkPlan says so of 30,000.
func TestALargePlanIsSound(t *testing.T) {
	table, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	f, findings := fleet.Read("fleet.yaml", []byte(benchFleet(600, 1.5, 0)), os.ReadFile)
	if findings = append(findings, f.Check(table, benchNow)...); diag.Any(findings, diag.Error) {
		t.Fatal(findings)
	}
	o := plan.Options{Now: benchNow}
	for _, x := range verify.Check(f, table, plan.Solve(t.Context(), f, table, o), o) {
		t.Error(x)
	}
}

// BenchmarkPlan plans fleets in process: from the fleet in memory to the plan, with reasons and bill. Every plan must keep the rules.
func BenchmarkPlan(b *testing.B) {
	eachFleet(b, func(b *testing.B, text string) { benchPlan(b, text, benchHorizon) })
}

// BenchmarkLatePlan is BenchmarkPlan for fleets that begin out of support, all at once.
func BenchmarkLatePlan(b *testing.B) {
	for _, size := range []int{100, 1000, 10000} {
		for _, capacity := range []float64{1.5, 3} {
			b.Run(fmt.Sprintf("clusters=%d/capacity=%.1fx", size, capacity),
				func(b *testing.B) { benchPlan(b, benchFleet(size, capacity, 2), benchHorizon) })
		}
	}
}

// BenchmarkFortyClusters plans ten groups on five providers that begin out of support, with four teams that can do two steps a week and
// one cluster an account and day.
func BenchmarkFortyClusters(b *testing.B) {
	var text strings.Builder
	text.WriteString(`version: 1
policy:
  environments: [dev, staging, prod]
  soak: {staging: 7d, prod: 14d}
  windows: [{days: [Mon, Tue, Wed, Thu], from: "09:00", to: "16:00", timezone: UTC}]
  freezes: [{name: year end, from: 2026-12-15, to: 2027-01-06}]
  capacity: {perTeamPerWeek: 2}
  approval: {clusters: {environment: prod}}
  concurrency: [{most: 1, of: account, per: day}]
clusters:
`)
	for i := range 40 {
		of := []string{`eks, version: "1.33"`, `gke, version: "1.34"`, `aks, version: "1.34"`, `openshift, version: "4.18"`, `rke2, version: "1.34"`}[i/8]
		environment := []string{"dev", "staging", "prod", "prod"}[i%4]
		fmt.Fprintf(
			&text,
			"  - {name: c%d, provider: %s, environment: %s, group: g%d, team: team-%d, account: a%d-%s}\n",
			i,
			of,
			environment,
			i/4,
			(i/8+i/4%2)%4,
			i/8,
			environment,
		)
	}
	benchPlan(b, text.String(), plan.DefaultHorizon(benchNow))
}

func benchPlan(b *testing.B, text string, horizon time.Time) {
	table, err := windows.Embedded()
	if err != nil {
		b.Fatal(err)
	}
	f, findings := fleet.Read("fleet.yaml", []byte(text), os.ReadFile)
	if findings = append(findings, f.Check(table, benchNow)...); diag.Any(findings, diag.Error) {
		b.Fatal(findings)
	}
	var p plan.Plan
	o := plan.Options{Now: benchNow, Horizon: horizon}
	for b.Loop() {
		p = plan.Solve(context.Background(), f, table, o)
	}
	report(b, p, len(f.Clusters))
	if broken := verify.Check(f, table, p, o); len(broken) > 0 {
		b.Fatalf("%d rules are broken, such as %v", len(broken), broken[0])
	}
}

// BenchmarkUpgradePlan runs the built program on fleet files: reading, planning and writing JSON. It reports what the program took of the
// processors and of memory at its peak.
func BenchmarkUpgradePlan(b *testing.B) {
	program := built(b)
	eachFleet(b, func(b *testing.B, text string) {
		file := filepath.Join(b.TempDir(), "fleet.yaml")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			b.Fatal(err)
		}
		var p plan.Plan
		var cpu time.Duration
		memory := 0
		for b.Loop() {
			c := exec.CommandContext(b.Context(), program, planArgs(file)...)
			var out bytes.Buffer
			c.Stdout = &out
			held, err := watched(c)
			if err != nil && (c.ProcessState == nil || c.ProcessState.ExitCode() != 1) {
				b.Fatal(err)
			}
			memory = max(memory, held)
			cpu += c.ProcessState.UserTime() + c.ProcessState.SystemTime()
			b.StopTimer()
			if err := json.Unmarshal(out.Bytes(), &p); err != nil {
				b.Fatal(err)
			}
			b.StartTimer()
		}
		report(b, p, strings.Count(text, "name: c"))
		b.ReportMetric(cpu.Seconds()/float64(b.N), "cpu-s/op")
		b.ReportMetric(float64(memory)/1024, "peak-MiB")
	})
}

// planArgs is the command line that plans a fleet of the benchmarks.
func planArgs(file string) []string {
	return []string{
		"upgrade", "plan", "-f", file, "--now", benchNow.Format(time.DateOnly), "--horizon", benchHorizon.Format(time.DateOnly), "-o", "json",
	}
}
