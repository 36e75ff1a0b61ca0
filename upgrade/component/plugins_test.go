package component_test

import (
	"slices"
	"strings"
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/component"
)

func TestPluginsRefuse(t *testing.T) {
	f := flags(t)
	for _, c := range []struct {
		name   string
		target int
		want   string // "" for one that is taken
	}{
		{"NodeRestriction", 37, ""},
		{"SecurityContextDeny", 29, ""},
		{"SecurityContextDeny", 30, "gone since 1.30"},
		{"PersistentVolumeLabel", 31, "gone since 1.31"},
		{"MutatingAdmissionPolicy", 31, "comes with 1.32"},
		{"AuthorizationConditionsEnforcer", 38, ""},
		{"PodSecurityPolicy", 37, "gone before 1.28"},
		{"NodeRestrictions", 37, "did you mean NodeRestriction?"},
		{"PodSecurityPolicy", 27, ""},
		{"PodSecurityPolicy", 60, ""},
	} {
		got := f.RefusesPlugin(c.name, upgrade.V1(c.target))
		if !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
			t.Errorf("%s at 1.%d: %q, want %q", c.name, c.target, got, c.want)
		}
	}
}

func TestPlugins(t *testing.T) {
	for _, c := range []struct {
		component, flag, value string
		want                   []string
	}{
		{"kube-apiserver", "--enable_admission-plugins", "A,B", []string{"A", "B"}},
		{"kube-apiserver", "disable-admission-plugins", "A, ${B},", []string{"A"}},
		{"kube-apiserver", "runtime-config", "A", nil},
		{"kubelet", "enable-admission-plugins", "A", nil},
	} {
		if got := component.Plugins(c.component, c.flag, c.value); !slices.Equal(got, c.want) {
			t.Errorf("%v: %q", c, got)
		}
	}
}
