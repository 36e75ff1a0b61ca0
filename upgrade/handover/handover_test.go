package handover_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/handover"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

const shop = `version: 1
policy:
  environments: [dev, prod]
  soak: {prod: 14d}
  windows: [{days: [Tue, Thu], from: "20:00", to: "24:00", timezone: Europe/Berlin}]
  approval: {clusters: {environment: prod}}
clusters:
- {name: gke_acme-dev_europe-west3_shop, provider: gke, channel: regular, version: "1.35", environment: dev, group: shop}
- {name: Shop Prod, provider: gke, channel: regular, version: "1.34", environment: prod, group: shop, labels: {project: acme-prod}}
- {name: pay-dev, provider: aks, version: "1.34", environment: dev, group: pay, team: pay}
- {name: pay-prod, provider: aks, version: "1.34", environment: prod, group: pay, team: pay}
- {name: edge, provider: k3s, version: "1.34", nodes: [{name: n, version: "1.33"}]}
- {name: lab, provider: upstream, version: "1.35", team: the lab, addons: [{name: ingress-nginx, version: 1.15.0}]}
`

var today = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func planned(t *testing.T, text string, now time.Time, approve bool) (fleet.Fleet, plan.Plan) {
	t.Helper()
	table, err := windows.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	known, err := addons.Embedded()
	if err != nil {
		t.Fatal(err)
	}
	f, findings := fleet.Read("fleet.yaml", []byte(text), os.ReadFile)
	if findings = append(findings, f.Check(table, now)...); diag.Any(findings, diag.Error) {
		t.Fatal(findings)
	}
	p := plan.Solve(t.Context(), f, table, plan.Options{Now: now, Addons: known})
	if approve {
		p.Approve(now.AddDate(3, 0, 0), "anna")
	}
	return f, p
}

func written(t *testing.T, format string, f fleet.Fleet, p plan.Plan) (map[string][]byte, []diag.Finding) {
	t.Helper()
	x, ok := handover.Find(format)
	if !ok {
		t.Fatalf("there is no %s", format)
	}
	return x.Write(f, p)
}

// documents are the values of a JSON or YAML file, as the schema library takes them.
func documents(t *testing.T, text []byte) []any {
	t.Helper()
	var out []any
	dec := yaml.NewDecoder(bytes.NewReader(text))
	for {
		var v any
		if err := dec.Decode(&v); errors.Is(err, io.EOF) {
			return out
		} else if err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(again))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, value)
	}
}

// What is written is what those that carry it out read, by their published schemas.
func TestFilesFitTheSchemasOfTheirReaders(t *testing.T) {
	f, p := planned(t, shop, today, true)
	for _, c := range []struct{ format, suffix, schema string }{
		{"aks-fleet", ".stages.json", "aks-fleet"}, {"gke", ".stages.yaml", "gke-stages"}, {"gke", ".exclusion.yaml", "gke-exclusion"},
		{"system-upgrade-controller", ".yaml", "system-upgrade-controller"}, {"cluster-api", ".yaml", "cluster-api"},
	} {
		compiler := jsonschema.NewCompiler()
		compiler.AssertFormat()
		schema, err := compiler.Compile("testdata/" + c.schema + ".json")
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		files, findings := written(t, c.format, f, p)
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if !strings.HasSuffix(name, c.suffix) {
				continue
			}
			for _, d := range documents(t, files[name]) {
				n++
				if err := schema.Validate(d); err != nil {
					t.Errorf("%s of %s: %v\n%s", name, c.format, err, files[name])
				}
			}
		}
		if n == 0 || len(findings) > 0 {
			t.Errorf("%s: %d documents end in %s, findings %v", c.format, n, c.suffix, findings)
		}
	}
}

