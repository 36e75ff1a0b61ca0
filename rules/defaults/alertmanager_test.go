package defaults_test

import (
	"slices"
	"testing"

	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules"
	"treadmill/rules/defaults"
)

// TestTheUpgradeSilenceNeverHidesWhatMustBeHeard: neither a page, whatever its name, nor anything of an SLO, nor the dead-man switch.
func TestTheUpgradeSilenceNeverHidesWhatMustBeHeard(t *testing.T) {
	r, _ := replaced(t, defaults.ReplaceOptions{})
	silence := defaults.UpgradeSilence(r.Fates)
	var ms []*labels.Matcher
	for _, text := range silence {
		some, err := rules.NewParser().ParseMetricSelector("{" + text + "}")
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		ms = append(ms, some...)
	}
	hides := func(ls map[string]string) bool {
		return !slices.ContainsFunc(ms, func(m *labels.Matcher) bool { return !m.Matches(ls[m.Name]) })
	}
	if !hides(map[string]string{"alertname": "KubeNodeNotReady", "severity": "info"}) {
		t.Errorf("%v does not match what it is for", silence)
	}
	guards, _ := defaults.Guards()
	for _, p := range rules.Rules(append(guards, r.Files...)) {
		if ls := p.Labels(); p.Rule.Alert != "" && !slices.Contains([]string{"warning", "info"}, ls["severity"]) {
			if ls["alertname"] = p.Rule.Alert; hides(ls) {
				t.Errorf("%s is silenced", p.Rule.Alert)
			}
		}
	}
	for _, f := range r.Fates {
		for _, severity := range []string{"critical", "warning", "info"} {
			if hides(map[string]string{"alertname": f.Name, "severity": severity, "slo": "apiserver-availability"}) {
				t.Errorf("an alert of an SLO named %s is silenced", f.Name)
			}
		}
		if hides(map[string]string{"alertname": f.Name, "severity": "critical"}) {
			t.Errorf("the page %s is silenced", f.Name)
		}
	}
}
