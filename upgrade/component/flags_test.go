package component_test

import (
	"strings"
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/component"
)

func flags(t *testing.T) component.Flags {
	t.Helper()
	f, err := component.KnownFlags()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestGoneIsWhatTheChangelogSays: CHANGELOG-1.37 of Kubernetes names the flags that its release takes away from the kubelet (#139870) and
// the controller manager (#138002); nothing else of the five components goes.
func TestGoneIsWhatTheChangelogSays(t *testing.T) {
	f := flags(t)
	want := map[string]string{
		"kubelet": "application-metrics-count-limit boot-id-file container-hints containerd containerd-namespace enable-load-reader event-storage-age-limit " +
			"event-storage-event-limit global-housekeeping-interval log-cadvisor-usage machine-id-file storage-driver-buffer-duration storage-driver-db " +
			"storage-driver-host storage-driver-password storage-driver-secure storage-driver-table storage-driver-user",
		"kube-controller-manager": "concurrent-service-syncs",
	}
	for _, c := range component.Components() {
		if got := strings.Join(f.Gone(c, upgrade.V1(36), upgrade.V1(37)), " "); got != want[c] {
			t.Errorf("%s loses %s, want %s", c, got, want[c])
		}
	}
}

func TestFlagsRefuse(t *testing.T) {
	f := flags(t)
	for _, c := range []struct {
		component, flag string
		to              int
		want            string
	}{
		{"kubelet", "boot-id-file", 37, "gone since 1.37"},
		{"kubelet", "--boot_id_file=/etc/id", 37, "gone since 1.37"},
		{"kubelet", "boot-id-file", 36, ""},
		{"kubelet", "boot-id-file", 38, "the pre-release of 1.38"},
		{"kubelet", "boot-id-file", 45, ""}, // the table does not reach that far
		{"kubelet", "housekeeping-interval", 37, ""},
		{"kubelet", "node-labels", 37, ""},
		{"kubelet", "flag-of-a-distribution", 37, ""},
		{"kube-apiserver", "boot-id-file", 37, ""},
		{"kube-proxy", "feature-gates", 37, ""},
		{"kubelet", "cloud-config", 34, "gone since 1.34"},
		{"kubelet", "pod-infra-container-image", 34, ""},
		{"kubelet", "pod-infra-container-image", 35, "gone since 1.35"}, // CHANGELOG-1.35, kubernetes/kubernetes#133779
		{"kubelet", "runtime-cgroups", 28, ""},
		{"kubelet", "image-credential-provider-config", 33, ""},
		{"a-component", "boot-id-file", 37, ""},
	} {
		why, since := f.Refuses(c.component, c.flag, upgrade.V1(c.to))
		if c.want == "" && why != "" || !strings.Contains(why, c.want) || (why == "") != since.IsZero() {
			t.Errorf("%s %s in 1.%d: %q since %s, want %q", c.component, c.flag, c.to, why, since, c.want)
		}
	}
	if !f.Deprecated("kubelet", "boot-id-file", upgrade.V1(36)) || f.Deprecated("kubelet", "node-labels", upgrade.V1(36)) {
		t.Error("deprecated flags are not told from others")
	}
}

// TestFlagsOfNoRelease: a flag that no release has is told apart from one that goes, and from those that each command has.
func TestFlagsOfNoRelease(t *testing.T) {
	f := flags(t)
	for _, c := range []struct {
		component, flag string
		to              int
		want            string
	}{
		{"kube-apiserver", "--insecure-port=0", 30, "gone before 1.28"}, // CHANGELOG-1.24
		{"kube-scheduler", "port", 37, "gone before 1.28"},
		{"kube-controller-manager", "pod-eviction-timeout", 37, "gone before 1.28"},
		{"kube-apiserver", "audit-log-mod", 37, "did you mean audit-log-mode?"},
		{"kube-apiserver", "audit-log-mode", 37, ""},
		{"kube-apiserver", "audit_webhook_batch_max_size", 37, ""},
		{"kube-controller-manager", "cloud-provider", 37, ""},
		{"kubelet", "pod-infra-container-image", 37, ""}, // which Refuses tells
		{"kubelet", "no-such-flag", 27, ""},
		{"kubelet", "version", 37, ""},
		{"of-a-distribution", "no-such-flag", 37, ""},
	} {
		got := f.Unknown(c.component, c.flag, upgrade.V1(c.to))
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s %s in 1.%d: %q, want %q", c.component, c.flag, c.to, got, c.want)
		}
	}
}
