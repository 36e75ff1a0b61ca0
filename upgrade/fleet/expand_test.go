package fleet_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"treadmill/upgrade/fleet"
)

// lines writes clusters in one line each.
func lines(f fleet.Fleet) string {
	var b strings.Builder
	for _, c := range f.Clusters {
		fmt.Fprintf(&b, "%s %s %s channel=%s env=%s group=%s team=%s region=%s labels=%v", c.Name.V, c.Provider.V, c.Version.V,
			c.Channel.V, c.Environment.V, c.Group.V, c.Team.V, c.Region.V, c.Labels)
		for _, n := range c.Nodes {
			fmt.Fprintf(&b, " node %s=%s", n.Name.V, n.Version.V)
		}
		for _, a := range c.Addons {
			fmt.Fprintf(&b, " addon %s=%s", a.Name.V, a.Version.V)
		}
		fmt.Fprintf(&b, " slos=%v\n", c.SLOs)
	}
	return b.String()
}

func TestDefaultsAndCountsGiveWhatWritingItOutGives(t *testing.T) {
	for _, c := range []struct{ name, short, long string }{
		{"defaults fill what is missing",
			"defaults: [{provider: eks, version: 1.35, team: a, labels: {x: y, z: w}}]\nclusters:\n- {name: a, environment: dev}\n- {name: b, provider: gke, version: 1.34, labels: {x: own}}\n",
			"clusters:\n- {name: a, environment: dev, provider: eks, version: 1.35, team: a, labels: {x: y, z: w}}\n- {name: b, provider: gke, version: 1.34, team: a, labels: {x: own, z: w}}\n"},
		{"the first that gives a field wins, and may be matched by the next",
			"defaults:\n- {clusters: {labels: {tier: gold}}, team: vip}\n- {team: rest}\n- {clusters: {team: vip}, region: r1}\n- {provider: eks, version: 1.35}\nclusters:\n- {name: a, labels: {tier: gold}}\n- {name: b}\n",
			"clusters:\n- {name: a, labels: {tier: gold}, team: vip, region: r1, provider: eks, version: 1.35}\n- {name: b, team: rest, provider: eks, version: 1.35}\n"},
		{"add-ons are added by name, pools and SLOs are not",
			"defaults: [{provider: eks, version: 1.35, nodes: [{name: n, version: 1.34}], addons: [{name: cilium, version: 1.18.0}, {name: flux, version: 2.7.0}], slos: [s]}]\nclusters:\n- {name: a, nodes: [{name: own, version: 1.35}], addons: [{name: flux, version: 2.6.0}]}\n- {name: b, slos: [t]}\n",
			"clusters:\n- {name: a, provider: eks, version: 1.35, nodes: [{name: own, version: 1.35}], addons: [{name: flux, version: 2.6.0}, {name: cilium, version: 1.18.0}], slos: [s]}\n- {name: b, provider: eks, version: 1.35, nodes: [{name: n, version: 1.34}], addons: [{name: cilium, version: 1.18.0}, {name: flux, version: 2.7.0}], slos: [t]}\n"},
		{"a tier is a channel", "defaults: [{channel: standard, provider: aks, version: 1.35}]\nclusters: [{name: a, tier: lts}]\n",
			"clusters: [{name: a, tier: lts, provider: aks, version: 1.35}]\n"},
		{"counts",
			"clusters:\n- {name: \"store-{nn}-{n}\", count: 2, provider: eks, version: 1.35, environment: dev, group: \"g{n}\", labels: {store: \"{nnn}\"}, slos: [\"s{n}\"]}\n- {name: x, provider: eks, version: 1.35}\n",
			"clusters:\n- {name: store-01-1, provider: eks, version: 1.35, environment: dev, group: g1, labels: {store: \"001\"}, slos: [s1]}\n- {name: store-02-2, provider: eks, version: 1.35, environment: dev, group: g2, labels: {store: \"002\"}, slos: [s2]}\n- {name: x, provider: eks, version: 1.35}\n"},
		{"defaults with counts", "defaults: [{clusters: {name: \"store-*\"}, provider: eks, version: 1.35, group: \"g{n}\"}]\nclusters: [{name: \"store-{n}\", count: 1}]\n", "clusters: [{name: store-1, provider: eks, version: 1.35, group: g1}]\n"},
	} {
		short, problems := read(t, head+c.short)
		long, none := read(t, head+c.long)
		if problems != none || lines(short) != lines(long) {
			t.Errorf("%s: got\n%s%s\nwant\n%s", c.name, lines(short), problems, lines(long))
		}
	}
}