// A rollout sequence has the environments in order with their soaks.
func TestStages(t *testing.T) {
	f, p := planned(t, shop, today, true)
	files, _ := written(t, "gke", f, p)
	if got := string(files["shop.stages.yaml"]); !strings.Contains(got,
		"projects/acme-dev\n  soak-duration: 14d\n- stage: null\n  fleet-projects:\n    - projects/acme-prod\n") {
		t.Error(got)
	}
	files, _ = written(t, "aks-fleet", f, p)
	if got := string(files["pay.stages.json"]); !strings.Contains(got, `"afterStageWaitInSeconds": 1209600`) ||
		!strings.Contains(got, `"displayName": "approve pay-prod"`) {
		t.Error(got)
	}
	if got := string(files["update-groups.json"]); !strings.Contains(got, `"pay-prod": "pay-prod"`) {
		t.Error(got)
	}
}

// What needs an approval and has none is not handed over, and that is said.
func TestWhatIsNotApprovedStaysHere(t *testing.T) {
	f, p := planned(t, shop, today, false)
	files, findings := written(t, "terraform", f, p)
	text := string(files["kubernetes.auto.tfvars.json"])
	var out struct {
		Kubernetes map[string]struct{ Steps []any }
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil || len(out.Kubernetes["pay-prod"].Steps) > 0 ||
		len(out.Kubernetes["pay-dev"].Steps) == 0 {
		t.Errorf("%v\n%s", err, text)
	}
	if len(findings) == 0 || !strings.Contains(findings[0].Message, "is not handed over to terraform: it is not approved") {
		t.Error(findings)
	}
	// Nor is it silent where there is nothing to hand over.
	lone, lonePlan := planned(t, "version: 1\nclusters: [{name: a, provider: eks, version: \"1.35\"}]\n", today, true)
	if files, findings := written(t, "gke", lone, lonePlan); len(files) > 0 || len(findings) != 1 {
		t.Errorf("%d files, %v", len(files), findings)
	}
	p.Approvals = []plan.StageApproval{{Environment: "prod", Approval: plan.Approval{On: today}}}
	if _, findings = written(t, "terraform", f, p); len(findings) == 0 ||
		!strings.Contains(findings[0].Message, `its approval does not count: of environment prod: "by" names nobody`) {
		t.Error(findings)
	}
}

// Planning again, later and in another order of clusters, writes the same issues and no others, though their days may move.
func TestIssuesKeepTheirNames(t *testing.T) {
	f, p := planned(t, shop, today, true)
	head, clusters, _ := strings.Cut(shop, "clusters:\n")
	lines := strings.SplitAfter(strings.TrimSuffix(clusters, "\n"), "\n")
	slices.Reverse(lines)
	other, later := planned(t, head+"clusters:\n"+strings.Join(lines, "\n"), today, true)
	slower, moved := planned(t, strings.Replace(shop, "policy:\n", "policy:\n  freezes: [{from: 2026-11-20, to: 2026-12-01}]\n", 1),
		today, true)
	for _, format := range []string{"github", "gitlab", "jira"} {
		a, _ := written(t, format, f, p)
		b, _ := written(t, format, other, later)
		if !maps.EqualFunc(a, b, bytes.Equal) {
			t.Errorf("%s: another order gives other files", format)
		}
		c, _ := written(t, format, slower, moved)
		for name, text := range a {
			id := strings.TrimSuffix(name, ".json")
			if !strings.Contains(string(text), "treadmill: "+id) {
				t.Errorf("%s has no id: %s", name, text)
			}
		}
		if first := "upgrade-lab-1-35.json"; a[first] == nil || c[first] == nil {
			t.Errorf("%s: %v and %v", format, slices.Sorted(maps.Keys(a)), slices.Sorted(maps.Keys(c)))
		}
		if text := string(a["upgrade-lab-1-35.json"]); !strings.Contains(text, "- [ ] ingress-nginx before 1.36") ||
			format == "jira" && !strings.Contains(text, `"the-lab"`) {
			t.Error(text)
		}
	}
}
