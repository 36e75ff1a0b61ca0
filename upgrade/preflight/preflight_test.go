package preflight_test

import (
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/component"
	"treadmill/upgrade/preflight"
	"treadmill/upgrade/windows"
)

func judge(t *testing.T, c preflight.Cluster, to upgrade.Minor) []diag.Finding {
	t.Helper()
	gates, err := component.KnownGates()
	if err != nil {
		t.Fatal(err)
	}
	flags, err := component.KnownFlags()
	if err != nil {
		t.Fatal(err)
	}
	table, err := addons.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	calendar, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return preflight.Check(c, to, flags, gates, table.Guide(calendar))
}

func TestCheck(t *testing.T) {
	now, next := upgrade.V1(36), upgrade.V1(37)
	node := func(minor int) preflight.Node {
		return preflight.Node{Name: "n1", Pool: "general", Version: upgrade.V1(minor), Ready: true}
	}
	for name, test := range map[string]struct {
		cluster preflight.Cluster
		to      upgrade.Minor
		want    string // id, severity and a part of the message; "" for none
	}{
		"nothing":  {preflight.Cluster{Nodes: []preflight.Node{node(36), node(34)}}, next, ""},
		"two hops": {preflight.Cluster{}, upgrade.V1(38), "preflight/hops info by way of 1.37"},
		"no hop":   {preflight.Cluster{}, now, "preflight/hops info no upgrade"},
		"old kubelet": {preflight.Cluster{Nodes: []preflight.Node{node(33)}}, next,
			"preflight/skew error takes kubelets of 1.34 and newer"},
		"new kubelet": {preflight.Cluster{Nodes: []preflight.Node{node(38)}}, next,
			"preflight/skew error newer than a control plane of 1.37"},
		"node not ready": {preflight.Cluster{Nodes: []preflight.Node{{Name: "n9"}}}, next, "preflight/node warning n9"},
		"node cordoned": {preflight.Cluster{Nodes: []preflight.Node{{Name: "n9", Ready: true, Cordoned: true}}}, next,
			"preflight/node info n9"},
		"budget of nothing": {preflight.Cluster{Budgets: []preflight.Budget{{Namespace: "a", Name: "b"}}}, next, ""},
		"budget with room":  {preflight.Cluster{Budgets: []preflight.Budget{{Allowed: 1, Healthy: 3, Desired: 2, Expected: 3}}}, next, ""},
		"budget of all": {preflight.Cluster{Budgets: []preflight.Budget{{Namespace: "a", Name: "b", Healthy: 1, Desired: 1,
			Expected: 1}}}, next, "preflight/drain error a/b wants all of its 1 pod"},
		"budget spent": {preflight.Cluster{Budgets: []preflight.Budget{{Namespace: "a", Name: "b", Healthy: 2, Desired: 2,
			Expected: 3}}}, next, "preflight/drain warning lets no pod go now"},
		"hook without a pod": {preflight.Cluster{Hooks: []preflight.Hook{{Configuration: "c", Name: "h", Service: "a/s"}}}, next,
			"preflight/webhook error a/s has no endpoint"},
		"hook for system": {preflight.Cluster{Hooks: []preflight.Hook{{Configuration: "c", Name: "h", Service: "a/s", Ready: true,
			Everywhere: true}}}, next, "preflight/webhook warning exclude kube-system"},
		"hook that is narrow": {preflight.Cluster{Hooks: []preflight.Hook{{Configuration: "c", Name: "h", Service: "a/s",
			Ready: true}}}, next, ""},
		"hook outside": {preflight.Cluster{Hooks: []preflight.Hook{{Configuration: "c", Name: "h", Everywhere: true}}}, next, ""},
		// SidecarContainers is on and locked since 1.33, and is in no list of 1.37; BtreeWatchCache too.
		"gate gone": {preflight.Cluster{Gates: []component.Gate{{Name: "SidecarContainers", Component: "kube-apiserver",
			Enabled: true, Flag: true}}}, next, "preflight/gate error 1.37 does not know it"},
		"gate by default": {preflight.Cluster{Gates: []component.Gate{{Name: "SidecarContainers", Component: "kube-apiserver",
			Enabled: true}}}, next, ""},
		"gate that stays": {preflight.Cluster{Gates: []component.Gate{{Name: "APIResponseCompression", Component: "kube-apiserver",
			Flag: true}}}, next, ""},
		"gate of a cloud": {preflight.Cluster{Gates: []component.Gate{{Name: "OfACloud", Component: "ccm", Flag: true}}}, next, ""},
		"gate of all": {preflight.Cluster{Gates: []component.Gate{{Name: "AllBeta", Component: "kube-apiserver",
			Flag: true}}}, next, ""},
		"gate after the table": {preflight.Cluster{Version: upgrade.V1(44),
			Gates: []component.Gate{{Name: "SidecarContainers", Flag: true}}}, upgrade.V1(45), ""},
		"flag gone": {preflight.Cluster{Settings: []component.Setting{{Component: "kubelet", Flag: "machine-id-file"}}}, next,
			"preflight/flag error gone since 1.37"},
		"flag twice": {preflight.Cluster{Settings: []component.Setting{{Component: "kubelet", Flag: "boot-id-file"},
			{Component: "kubelet", Flag: "boot-id-file"}}}, next, "preflight/flag error gone since 1.37"},
		"flag that stays": {preflight.Cluster{Settings: []component.Setting{{Component: "kubelet", Flag: "node-labels"}}}, next, ""},
		"gate written": {preflight.Cluster{Settings: []component.Setting{{Component: "kubelet",
			Gate: component.Gate{Name: "SidecarContainers", Enabled: true}}}}, next,
			"preflight/gate error kubelet: the feature gate SidecarContainers=true"},
		"add-on to replace": {preflight.Cluster{Addons: []addons.Installed{{Name: "ingress-nginx", Version: "1.11.0"}}}, next,
			"preflight/addon error ingress-nginx"},
	} {
		t.Run(name, func(t *testing.T) {
			c := test.cluster
			c.Name = "x"
			if c.Version.IsZero() {
				c.Version = now
			}
			found := judge(t, c, test.to)
			if test.want == "" {
				if len(found) > 0 {
					t.Fatalf("%v", found)
				}
				return
			}
			id, rest, _ := strings.Cut(test.want, " ")
			severity, message, _ := strings.Cut(rest, " ")
			if len(found) != 1 || found[0].ID != id || found[0].Severity.String() != severity || !strings.Contains(found[0].Message, message) {
				t.Fatalf("%v, want %s", found, test.want)
			}
		})
	}
}

// TestSeveralHops: what blocks is said of the first hop that it blocks, once, and what blocks no hop is not.
func TestSeveralHops(t *testing.T) {
	c := preflight.Cluster{Name: "x", Version: upgrade.V1(35), Settings: []component.Setting{
		{Component: "kubelet", Flag: "boot-id-file"}, {Component: "kubelet", Flag: "node-labels"},
		{Component: "kube-apiserver", Gate: component.Gate{Name: "SidecarContainers", Enabled: true}},
	}}
	var got []string
	for _, f := range judge(t, c, upgrade.V1(38)) {
		got = append(got, f.ID+" "+f.Message)
	}
	all := strings.Join(got, "\n")
	if len(got) != 3 || !strings.Contains(all, "3 hops, by way of 1.36") ||
		!strings.Contains(all, "the kubelet of 1.37 does not know the flag --boot-id-file") ||
		!strings.Contains(all, "SidecarContainers=true is set and 1.37 does not know it") {
		t.Errorf("found:\n%s", all)
	}
}
