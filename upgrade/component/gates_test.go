package component_test

import (
	"strings"
	"testing"

	"treadmill/upgrade/component"
)

func TestGatesOfACommandLine(t *testing.T) {
	got := component.FlagGates("kube-apiserver",
		[]string{"kube-apiserver", "--feature-gates=A=true,kube:B=false", "--v=2", "--feature-gates", "C=1,broken"})
	want := []component.Gate{{"A", "kube-apiserver", true, true}, {"B", "kube-apiserver", false, true}, {"C", "kube-apiserver", true, true}}
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, want %v", got[i], want[i])
		}
	}
}

func TestGatesOfMetrics(t *testing.T) {
	got, err := component.MetricGates(
		"kube-apiserver",
		strings.NewReader("# HELP kubernetes_feature_enabled x\n# TYPE kubernetes_feature_enabled gauge\n"+
			"kubernetes_feature_enabled{name=\"A\",stage=\"BETA\"} 1\nother 3\nkubernetes_feature_enabled{name=\"B\",stage=\"\"} 0\n"),
	)
	if err != nil || len(got) != 2 || !got[0].Enabled || got[1].Enabled {
		t.Errorf("%v %v", got, err)
	}
	if _, err := component.MetricGates("x", strings.NewReader("kubernetes_feature_enabled{name=\n")); err == nil {
		t.Error("a broken line passes")
	}
}
