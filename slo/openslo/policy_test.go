package openslo_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"treadmill/slo"
)

// watched is an SLO with alert policies, each of a body.
func watched(policies ...string) string {
	text := "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: orders}\nspec:\n  service: shop\n  timeWindow: [{duration: 30d, isRolling: true}]\n" +
		"  budgetingMethod: Occurrences\n  objectives: [{target: 0.99}]\n  indicator: {metadata: {name: x}, " + ratio + "}\n  alertPolicies:\n"
	for i, p := range policies {
		text += fmt.Sprintf("  - kind: AlertPolicy\n    metadata: {name: p%d}\n    spec: {%s}\n", i, p)
	}
	return text
}

func burning(severity, rest string) string {
	return "conditions: [{kind: AlertCondition, metadata: {name: c}, spec: {severity: " + severity +
		", condition: {kind: burnrate, op: gte, threshold: 14.4, lookbackWindow: 1h" + rest + "}}}]"
}

// The word of a severity may be written in any case and with any marks; who it wakes is in a table, and not guessed.
func TestSeverityWords(t *testing.T) {
	for word, want := range map[string]slo.Severity{
		"page": slo.Page, "Page": slo.Page, "CRITICAL": slo.Page, "P1": slo.Page, "p0": slo.Page, "SEV-1": slo.Page, "sev 0": slo.Page,
		"Priority 1": slo.Page, "1": slo.Page,
		"ticket": slo.Ticket, "Warning": slo.Ticket, "P3": slo.Ticket, "sev2": slo.Ticket, "Low": slo.Ticket, "4": slo.Ticket,
		"blocker": "", "wake-the-ceo": "", "P17": "",
	} {
		got, findings := decode(t, watched(burning("'"+word+"'", "")))
		if want == "" {
			wants(t, findings, "13:86 the severity \""+word+"\" is not known")
			continue
		}
		wants(t, findings, "")
		if len(got) != 1 || got[0].Policy[0].Severity != want || got[0].Alerting.Route(want).Labels["severity"] != word {
			t.Errorf("%s: %+v", word, got)
		}
	}
}

// Objectives with one display name are told apart by their numbers.
func TestObjectivesOfOneName(t *testing.T) {
	text := strings.Replace(watched(burning("page", "")), "[{target: 0.99}]",
		"[{displayName: Fast, target: 0.99}, {displayName: Slow, target: 0.9}, {displayName: fast, target: 0.999}, {target: 0.5}]", 1)
	got, findings := decode(t, text)
	wants(t, findings, "")
	var ids []string
	for _, s := range got {
		ids = append(ids, s.ID)
	}
	if want := []string{"orders-fast-1", "orders-slow", "orders-fast-3", "orders-4"}; !slices.Equal(ids, want) {
		t.Errorf("%v, want %v", ids, want)
	}
}

// One severity is one alert and has one label.
func TestSeverityLabelsThatDiffer(t *testing.T) {
	_, findings := decode(t, watched(burning("P1", ""), burning("critical", ", alertAfter: 2m")))
	wants(t, findings, `16:86 whose label severity is that of the first, "P1"; "critical" goes on no alert`)
}

// What the metadata of policies and conditions says goes on alerts: what a condition says before what its policy says, and that before
// the SLO.
func TestMetadataOfAlerts(t *testing.T) {
	condition := "{kind: AlertCondition, metadata: {name: c, labels: {tier: gold, sig: [a, b]}, annotations: {hint: 'of the condition {{ $value }}', treadmill/short-window: 10m}}, " +
		"spec: {severity: page, condition: {kind: burnrate, op: gt, threshold: 10, lookbackWindow: 1h}}}"
	text := watched("conditions: [" + condition + "]")
	text = strings.Replace(text, "metadata: {name: p0}", "metadata: {name: p0, labels: {team: shop, tier: silver, app.example.org/part: x}, "+
		"annotations: {hint: of the policy, treadmill/alert-name: Orders, example.org/owner: x}}", 1)
	text = strings.Replace(text, "metadata: {name: orders}", "metadata: {name: orders, annotations: {hint: of the SLO, runbook: 'https://example.org'}}", 1)
	got, findings := decode(t, text)
	wants(t, findings, "")
	if len(got) != 1 {
		t.Fatal(findings)
	}
	al := got[0].Alerting
	if al.Name != "Orders" || fmt.Sprint(al.Labels) != "map[team:shop tier:silver]" ||
		fmt.Sprint(al.Page.Labels) != "map[severity:page sig:a,b tier:gold]" {
		t.Errorf("labels: %+v", al)
	}
	if fmt.Sprint(al.Annotations) != "map[hint:of the policy runbook:https://example.org]" ||
		al.Page.Annotations["hint"] != "of the condition {{ $value }}" {
		t.Errorf("annotations: %+v", al)
	}
	if got[0].Policy[0].Short != 10*slo.Minute || al.Places["of the condition {{ $value }}"].Line == 0 {
		t.Errorf("the short window, and the place of a template: %+v", got[0])
	}
	_, findings = decode(t, strings.Replace(text, "short-window: 10m", "short-window: 1h", 1))
	wants(t, findings, "13:180 the short window of 1h must be shorter than the long one of 1h")
}

