package prove_test

import (
	"os"
	"testing"

	"treadmill/rules"
	"treadmill/rules/prove"
)

// BenchmarkProve plays the whole library to a set of rules.
func BenchmarkProve(b *testing.B) {
	text, err := os.ReadFile("../../testdata/rules/kube-prometheus.yaml")
	if err != nil {
		b.Fatal(err)
	}
	files, _ := rules.Read("rules.yaml", text)
	scenarios, findings := prove.Shipped(files)
	if len(findings) > 0 {
		b.Fatal(findings)
	}
	for b.Loop() {
		if n := len(prove.PlayAll(b.Context(), scenarios, files, prove.DefaultRouting(), 2)); n != len(scenarios) {
			b.Fatalf("%d outcomes of %d scenarios", n, len(scenarios))
		}
	}
}
