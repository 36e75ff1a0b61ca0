package inventory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/inventory"
)

func minor(t *testing.T, s string) upgrade.Minor {
	t.Helper()
	m, err := upgrade.ParseMinor(s)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDescribe(t *testing.T) {
	table, err := addons.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	node := func(version, os string, labels ...string) inventory.Node {
		n := inventory.Node{Version: version, OS: os, Labels: map[string]string{}}
		for i := 0; i < len(labels); i += 2 {
			n.Labels[labels[i]] = labels[i+1]
		}
		return n
	}
	for _, c := range []struct {
		facts inventory.Facts
		want  string
	}{
		{inventory.Facts{Context: "arn:aws:eks:eu-west-1:123456789012:cluster/pay", Version: "v1.34.2-eks-1234567", Nodes: []inventory.Node{
			node("v1.34.1", "", "eks.amazonaws.com/nodegroup", "general", "topology.kubernetes.io/region", "eu-west-1"),
			node("v1.33.4", "", "eks.amazonaws.com/nodegroup", "general", "topology.kubernetes.io/region", "eu-west-1")}},
			"pay eks 1.34 eu-west-1 general=1.33"},
		{inventory.Facts{Context: "gke_proj_europe-west3_shop", Version: "v1.35.1-gke.100"}, "shop gke 1.35 "},
		{inventory.Facts{Context: "a", Version: "v1.34.0", Nodes: []inventory.Node{node("v1.34.0", "", "kubernetes.azure.com/agentpool",
			"np")}}, "a aks 1.34  np=1.34"},
		{inventory.Facts{Context: "t", Version: "v1.36.0", Nodes: []inventory.Node{node("v1.36.0", "Talos (v1.11.2)",
			"node-role.kubernetes.io/control-plane", ""),
			node("v1.36.0", "Talos (v1.11.2)")}}, "t talos 1.36  control-plane=1.36 workers=1.36"},
		{inventory.Facts{Context: "k", Version: "v1.33.5+k3s1"}, "k k3s 1.33 "},
		{inventory.Facts{Context: "u", Version: "v1.37.2", Images: []string{"mirror.local/jetstack/cert-manager-controller:v1.19.1",
			"quay.io/jetstack/cert-manager-controller:v1.18.2@sha256:abc", "nginx:1"},
			Releases: []inventory.Release{{Chart: "argo-cd", Version: "9.0.0", AppVersion: "v3.2.1"}}},
			"u upstream 1.37  argo-cd=3.2.1 cert-manager=1.18.2"},
	} {
		got, err := inventory.Describe(c.facts, table)
		if err != nil {
			t.Fatal(err)
		}
		text := got.Name + " " + got.Provider + " " + got.Version.String() + " " + got.Region
		for _, i := range append(got.Nodes, got.Addons...) {
			text += " " + i.Name + "=" + i.Version
		}
		if strings.TrimSpace(text) != strings.TrimSpace(c.want) {
			t.Errorf("got  %s\nwant %s", text, c.want)
		}
	}
	if _, err := inventory.Describe(inventory.Facts{Version: "unknown"}, table); err == nil {
		t.Error("an invalid version passes")
	}
}

const file = `# our fleet
version: 1
clusters: # by team
  # payments
  - {name: dev, provider: eks, version: "1.33", team: pay,   # keep
     nodes: [{name: a, version: "1.32"}], slos: [x]}  # one's own words
  - name: prod          # büro
    provider: eks
    version: 1.33       # soon
    nodes:
      - {name: general, version: '1.32'} # old
      - name: batch
        version: 1.33
    labels: {context: "arn:prod"}
  # the end

teams: {pay: {}}
`

const merged = `# our fleet
version: 1
clusters: # by team
  # payments
  - {name: dev, provider: eks, version: "1.34", team: pay,   # keep
     nodes: [{name: a, version: "1.33"}, {name: b, version: "1.34"}], slos: [x], addons: [{name: cert-manager, version: 1.18.2}]}  # one's own words
  - name: prod          # büro
    provider: eks
    version: "1.34"       # soon
    nodes:
      - {name: general, version: '1.34'} # old
      - name: batch
        version: 1.33
      - {name: gpu, version: "1.34"}
    labels: {context: "arn:prod"}
    addons: [{name: keda, version: "2.18"}]
  - name: fresh
    provider: gke
    version: "1.35"
    region: europe-west3
    labels: {context: gke_p_z_fresh}
  # the end

teams: {pay: {}}
`

func fresh(t *testing.T) inventory.Cluster {
	return inventory.Cluster{Name: "fresh", Context: "gke_p_z_fresh", Provider: "gke", Version: minor(t, "1.35"), Region: "europe-west3"}
}

func TestMerge(t *testing.T) {
	clusters := []inventory.Cluster{
		{
			Name:     "dev",
			Context:  "dev",
			Provider: "eks",
			Version:  minor(t, "1.34"),
			Nodes:    []inventory.Item{{"a", "1.33"}, {"b", "1.34"}},
			Addons:   []inventory.Item{{"cert-manager", "1.18.2"}},
		},
		{
			Name:     "other",
			Context:  "arn:prod",
			Provider: "eks",
			Version:  minor(t, "1.34"),
			Nodes:    []inventory.Item{{"general", "1.34"}, {"batch", "1.33"}, {"gpu", "1.34"}},
			Addons:   []inventory.Item{{"keda", "2.18"}},
		},
		fresh(t),
	}
	for _, ending := range []string{"\n", "\r\n"} {
		with := func(s string) string { return strings.ReplaceAll(s, "\n", ending) }
		got, changes, err := inventory.Merge([]byte(with(file)), clusters)
		if err != nil {
			t.Fatal(err)
		}
		if strings.ReplaceAll(string(got), "\r", "") != merged || len(changes) != 9 {
			t.Errorf("%d changes %v, got\n%s\nwant\n%s", len(changes), changes, got, merged)
		}
		again, changes, err := inventory.Merge(got, clusters)
		if err != nil || len(changes) != 0 || string(again) != string(got) {
			t.Errorf("a second time: %v %v\n%s", err, changes, again)
		}
	}
}

func TestMergeNew(t *testing.T) {
	const want = "version: 1\nclusters:\n  - name: fresh\n    provider: gke\n    version: \"1.35\"\n    region: europe-west3\n    labels: {context: gke_p_z_fresh}\n"
	for _, empty := range []string{"", "\n", "version: 1\nclusters: []\n", "version: 1\nclusters:\n",
		"version: 1\nclusters:", "version: 1\n"} {
		got, _, err := inventory.Merge([]byte(empty), []inventory.Cluster{fresh(t)})
		if err != nil || strings.ReplaceAll(string(got), "clusters: \n", "clusters:\n") != want {
			t.Errorf("%q: %v\n%s", empty, err, got)
		}
	}
	for _, bad := range []string{"a: [", "- a", "version: 1\nclusters: [{name: a}]", "7"} {
		if got, _, err := inventory.Merge([]byte(bad), []inventory.Cluster{fresh(t)}); err == nil {
			t.Errorf("%q: merged to %s", bad, got)
		}
	}
}

// FuzzMerge makes sure that a merge loses no line of the file: all that is not replaced is still there, in order.
func FuzzMerge(f *testing.F) {
	f.Add(file)
	f.Add("clusters:\n- {name: fresh, 'version': 1.34}\n")
	f.Add("clusters:\n- name: fresh\n  notes: |\n    a\n    b\n  nodes: []\n")
	m, err := upgrade.ParseMinor("1.35")
	if err != nil {
		f.Fatal(err)
	}
	c := inventory.Cluster{Name: "fresh", Context: "fresh", Provider: "gke", Version: m, Nodes: []inventory.Item{{"a", "1.35"}}}
	f.Fuzz(func(t *testing.T, text string) {
		once, changes, err := inventory.Merge([]byte(text), []inventory.Cluster{c})
		if err != nil {
			return
		}
		if len(changes) == 0 && strings.TrimRight(string(once), "\n") != strings.TrimRight(text, "\n") {
			t.Errorf("no change, but %q became %q", text, once)
		}
		comments := func(s string) []string {
			var out []string
			for line := range strings.Lines(s) {
				if strings.HasPrefix(strings.TrimSpace(line), "#") {
					out = append(out, strings.TrimSpace(line))
				}
			}
			return out
		}
		if !slices.Equal(comments(text), comments(string(once))) {
			t.Errorf("comments of %q changed: %q", text, once)
		}
	})
}

// A cluster that an entry with a count makes is not added again, and the entry stays as it is.
func TestMergeLeavesCountedEntries(t *testing.T) {
	const counted = "version: 1\nclusters:\n  - {name: \"store-{nnn}\", count: 20, provider: gke, version: \"1.35\"}\n" +
		"  - {name: \"till-{n}\", count: 3, version: \"1.34\", labels: {context: \"arn:till{n}/{n}\"}}\n"
	live := func(name, context string) inventory.Cluster {
		return inventory.Cluster{Name: name, Context: context, Provider: "gke", Version: minor(t, "1.35")}
	}
	for _, c := range []struct {
		cluster inventory.Cluster
		changes string
	}{
		{live("store-007", "x"), "[]"},
		{live("x", "store-020"), "[]"},
		{live("store-021", "x"), "[{store-021 new: gke 1.35}]"},
		{live("store-000", "x"), "[{store-000 new: gke 1.35}]"},
		{live("store-7", "x"), "[{store-7 new: gke 1.35}]"},
		{live("store--7", "x"), "[{store--7 new: gke 1.35}]"},
		{live("x", "arn:till3/3"), "[{x left: it runs 1.35, and the entry with count in line 4 says 1.34}]"},
		{live("x", "arn:till3/2"), "[{x new: gke 1.35}]"},
	} {
		got, changes, err := inventory.Merge([]byte(counted), []inventory.Cluster{c.cluster})
		if err != nil || fmt.Sprint(changes) != c.changes {
			t.Errorf("%s: %v %v", c.cluster.Name, changes, err)
		}
		if added := !strings.Contains(c.changes, "new"); added != (string(got) == counted) {
			t.Errorf("%s:\n%s", c.cluster.Name, got)
		}
	}
}
