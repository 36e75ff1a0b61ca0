package solver_test

import (
	"context"
	"fmt"
	"testing"

	"treadmill/upgrade/plan/solver"
)

func BenchmarkSolve(b *testing.B) {
	for _, size := range []int{10, 100, 300, 1000, 3000, 10000, 30000} {
		for _, factor := range []float64{1.5, 3} {
			b.Run(fmt.Sprintf("clusters=%d/capacity=%.1fx", size, factor), func(b *testing.B) {
				p := generate(size, factor, 1)
				var s solver.Solution
				for b.Loop() {
					s = solver.Solve(context.Background(), p, solver.Usual(size))
				}
				b.ReportMetric(100*s.Gap(), "gap%")
				b.ReportMetric(campaigns(s)/float64(size), "campaigns/cluster")
				b.ReportMetric(s.Cost/float64(size), "cost/cluster")
			})
		}
	}
}

func campaigns(s solver.Solution) float64 {
	n := 0
	for _, x := range s.Schedules {
		n += len(x)
	}
	return float64(n)
}
