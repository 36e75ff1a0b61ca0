package pyrra_test

import (
	"testing"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
	"treadmill/slo/pyrra"
)

func decode(t testing.TB, text string) (slo.SLO, []diag.Finding) {
	t.Helper()
	docs, findings := yamlx.Documents("f.yaml", []byte(text))
	if len(docs) != 1 {
		t.Fatal(findings)
	}
	s, _, problems := pyrra.Decode(docs[0])
	return s, append(findings, problems...)
}

func object(namespace, alerting, indicator string) string {
	return "apiVersion: pyrra.dev/v1alpha1\nkind: ServiceLevelObjective\nmetadata: {name: api" + namespace +
		", annotations: {pyrra.dev/note: '{{ $value }}'}}\n" +
		"spec:\n  target: '99.5'\n  window: 4w\n  alerting: {" + alerting + "}\n  indicator: {" + indicator + "}\n"
}

const ratio = `ratio: {errors: {metric: 'e{code=~"5.."}'}, total: {metric: e}, grouping: [zone]}`

// Two objects of one name in two namespaces are two SLOs.
func TestNamespaces(t *testing.T) {
	for namespace, want := range map[string]string{"": "api", ", namespace: team-a": "team-a/api", ", namespace: team-b": "team-b/api"} {
		if s, findings := decode(t, object(namespace, "", ratio)); s.ID != want || s.Name != "api" || s.Local() != "api" || len(findings) > 0 {
			t.Errorf("%s: %s %v", namespace, s.ID, findings)
		}
	}
}

// The alert for missing series is on unless it is switched off, whatever becomes of the burn alerts.
func TestAbsent(t *testing.T) {
	for alerting, want := range map[string]bool{"": true, "burnrates: false": true, "disabled: true": true, "absent: false": false,
		"burnrates: false, absent: true": true} {
		if s, _ := decode(t, object("", alerting, ratio)); s.Alerting.WatchesData() != want {
			t.Errorf("%s: %t", alerting, !want)
		}
	}
}

func TestAnnotationsKeepWhatTheirValueMeans(t *testing.T) {
	s, _ := decode(t, object("", "", ratio))
	if !s.Alerting.Ratio || s.Alerting.Annotations["note"] != "{{ $value }}" || s.Alerting.Places["{{ $value }}"].Line != 3 {
		t.Errorf("%+v", s.Alerting)
	}
}
