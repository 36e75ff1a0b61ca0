package watch_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"treadmill/upgrade/watch"
)

// What does not go on is never approved, what is not to be rolled back is not rejected, and no comment is longer than GitHub takes.
func TestAnswerOfAProtectionRule(t *testing.T) {
	for state, want := range map[watch.State]string{watch.GoOn: "approved", watch.Hold: "", watch.Unknown: "", watch.RollBack: "rejected"} {
		for _, n := range []int{1, 100} {
			reasons := make([]string, n)
			for i := range reasons {
				reasons[i] = fmt.Sprintf("ärger %d is not \"over\" yet", i)
			}
			var got map[string]string
			if err := json.Unmarshal(watch.Verdict{State: state, Reasons: reasons}.Answer("pay-eu"), &got); err != nil {
				t.Fatal(err)
			}
			if got["state"] != want || got["environment_name"] != "pay-eu" || !strings.HasPrefix(got["comment"], "pay-eu: "+string(state)+". ärger 0") ||
				len([]rune(got["comment"])) > 1024 {
				t.Errorf("%s: %v", state, got)
			}
		}
	}
}

// Names, arguments and queries survive whatever they hold.
func TestJobsOfExecutors(t *testing.T) {
	hostile := `it's "so": {{ x }} # y`
	j := watch.Job{Cluster: "Pay_EU/1", Start: time.Date(2026, 11, 24, 10, 0, 0, 0, time.FixedZone("CET", 3600)), Args: []string{"upgrade", "watch", hostile},
		Prometheus: "http://p:9090", Burns: []watch.Burn{{Name: "Pay/" + strings.Repeat("x", 90), Query: `a{b="c: d"}`}}}
	for _, executor := range []string{watch.ArgoRollouts, watch.Keptn, watch.Flagger} {
		text := string(j.Write(executor))
		var object struct {
			Kind     string
			Metadata struct{ Name string }
		}
		if err := yaml.Unmarshal([]byte(text), &object); err != nil {
			t.Fatalf("%s: %v\n%s", executor, err, text)
		}
		var plain []string
		var walk func(any)
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				for _, x := range v {
					walk(x)
				}
			case []any:
				for _, x := range v {
					walk(x)
				}
			case string:
				plain = append(plain, v)
			}
		}
		var all any
		if executor == watch.Flagger {
			_, comment, _ := strings.Cut(text, "the files:\n")
			text = strings.ReplaceAll(strings.TrimPrefix(comment, "# "), "\n# ", "\n")
		}
		if err := yaml.Unmarshal([]byte(text), &all); err != nil {
			t.Fatalf("%s: %v\n%s", executor, err, text)
		}
		walk(all)
		found := strings.Join(plain, "\n")
		if want := map[bool]string{false: hostile, true: `'it'\''s "so": {{ x }} # y'`}[executor == watch.Flagger]; !strings.Contains(found, want) ||
			!strings.Contains(found, "2026-11-24T09:00:00Z") || len(object.Metadata.Name) > 63 || strings.ToLower(object.Metadata.Name) != object.Metadata.Name {
			t.Errorf("%s: %s\n%s", executor, object.Metadata.Name, found)
		}
	}
	one := watch.Burn{Name: "pay-eu-checkout-" + strings.Repeat("y", 50), Query: "x"}
	j.Burns = []watch.Burn{one, one, {Name: "pay", Query: "x"}, one}
	names := map[string]bool{}
	for line := range strings.Lines(string(j.Write(watch.Flagger))) {
		if name, found := strings.CutPrefix(line, "  name: "); found {
			names[strings.TrimSpace(name)] = true
			if len(name) > 64 {
				t.Errorf("%q is too long", name)
			}
		}
	}
	if len(names) != len(j.Burns) {
		t.Errorf("of %d burns %d have a name of their own: %v", len(j.Burns), len(names), names)
	}
	if j.Write(watch.GitHub) != nil {
		t.Error("github has no objects")
	}
}
