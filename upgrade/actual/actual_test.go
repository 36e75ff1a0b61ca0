package actual_test

import (
	"fmt"
	"strings"
	"testing"

	"treadmill/internal/drift"
	"treadmill/upgrade/actual"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/inventory"
)

// read is a fleet file with these clusters.
func read(t *testing.T, clusters string) fleet.Fleet {
	t.Helper()
	f, findings := fleet.Read("fleet.yaml", []byte("version: 1\nclusters:\n"+clusters), nil)
	for _, problem := range findings {
		t.Fatal(problem)
	}
	return f
}

// live is a cluster as it says itself.
func live(t *testing.T, facts inventory.Facts) actual.Cluster {
	t.Helper()
	c, err := inventory.Describe(facts, table(t))
	if err != nil {
		t.Fatal(err)
	}
	return actual.Cluster{Cluster: c, Facts: facts, Server: "https://" + facts.Context}
}

func table(t *testing.T) addons.Table {
	t.Helper()
	known, err := addons.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	return known
}

func told(found []drift.Finding) string {
	var out []string
	for _, f := range found {
		out = append(out, fmt.Sprintf("%s %s %s", f.ID, f.Severity, f.Subject))
	}
	return strings.Join(out, ", ")
}

// TestFleet: what is apart in one cluster, and what is not.
func TestFleet(t *testing.T) {
	nodes := func(words ...string) (out []inventory.Node) {
		for i, w := range words {
			pool, version, _ := strings.Cut(w, "=")
			out = append(out, inventory.Node{Name: fmt.Sprint(i), Version: version, Labels: map[string]string{"karpenter.sh/nodepool": pool}})
		}
		return out
	}
	master := inventory.Node{Name: "m", Version: "v1.34.1", Labels: map[string]string{"node-role.kubernetes.io/control-plane": ""}}
	for name, c := range map[string]struct {
		file  string
		facts inventory.Facts
		want  string
	}{
		"the same":                      {`{name: a, provider: upstream, version: "1.34"}`, inventory.Facts{Version: "v1.34.1"}, ""},
		"a patch is no difference":      {`{name: a, provider: upstream, version: "1.34", nodes: [{name: w, version: "1.34"}]}`, inventory.Facts{Version: "v1.34.9", Nodes: nodes("w=v1.34.2", "w=v1.34.9")}, ""},
		"taken back":                    {`{name: a, provider: upstream, version: "1.35"}`, inventory.Facts{Version: "v1.34.1"}, "drift/version error control plane"},
		"nodes behind, no pools":        {`{name: a, provider: upstream, version: "1.34"}`, inventory.Facts{Version: "v1.34.1", Nodes: nodes("w=v1.33.0")}, "drift/mixed error node pools"},
		"control plane alone moved":     {`{name: a, provider: upstream, version: "1.34", nodes: [{name: w, version: "1.34"}]}`, inventory.Facts{Version: "v1.35.0", Nodes: nodes("w=v1.34.0")}, "drift/version error control plane"},
		"a pool of masters":             {`{name: a, provider: upstream, version: "1.34", nodes: [{name: w, version: "1.34"}]}`, inventory.Facts{Version: "v1.34.1", Nodes: append(nodes("w=v1.34.0"), master)}, ""},
		"a pool moved, one is gone":     {`{name: a, provider: upstream, version: "1.34", nodes: [{name: w, version: "1.33"}, {name: z, version: "1.34"}]}`, inventory.Facts{Version: "v1.34.1", Nodes: nodes("w=v1.34.0")}, "drift/pool error node pool w, drift/pool info node pool z"},
		"hidden nodes":                  {`{name: a, provider: talos, version: "1.34", nodes: [{name: w, version: "1.33"}]}`, inventory.Facts{Version: "v1.34.1", Hidden: inventory.Hidden{Nodes: true}}, ""},
		"another provider, by its mark": {`{name: a, provider: upstream, version: "1.34"}`, inventory.Facts{Version: "v1.34.1+k3s1"}, "drift/provider error provider"},
		"the mark is not there":         {`{name: a, provider: gke, version: "1.34"}`, inventory.Facts{Version: "v1.34.1"}, "drift/provider error provider"},
		"a provider of one's own":       {`{name: a, provider: house, version: "1.34"}`, inventory.Facts{Version: "v1.34.1-eks-1"}, ""},
		"add-ons": {`{name: a, provider: upstream, version: "1.34", addons: [{name: argo-cd, version: "3.1"}, {name: cert-manager, version: v1.18.2}]}`,
			inventory.Facts{Version: "v1.34.1", Images: []string{"quay.io/jetstack/cert-manager-controller:v1.18.2",
				"docker.io/istio/pilot:1.27.1"}}, "drift/addon warning add-on argo-cd, drift/addon warning add-on istio"},
		"hidden workloads": {`{name: a, provider: upstream, version: "1.34", addons: [{name: cert-manager, version: v1.18.2}]}`,
			inventory.Facts{Version: "v1.34.1", Hidden: inventory.Hidden{Workloads: true}}, ""},
		"an image by its digest": {`{name: a, provider: upstream, version: "1.34", addons: [{name: cert-manager, version: v1.18.2}]}`,
			inventory.Facts{Version: "v1.34.1", Images: []string{"quay.io/jetstack/cert-manager-controller@sha256:abc"}}, ""},
	} {
		c.facts.Context = "a"
		f := read(t, "  - "+c.file+"\n")
		found := actual.Fleet(f, actual.Match(f, []actual.Cluster{live(t, c.facts)}), actual.Ask{Addons: table(t), All: true})
		if got := told(found); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// TestMatch: which cluster of the file is which context.
func TestMatch(t *testing.T) {
	f := read(
		t,
		"  - {name: pay, provider: eks, version: \"1.34\"}\n  - {name: eu, provider: eks, version: \"1.34\", labels: {context: admin@west}}\n"+
			"  - {name: \"us-{n}\", count: 2, provider: eks, version: \"1.34\"}\n  - {name: left, provider: eks, version: \"1.34\"}\n",
	)
	var all []actual.Cluster
	for _, context := range []string{"arn:aws:eks:eu-west-1:123456789012:cluster/pay", "admin@west", "us-2", "other", "other-again"} {
		c := live(t, inventory.Facts{Context: context, Version: "v1.34.1-eks-1"})
		if context == "other-again" {
			c.Server = "https://other"
		}
		all = append(all, c)
	}
	p := actual.Match(f, all)
	var got []string
	for _, pair := range p.Both {
		got = append(got, pair.File.Name.V+"="+pair.Live.Context)
	}
	for _, c := range p.Only {
		got = append(got, "-"+c.Name.V)
	}
	for _, l := range p.Unknown {
		got = append(got, "+"+l.Context)
	}
	if s := strings.Join(got, " "); s != "pay=arn:aws:eks:eu-west-1:123456789012:cluster/pay eu=admin@west us-2=us-2 -us-1 -left +other" {
		t.Error(s)
	}
}
