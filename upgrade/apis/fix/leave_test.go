package fix_test

import (
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/fix"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
)

const budgets = "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nspec: {minAvailable: 1, selector: {matchLabels: {a: b}}}\n"

// TestLeave: what is to stay is neither rewritten nor refused, in manifests, in templates and in what objects name.
func TestLeave(t *testing.T) {
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	const job = "apiVersion: batch/v1beta1\nkind: CronJob\nspec:\n  schedule: \"1 2 * * *\"\n"
	scaler := "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nspec:\n  scaleTargetRef:\n    apiVersion: extensions/v1beta1\n    kind: Deployment\n"
	for name, text := range map[string]string{
		"manifest":  budgets + "---\n" + budgets,
		"template":  job + "{{ if .a }}{{ end }}\n---\n" + job + "{{ .b }}",
		"reference": scaler + "---\n" + scaler,
	} {
		t.Run(name, func(t *testing.T) {
			all := fix.File("f", []byte(text), nil, table, upgrade.V1(37))
			if len(all.Changes) != 2 {
				t.Fatalf("%d changes without anything to leave: %v", len(all.Changes), all.Findings)
			}
			last := all.Changes[1].Position
			seen := []object.Object{{APIVersion: all.Changes[1].APIVersion, Kind: all.Changes[1].Kind, Position: last}}
			by := fix.Rewriter{Table: table, Target: upgrade.V1(37), Leave: func(at diag.Position) bool { return at.File == "f" && at.Line == last.Line }}
			got := by.File("f", []byte(text), seen)
			if len(got.Changes) != 1 || got.Changes[0].Line == last.Line || len(got.Findings) != len(all.Findings) {
				t.Errorf("changes %v, findings %v", got.Changes, got.Findings)
			}
		})
	}
}

// TestEncodings: a file whose text fix does not write says so.
func TestEncodings(t *testing.T) {
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	seen := []object.Object{{APIVersion: "policy/v1beta1", Kind: "PodDisruptionBudget", Position: diag.Position{File: "f", Line: 1, Column: 13}}}
	for text, want := range map[string]string{
		"\xff\xfe" + strings.ReplaceAll(budgets, "", "\x00")[1:]:    "the file is in UTF-16",
		strings.ReplaceAll(budgets, "\n", "\r"):                     "end in carriage returns alone",
		"a: &a policy/v1beta1\n" + budgets + strings.Repeat("#", 9): "",
	} {
		got := fix.File("f", []byte(text), seen, table, upgrade.V1(37))
		if said := len(got.Findings) == 1 && strings.Contains(got.Findings[0].Message, want); said != (want != "") {
			t.Errorf("%q: %v", want, got.Findings)
		}
	}
}
