package handover_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/handover"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

// clouded is a fleet of one to four clusters of clouds, at versions from long ago to now, with and without a freeze over their ends.
func clouded(t *rapid.T) string {
	text := "version: 1\npolicy:\n"
	if rapid.Bool().Draw(t, "frozen") {
		text += "  freezes: [{name: shut, from: 2026-11-01, to: " + rapid.SampledFrom([]string{"2027-01-31", "2027-08-31", "2028-12-31"}).Draw(t, "until") + "}]\n"
	}
	text += "  margin: " + rapid.SampledFrom([]string{"0d", "30d"}).Draw(t, "margin") + "\nclusters:\n"
	for i := range rapid.IntRange(1, 4).Draw(t, "clusters") {
		kind := rapid.SampledFrom([]string{"gke, channel: regular", "gke, channel: none", "gke, channel: extended", "gke", "aks", "aks, tier: lts",
			"eks", "eks, channel: standard"}).Draw(t, "kind")
		text += fmt.Sprintf("- {name: gke_acme_europe-west3_c%d, provider: %s, version: \"1.%d\"}\n", i, kind, rapid.IntRange(28, 36).Draw(t, "version"))
	}
	return text
}

// What a plan says that clouds do by themselves stands in every hand-over that has their clusters, and every exclusion that is written is
// one of the plan that Google takes.
func TestHandOversAgreeWithTheirPlan(t *testing.T) {
	table, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		text := clouded(t)
		f, _ := fleet.Read("fleet.yaml", []byte(text), nil)
		f.Check(table, today)
		p := plan.Solve(t.Context(), f, table, plan.Options{Now: today})
		p.Approve(today.AddDate(3, 0, 0), "anna")
		provider := map[string]string{}
		for _, c := range f.Clusters {
			provider[c.Name.V] = c.Provider.V
		}
		for _, format := range []string{"gke", "aks-fleet", "terraform", "github", "gitlab", "jira"} {
			x, _ := handover.Find(format)
			files, _ := x.Write(f, p)
			all := strings.Builder{}
			for _, content := range files {
				all.Write(content)
			}
			for _, c := range p.Clouds {
				has := len(x.Providers) == 0 || x.Providers[0] == provider[c.Cluster]
				if has && (!strings.Contains(all.String(), c.Day.Format(time.DateOnly)) || !strings.Contains(all.String(), c.Cluster)) {
					t.Errorf("%s says nothing of %s on %s\n%s", format, c.Cluster, c.Day, text)
				}
			}
			if format == "gke" {
				exclusions(t, table, p, files)
			}
		}
	})
}

// exclusions holds the exclusions that are written to those of the plan and to what Google takes: of the scope no_minor_upgrades none
// that goes on after support ends, of no_upgrades none of more than 30 days, and two days between two.
func exclusions(t *rapid.T, table windows.Table, p plan.Plan, files map[string][]byte) {
	wanted, ends := map[string]int{}, map[string]time.Time{}
	for _, e := range p.Exclude {
		wanted[e.Start.Format(time.RFC3339)+" "+e.End.Format(time.RFC3339)+" "+e.Scope]++
		w, _ := table.Window("gke", e.Version)
		last := w.ExtendedEnd.Day.Time()
		if w.ExtendedEnd.IsZero() {
			last = w.StandardEnd.Day.Time()
		}
		days := e.End.Sub(e.Start).Hours() / 24
		if e.End.After(last) || !e.Start.Before(e.End) || e.Scope == "no_upgrades" && days > 30 ||
			e.Scope == "no_upgrades" && e.Start.Sub(ends[e.Cluster]) < 48*time.Hour && e.Start != ends[e.Cluster] && sameVersion(p, e, ends) {
			t.Errorf("%+v", e)
		}
		ends[e.Cluster] = e.End
	}
	for _, c := range p.Clouds {
		if c.Provider == "gke" && c.Overdue && len(during(p, c.Cluster, c.From)) > 0 {
			t.Errorf("an exclusion cannot hold what is overdue: %+v", c)
		}
		if c.Provider == "gke" && c.Holds != "" && len(during(p, c.Cluster, c.From)) == 0 {
			t.Errorf("the plan names an exclusion that is not there: %+v", c)
		}
	}
	for name, content := range files {
		if !strings.HasSuffix(name, ".exclusion.yaml") {
			continue
		}
		var flags map[string]string
		if err := yaml.Unmarshal(content, &flags); err != nil {
			t.Fatal(err)
		}
		wanted[flags["--add-maintenance-exclusion-start"]+" "+flags["--add-maintenance-exclusion-end"]+" "+
			flags["--add-maintenance-exclusion-scope"]]--
	}
	maps.DeleteFunc(wanted, func(_ string, n int) bool { return n == 0 })
	if len(wanted) > 0 {
		t.Errorf("exclusions of the plan that are not written, or written and not of the plan: %v", wanted)
	}
}

func during(p plan.Plan, cluster string, version upgrade.Minor) []plan.Exclusion {
	var out []plan.Exclusion
	for _, e := range p.Exclude {
		if e.Cluster == cluster && e.Version == version {
			out = append(out, e)
		}
	}
	return out
}

// sameVersion reports whether an exclusion goes on from one before at the same version.
func sameVersion(p plan.Plan, e plan.Exclusion, ends map[string]time.Time) bool {
	for _, x := range during(p, e.Cluster, e.Version) {
		if x.End.Equal(ends[e.Cluster]) {
			return true
		}
	}
	return false
}

// The variable of Terraform says which versions the provider brings.
func TestTerraformExpectsWhatProvidersDo(t *testing.T) {
	f, p := planned(t, "version: 1\npolicy: {freezes: [{name: shut, from: 2026-11-01, to: 2028-12-31}]}\n"+
		"clusters: [{name: a, provider: eks, version: \"1.31\"}]\n", today, true)
	files, _ := written(t, "terraform", f, p)
	var out struct {
		Kubernetes map[string]struct {
			Clouds []struct{ Version, Day string } `json:"provider_upgrades"`
		}
	}
	if err := json.Unmarshal(files["kubernetes.auto.tfvars.json"], &out); err != nil {
		t.Fatal(err)
	}
	if got := out.Kubernetes["a"].Clouds; len(got) == 0 || got[0].Version != "1.32" || got[0].Day != "2026-11-26" {
		t.Errorf("%+v", got)
	}
}