// Two policies that say one label in two ways are told, and the first one holds.
func TestLabelsOfTwoPolicies(t *testing.T) {
	text := watched(burning("page", ""), burning("ticket", ""))
	for i, team := range []string{"a", "b"} {
		text = strings.Replace(text, fmt.Sprintf("metadata: {name: p%d}", i),
			fmt.Sprintf("metadata: {name: p%d, labels: {team: %s}}", i, team), 1)
	}
	got, findings := decode(t, text)
	wants(t, findings, "15:15 alerts have one team, and an earlier policy or condition says another one, which stays")
	if len(got) != 1 || got[0].Alerting.Labels["team"] != "a" {
		t.Errorf("%+v", got)
	}
}

// The no-data alert is there when any policy asks for it, in whatever order and whatever else the policies say.
func TestPoliciesCombine(t *testing.T) {
	asks, silent := "alertWhenNoData: true, "+burning("page", ""), burning("ticket", "")
	for name, c := range map[string]struct {
		policies []string
		want     bool
		warned   string
	}{
		"one asks":       {[]string{asks}, true, ""},
		"none asks":      {[]string{silent}, false, ""},
		"the first asks": {[]string{asks, silent}, true, ""},
		"the last asks":  {[]string{silent, "alertWhenNoData: false, " + burning("ticket", ""), asks}, true, ""},
		"one that asks and is silent else": {[]string{"alertWhenNoData: true, alertWhenBreaching: false, " + burning("page", "")},
			true, "11:5 alert nobody"},
		"one that asks beside one that is": {[]string{silent, "alertWhenNoData: true, alertWhenBreaching: false, " + burning("page", "")},
			true, "14:5 alert nobody"},
		"no policy: the default has it too": {nil, true, ""},
	} {
		text := watched(c.policies...)
		if c.policies == nil {
			text = strings.TrimSuffix(text, "  alertPolicies:\n")
		}
		got, findings := decode(t, text)
		wants(t, findings, c.warned)
		if len(got) != 1 || got[0].Alerting.WatchesData() != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// Each objective of v1alpha has queries of its own: several are several SLOs.
func TestObjectivesOfV1Alpha(t *testing.T) {
	metrics := func(name string) string {
		return "ratioMetrics: {good: {source: Prometheus, queryType: promql, query: 'sum(rate(" + name +
			"_good[5m]))'}, total: {query: 'sum(rate(" + name + "[5m]))'}}"
	}
	head := "apiVersion: openslo/v1alpha\nkind: SLO\nmetadata: {name: api}\nspec:\n  service: shop\n  timeWindows: [{unit: Day, count: 30}]\n  objectives:\n"
	for name, c := range map[string]struct {
		objectives string
		ids        []string
		want       string
	}{
		"one": {"  - {target: 0.99, " + metrics("a") + "}\n", []string{"api"}, ""},
		"two": {"  - {target: 0.999, " + metrics("a") + "}\n  - {displayName: Fast Ones, target: 0.9, " + metrics("b") + "}\n",
			[]string{"api-1", "api-fast-ones"}, ""},
		"wrong": {"  - {target: 0.999, " + metrics("a") + "}\n  - {target: 1.5, " + metrics("b") + "}\n", nil, "9:14 leaves no error budget"},
		"none":  {"    []\n", nil, "5:3 0 objectives"},
	} {
		got, findings := decode(t, head+c.objectives)
		wants(t, findings, c.want)
		var ids []string
		for _, s := range got {
			ids = append(ids, s.ID)
		}
		if !slices.Equal(ids, c.ids) {
			t.Errorf("%s: %q", name, ids)
		}
	}
}

// Few lines of a spec must not become rules that fill a disk: the first objective too many is where it is said, in both forms.
func TestManyObjectives(t *testing.T) {
	v1 := "apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: api}\nspec:\n  service: shop\n  timeWindow: [{duration: 30d, isRolling: true}]\n" +
		"  budgetingMethod: Occurrences\n  indicator: {metadata: {name: i}, " + ratio + "}\n  objectives:\n"
	alpha := "apiVersion: openslo/v1alpha\nkind: SLO\nmetadata: {name: api}\nspec:\n  service: shop\n  timeWindows: [{unit: Day, count: 30}]\n" +
		"  objectives:\n"
	query := "{source: prometheus, queryType: promql, query: 'sum(rate(x[5m]))'}"
	for name, c := range map[string]struct{ head, objective, place string }{
		"v1":      {v1, "  - {target: 0.9%02d}\n", "110:14"},
		"v1alpha": {alpha, "  - {target: 0.9%02d, ratioMetrics: {good: " + query + ", total: " + query + "}}\n", "108:14"},
	} {
		for count, want := range map[int]string{100: "", 101: c.place + " at most 100"} {
			text := c.head
			for i := range count {
				text += fmt.Sprintf(c.objective, i)
			}
			slos, findings := decode(t, text)
			if wants(t, findings, want); want != "" && len(slos) > 0 {
				t.Errorf("%s: %d SLOs are made all the same", name, len(slos))
			}
		}
	}
}
