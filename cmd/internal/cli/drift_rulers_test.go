package cli_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// answer is what asLoaded answers, changed rule by rule and at its top.
func answer(t *testing.T, text string, top map[string]any, rule func(map[string]any)) string {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	for k, v := range top {
		all[k] = v
	}
	for _, g := range all["data"].(map[string]any)["groups"].([]any) {
		for _, r := range g.(map[string]any)["rules"].([]any) {
			rule(r.(map[string]any))
		}
	}
	out, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestDriftOfRulers: what the rulers of Thanos and Mimir answer besides, or leave out, as their pages say
// (https://thanos.io/tip/components/query.md/#rules, https://grafana.com/docs/mimir/latest/references/http-api/#list-prometheus-rules).
func TestDriftOfRulers(t *testing.T) {
	made := generatedRules(t, driftSpec)
	thanos := func(r map[string]any) { // external labels on every rule
		labels, _ := r["labels"].(map[string]any)
		if labels == nil {
			labels = map[string]any{}
		}
		labels["cluster"], labels["receive"] = "eu", "true"
		r["labels"] = labels
	}
	mimir := func(r map[string]any) { // a recording rule has no labels where it is given none; nothing was evaluated yet
		r["health"], r["lastError"], r["lastEvaluation"] = "unknown", "", "0001-01-01T00:00:00Z"
	}
	kept := func(seconds float64) func(map[string]any) {
		return func(r map[string]any) {
			if r["type"] == "alerting" {
				r["keepFiringFor"] = seconds
			}
		}
	}
	for name, c := range map[string]struct {
		answer string
		status int
		want   string
	}{
		"Thanos": {answer: answer(t, asLoaded(t, made, ""), nil, thanos)},
		"Thanos in part": {answer: answer(t, asLoaded(t, foreignFile, ""), map[string]any{"warnings": []string{"receive StoreAPI rules-2: no answer"}},
			thanos), status: 3, want: "it tells only a part of its rules, so that none is said to be missing there: receive StoreAPI rules-2: no answer"},
		"Mimir":                  {answer: answer(t, asLoaded(t, made, ""), nil, mimir)},
		"Prometheus":             {answer: answer(t, asLoaded(t, made, ""), nil, kept(0))},
		"kept by hand":           {answer: answer(t, asLoaded(t, made, ""), nil, kept(600)), status: 1, want: "ErrorBudgetBurn: keep_firing_for 0s → 10m"},
		"an error with its name": {answer: `{"status":"error","errorType":"internal","error":"no org id"}`, status: 3, want: "no org id"},
		"a page of a proxy":      {answer: `{"kind":"List","items":[]}`, status: 3, want: "its answer is not that of the Prometheus API"},
	} {
		t.Run(name, func(t *testing.T) {
			status, found, _, _ := driftOf(t, "--slo", write(t, "slo.yaml", driftSpec),
				"--prometheus", apiServer(t, map[string]string{"/api/v1/rules": c.answer}))
			if status != c.status || (len(found) > 0) != (c.want != "") || c.want != "" && !strings.Contains(found[0].Message, c.want) {
				t.Errorf("status %d, %+v", status, found)
			}
		})
	}
}