func TestProblemsOfDefaultsAndCountsHaveTheirPlaces(t *testing.T) {
	const given = "defaults: [{provider: eks, version: 1.35}]\n"
	for _, c := range []struct{ name, text, want string }{
		{"nothing gives it", "clusters: [{name: a, version: 1.35}]", `dir/fleet.yaml:4:12: error: cluster a: "provider" is missing, and no default gives it [input/required]`},
		{"a bad default", "defaults: [{provider: ekz, version: 1.35}]\nclusters:\n- {name: a}\n- {name: b}\n", `dir/fleet.yaml:4:23: error: unknown provider "ekz"; did you mean "eks"? [fleet/unknown-provider]`},
		{"said once", given + "clusters: [{name: \"s{n}\", count: 500, environment: pord}]", `dir/fleet.yaml:5:52: error: unknown environment "pord"; did you mean "prod"?; the order of environments is in policy.environments [fleet/unknown-environment]`},
		{"no number", given + "clusters: [{name: a, count: 3}]", `dir/fleet.yaml:5:19: error: 3 clusters of one name: write {n} where the number is to stand, such as a-{n} [fleet/count]`},
		{"no count", given + "clusters: [{name: \"a{n}\"}]", `dir/fleet.yaml:5:19: error: {n} stands for the numbers of an entry with count:, and this one has none [fleet/count]`},
		{"none", given + "clusters: [{name: \"a{n}\", count: 0}]", `dir/fleet.yaml:5:34: error: count is 0; want 1 or more, and no more than 100000 clusters in a file [fleet/count]`},
		{"a bomb", given + "clusters: [{name: \"a{n}\", count: 99999}, {name: \"b{n}\", count: 2}]", `dir/fleet.yaml:5:64: error: count is 2; want 1 or more, and no more than 100000 clusters in a file [fleet/count]`},
		{"twice", given + "clusters: [{name: \"a{n}\", count: 12}, {name: a7}]", `dir/fleet.yaml:5:46: error: there is already a cluster "a7" in line 5; names must differ [fleet/duplicate]`},
		{"for none", "defaults: [{provider: eks, version: 1.35}, {clusters: {team: x}, region: y}]\nclusters: [{name: a}]", `dir/fleet.yaml:4:55: warning: no cluster matches this, so it holds for none [fleet/scope]`},
		{"no pattern", "defaults: [{provider: eks, version: 1.35}, {clusters: {labels: {x: \"[\"}}, region: y}]\nclusters: [{name: a}]", `dir/fleet.yaml:4:55: error: label x: "[" is not a pattern: a [ is not closed [fleet/scope]`},
		{"no names in defaults", "defaults: [{name: x, provider: eks, version: 1.35}]\nclusters: [{name: a}]", `dir/fleet.yaml:4:13: error: defaults[0]: there is no field "name"`},
	} {
		f, got := read(t, head+c.text)
		if !strings.HasPrefix(got, c.want) || strings.Contains(got, "\n") {
			t.Errorf("%s: got\n%s\nwant %s", c.name, got, c.want)
		}
		if c.name == "said once" && (f.Left != 500 || f.Broken) {
			t.Errorf("%d clusters left out, broken %v", f.Left, f.Broken)
		}
	}
}

// However defaults and clusters are drawn, no field that a cluster gives is changed by a default.
func TestDefaultsChangeNothingThatIsWritten(t *testing.T) {
	fields := []string{"provider: eks", "version: 1.35", "team: t", "region: r", "environment: dev", "group: g"}
	rapid.Check(t, func(rt *rapid.T) {
		own := rapid.SliceOfNDistinct(rapid.SampledFrom(fields), 0, 6, rapid.ID).Draw(rt, "own")
		given := rapid.SliceOfN(rapid.SampledFrom([]string{"{provider: gke, version: 1.34}", "{clusters: {provider: gke}, team: u, region: q}",
			"{clusters: {team: \"*\"}, environment: prod}", "{group: h}"}), 0, 5).
			Draw(rt, "defaults")
		text := head + "defaults: [" + strings.Join(given, ", ") + "]\nclusters:\n- {name: a"
		for _, o := range own {
			text += ", " + o
		}
		f, _ := read(t, text+"}\n")
		got := lines(f)
		for _, o := range own {
			key, value, _ := strings.Cut(o, ": ")
			want := map[string]string{"provider": "a eks ", "version": " 1.35 ", "environment": "env=" + value}[key]
			if want == "" {
				want = key + "=" + value
			}
			if len(f.Clusters) == 1 && !strings.Contains(got, want) {
				rt.Fatalf("%s\n%s", text, got)
			}
		}
	})
}
