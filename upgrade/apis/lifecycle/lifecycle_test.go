package lifecycle_test

import (
	"fmt"
	"strings"
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
)

func load(t testing.TB) *lifecycle.Table {
	t.Helper()
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func ExampleTable_Find() {
	table, err := lifecycle.Load()
	if err != nil {
		panic(err)
	}
	ingress, _ := table.Find(lifecycle.ParseGVK("extensions/v1beta1", "Ingress"))
	fmt.Println(ingress, "left in", ingress.Removed, "for", ingress.Replacement)
	// Output: extensions/v1beta1 Ingress left in 1.22 for networking.k8s.io/v1 Ingress
}

// TestCounts pins what independent derivations of the same releases agree on: 101 kinds gone by 1.37. Of the 24 that tags of 1.37
// plan to remove, the beta of 1.38 has taken four away and has put seven off without a day; it plans the end of one that it adds.
func TestCounts(t *testing.T) {
	got := map[lifecycle.Evidence]int{}
	deprecatedOnly := 0
	for _, a := range load(t).APIs {
		got[a.Evidence]++
		if a.Removed.IsZero() && !a.Deprecated.IsZero() {
			deprecatedOnly++
		}
	}
	want := map[lifecycle.Evidence]int{
		lifecycle.Tag:        51,
		lifecycle.Observed:   36,
		lifecycle.Hand:       14,
		lifecycle.Planned:    14,
		lifecycle.Prerelease: 4,
	}
	for e, n := range want {
		if got[e] != n {
			t.Errorf("%s: %d APIs, want %d", e, got[e], n)
		}
	}
	if deprecatedOnly != 9 {
		t.Errorf("deprecated only: %d, want 9 (Endpoints, ComponentStatus and the seven put off)", deprecatedOnly)
	}
}

// TestRemovalsByRelease pins how many kinds each release takes away, as an independent derivation of 2026-11 counted them.
func TestRemovalsByRelease(t *testing.T) {
	got := map[upgrade.Minor]int{}
	for _, a := range load(t).APIs {
		got[a.Removed]++
	}
	for minor, want := range map[int]int{32: 7, 33: 1, 34: 6, 35: 3, 36: 1, 37: 6, 38: 4, 39: 5} {
		if n := got[upgrade.V1(minor)]; n != want {
			t.Errorf("1.%d removes %d kinds, want %d", minor, n, want)
		}
	}
}

// TestAwkwardLives covers where the tags of the sources are not the truth.
func TestAwkwardLives(t *testing.T) {
	table := load(t)
	for _, c := range []struct{ api, deprecated, removed, evidence, replacement string }{
		{"resource.k8s.io/v1alpha3 ResourceClaim", "1.34", "1.34", "observed", "resource.k8s.io/v1 ResourceClaim"},                // tagged 1.37
		{"coordination.k8s.io/v1alpha1 LeaseCandidate", "1.32", "1.32", "observed", "coordination.k8s.io/v1beta1 LeaseCandidate"}, // tagged 1.37
		{"storagemigration.k8s.io/v1alpha1 StorageVersionMigration", "1.33", "1.35", "observed",
			"storagemigration.k8s.io/v1 StorageVersionMigration"},
		{"networking.k8s.io/v1beta1 IngressClass", "1.19", "1.22", "tag", "networking.k8s.io/v1 IngressClass"}, // tagged IngressClassList
		{"flowcontrol.apiserver.k8s.io/v1beta1 FlowSchema", "1.23", "1.26", "tag", "flowcontrol.apiserver.k8s.io/v1 FlowSchema"},
		{"events.k8s.io/v1beta1 Event", "1.22", "1.25", "tag", "events.k8s.io/v1 Event"},
		// tagged without replacement
		{"autoscaling/v2beta2 HorizontalPodAutoscaler", "1.23", "1.26", "tag", "autoscaling/v2 HorizontalPodAutoscaler"},
		// deleted from k8s.io/api
		{"policy/v1beta1 PodSecurityPolicy", "1.21", "1.25", "tag", ""},
		{"rbac.authorization.k8s.io/v1alpha1 Role", "1.17", "1.23", "hand", "rbac.authorization.k8s.io/v1 Role"},
		{"resource.k8s.io/v1beta1 DeviceClass", "1.35", "1.38", "pre-release", "resource.k8s.io/v1 DeviceClass"},
		{"coordination.k8s.io/v1alpha2 LeaseCandidate", "1.35", "", "", "coordination.k8s.io/v1beta1 LeaseCandidate"},
		// tagged 1.38 by 1.37 and not by its beta
		{"resource.k8s.io/v1alpha3 ResourcePoolStatusRequest", "1.39", "", "", ""},
		{"v1 Endpoints", "1.33", "", "", "discovery.k8s.io/v1 EndpointSlice"},
		{"apps/v1 Deployment", "", "", "", ""},
	} {
		apiVersion, kind, _ := strings.Cut(c.api, " ")
		a, ok := table.Find(lifecycle.ParseGVK(apiVersion, kind))
		replacement := ""
		if a.Replacement.Kind != "" {
			replacement = a.Replacement.String()
		}
		got := fmt.Sprintf("%s %s %s %s", a.Deprecated, a.Removed, a.Evidence, replacement)
		if want := fmt.Sprintf("%s %s %s %s", c.deprecated, c.removed, c.evidence, c.replacement); !ok || got != want {
			t.Errorf("%s: got %s, want %s", c.api, got, want)
		}
	}
}

// TestReplacementsLive follows no chain: every replacement is served by the newest minor.
func TestReplacementsLive(t *testing.T) {
	table := load(t)
	for _, a := range table.APIs {
		if a.Replacement.Kind == "" {
			continue
		}
		if to, ok := table.Find(a.Replacement); !ok || to.RemovedAt(table.Newest) {
			t.Errorf("%s is replaced by %s, which %s does not serve", a.GVK, a.Replacement, table.Newest)
		}
		if !a.DeprecatedAt(table.Last()) {
			t.Errorf("%s has a replacement and is not deprecated", a.GVK)
		}
	}
}

func TestLivesAreInOrder(t *testing.T) {
	for _, a := range load(t).APIs {
		if a.Introduced.IsZero() || !a.Deprecated.IsZero() && a.Deprecated.Less(a.Introduced) ||
			!a.Removed.IsZero() && (a.Deprecated.IsZero() || a.Removed.Less(a.Deprecated)) {
			t.Errorf("%s: introduced %s, deprecated %s, removed %s", a.GVK, a.Introduced, a.Deprecated, a.Removed)
		}
		if a.Resource == "" || a.Source == "" || a.Removed.IsZero() != (a.Evidence == "") {
			t.Errorf("%s: resource %q, source %q, evidence %q", a.GVK, a.Resource, a.Source, a.Evidence)
		}
	}
}

func TestAt(t *testing.T) {
	a, _ := load(t).Find(lifecycle.ParseGVK("batch/v1beta1", "CronJob"))
	for minor, want := range map[int]string{20: "false false", 21: "true false", 24: "true false", 25: "true true", 37: "true true"} {
		if got := fmt.Sprint(a.DeprecatedAt(upgrade.V1(minor)), a.RemovedAt(upgrade.V1(minor))); got != want {
			t.Errorf("1.%d: deprecated, removed = %s, want %s", minor, got, want)
		}
	}
}

func TestParseSaysWhere(t *testing.T) {
	for text, want := range map[string]string{
		"newest\t1.37\nfoo\tv1\n": "t.tsv:2: 2 columns, want 10",
		"date\t2026-11-23\n":      `t.tsv: has no "newest" line`,
		"newest\t1.37\n\ncore\tv1\tPod\tpods\tone\t-\t-\t-\t-\tx\n":             `t.tsv:3: "one" is not a Kubernetes version`,
		"newest\t1.1\n" + strings.Repeat("a\tv1\tB\tbs\t-\t-\t-\t-\t-\tx\n", 2): "t.tsv:3: a/v1 B has a line already",
	} {
		if _, err := lifecycle.Parse("t.tsv", text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := lifecycle.Load(); err != nil {
			b.Fatal(err)
		}
	}
}
