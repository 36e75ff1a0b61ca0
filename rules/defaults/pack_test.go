package defaults_test

import (
	"slices"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/defaults"
	"treadmill/slo"
	"treadmill/slo/openslo"
)

func pack(t *testing.T) (defaults.Table, []defaults.PlatformSLO) {
	t.Helper()
	table, _ := defaults.Known()
	slos, findings := defaults.Pack(table, defaults.Platform{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return table, slos
}

func TestEveryPlatformSLOCompiles(t *testing.T) {
	_, slos := pack(t)
	for _, s := range slos {
		name, data, err := s.Spec()
		if err != nil {
			t.Fatal(err)
		}
		docs, _ := yamlx.Documents(name, data)
		specs, findings := openslo.Decode(slices.Values(docs))
		if len(specs) != 1 || len(findings) > 0 || specs[0].ID != s.ID {
			t.Fatalf("%s: %d SLOs, %v", s.ID, len(specs), findings)
		}
		got := compile.Compile(specs[0], compile.Options{})
		if diag.Any(got.Findings, diag.Warning) {
			t.Errorf("%s: %v", s.ID, got.Findings)
		}
		if pages := slices.ContainsFunc(got.Burns, func(b slo.Burn) bool { return b.Severity == slo.Page }); pages != (s.Route == "page") {
			t.Errorf("%s: the table says %s, and the SLO pages: %v", s.ID, s.Route, pages)
		}
	}
}

func TestEverySLOThatReplacesAnAlertIsInThePack(t *testing.T) {
	table, slos := pack(t)
	for name, rows := range table {
		for _, r := range rows {
			for _, id := range r.ReplacedBy {
				if !slices.ContainsFunc(slos, func(s defaults.PlatformSLO) bool { return s.ID == id && slices.Contains(s.Replaces, name) }) {
					t.Errorf("%s is replaced by %s, which is not in the pack", name, id)
				}
			}
		}
	}
}

// TestPackReadsNoDroppedBucket: what the stack drops while it scrapes by default, no SLO of the pack may read.
func TestPackReadsNoDroppedBucket(t *testing.T) {
	table, slos := pack(t)
	for _, s := range slos {
		_, data, _ := s.Spec()
		docs, _ := yamlx.Documents(s.ID, data)
		specs, _ := openslo.Decode(slices.Values(docs))
		files := []rules.File{{Name: s.ID, Groups: compile.Compile(specs[0], compile.Options{}).Groups}}
		for _, f := range defaults.Audit(files, table, defaults.Platform{}).Findings {
			if f.Severity >= diag.Warning {
				t.Errorf("%s: %s", s.ID, f)
			}
		}
	}
}

func TestPackChoosesByPlatform(t *testing.T) {
	table, _ := pack(t)
	managed, err := defaults.FindPreset("managed-control-plane")
	if err != nil {
		t.Fatal(err)
	}
	slos, _ := defaults.Pack(table, defaults.Platform{Presets: []defaults.Preset{managed}, Has: []string{"hubble"}})
	why := map[string]string{}
	for _, s := range slos {
		why[s.ID] = s.Because
		if s.Chosen != (s.Because == "") {
			t.Errorf("%s: chosen %v because %q", s.ID, s.Chosen, s.Because)
		}
	}
	if why["scheduling-latency"] != "needs control-plane, which managed-control-plane lacks" ||
		why["gateway-availability-envoy"] != "only with --has envoy-gateway" ||
		why["gateway-availability-cilium"] != "" ||
		why["apiserver-availability"] != "" {
		t.Error(why)
	}
}

func TestSpecsAreOneStream(t *testing.T) {
	_, slos := pack(t)
	data, err := defaults.Specs(slos)
	if err != nil {
		t.Fatal(err)
	}
	docs, findings := yamlx.Documents("pack", data)
	if len(docs) != len(slos) || len(findings) > 0 || strings.Count(string(data), "\n---\n") != len(slos)-1 {
		t.Errorf("%d documents of %d SLOs, %v", len(docs), len(slos), findings)
	}
}
