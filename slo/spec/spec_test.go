package spec_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
	"treadmill/slo/spec"
)

func read(name, text string) ([]slo.SLO, []diag.Finding) {
	docs, findings := yamlx.Documents(name, []byte(text))
	slos, problems := spec.Read(slices.Values(docs))
	return slos, append(findings, problems...)
}

// TestPublishedSpecsAreRead reads specs that the projects publish themselves, where they are at hand.
func TestPublishedSpecsAreRead(t *testing.T) {
	files, _ := filepath.Glob("../../../shared/real/slo/*")
	if len(files) == 0 {
		t.Skip("no published specs beside the repository")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		slos, findings := read(filepath.Base(file), string(text))
		if len(slos) == 0 || diag.Any(findings, diag.Error) {
			t.Errorf("%s: %d SLOs, %v", file, len(slos), findings)
		}
	}
}

func TestDocumentsOfManyDialectsKeepTheirOrder(t *testing.T) {
	sloth := "version: prometheus/v1\nservice: web\nslos: [{name: a, objective: 99.9, sli: {events: {error_query: 'e[{{.window}}]', total_query: 't[{{.window}}]'}}}]\n"
	open := "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: b}\nspec: {service: web, timeWindow: [{duration: 4w, isRolling: true}], objectives: [{targetPercent: 99.5}], " +
		"indicator: {metadata: {name: x}, spec: {ratioMetric: {good: {metricSource: {spec: {query: g}}}, total: {metricSource: {spec: {query: t}}}}}}}\n"
	slos, findings := read("f", open+"---\n"+sloth+"---\n"+strings.Replace(sloth, "web", "web2", 1))
	if len(findings) > 0 || len(slos) != 3 {
		t.Fatalf("%v, %v", slos, findings)
	}
	if slos[0].ID != "b" || slos[0].Period.Length != 28*slo.Day || slos[1].ID != "web-a" || slos[2].ID != "web2-a" {
		t.Errorf("got %+v", slos)
	}
	if got := slos[1].Objective.Percent(); got != "99.9%" {
		t.Errorf("objective %s", got)
	}
	_, findings = read("f", sloth+"---\n"+sloth)
	if len(findings) != 1 || findings[0].ID != "spec/duplicate" || findings[0].Line != 7 {
		t.Errorf("findings %v", findings)
	}
}

// Two SLOs never have one file, where one would take the place of the other's rules.
func TestOneFileForEach(t *testing.T) {
	sloth := "version: prometheus/v1\nservice: team\nslos: [{name: a_api, objective: 99.9, sli: {events: {error_query: 'e[{{.window}}]', total_query: 't[{{.window}}]'}}}]\n"
	pyrra := "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nmetadata: {name: api, namespace: team-a}\n" +
		"spec: {target: '99', window: 4w, indicator: {ratio: {errors: {metric: e}, total: {metric: t}}}}\n"
	slos, findings := read("f", sloth+"---\n"+pyrra)
	if len(slos) != 1 || len(findings) != 1 || findings[0].Line != 7 ||
		findings[0].Message != "the rules of team-a/api and of team-a_api, in f:3:8, would go to one file: rename one" {
		t.Errorf("%v, %v", slos, findings)
	}
	slos, findings = read("f", pyrra+"---\n"+strings.Replace(pyrra, "team-a", "team-b", 1))
	if len(slos) != 2 || len(findings) != 0 {
		t.Errorf("two namespaces: %v, %v", slos, findings)
	}
}

func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("../../testdata/example/slos/*.yaml")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add(
		"apiVersion: openslo/v1alpha\nkind: SLO\nmetadata: {name: a}\nspec: {service: a, objectives: [{target: 0.9, ratioMetrics: }], timeWindows: [{count: 1, unit: Day}]}",
	)
	f.Add(
		"apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: a}\nspec: {indicator: {spec: {thresholdMetric: {metricSource: }}}, objectives: [{target: 0.9, op: lt, value: 1}], alertPolicies: [{spec: {conditions: [{}]}}]}",
	)
	f.Add(
		"apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\nmetadata: {}\nspec: {service: a, slos: [{name: a, objective: 1e9, sli: {raw: , events: }}]}",
	)
	f.Fuzz(func(t *testing.T, text string) {
		slos, findings := read("f", text)
		for _, s := range slos {
			if s.ID == "" || s.Objective.Budget().Float() <= 0 || s.Period.Length <= 0 || s.Indicator.Ratio.IsZero() && s.Indicator.Total.IsZero() {
				t.Errorf("an SLO without a promise: %+v", s)
			}
		}
		if len(slos) == 0 && len(findings) == 0 && strings.Contains(text, "version") {
			docs, _ := yamlx.Documents("f", []byte(text))
			for _, d := range docs {
				if d.Root.ShortTag() == "!!map" && !strings.Contains(text, "openslo") {
					t.Errorf("nothing is said about %q", text)
				}
			}
		}
	})
}
