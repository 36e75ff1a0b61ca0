package unittest_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/unittest"
)

const folder = "../../testdata/unittest"

// run runs a test file of the fixtures with the rules that it names.
func run(t *testing.T, name string) unittest.Result {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	suite, findings := unittest.Read(name, data)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	var files []rules.File
	for _, f := range suite.RuleFiles {
		text, err := os.ReadFile(filepath.Join(folder, f.V))
		if err != nil {
			t.Fatal(err)
		}
		some, findings := rules.Read(f.V, text)
		if len(findings) > 0 {
			t.Fatal(findings)
		}
		files = append(files, some...)
	}
	return unittest.Run(context.Background(), suite, files)
}

func TestFixturesPass(t *testing.T) {
	for _, name := range []string{"passing.yaml", "fuzzy.yaml", "objects.yaml"} {
		for _, test := range run(t, name).Tests {
			if test.Outcome != unittest.Passed {
				t.Errorf("%s: %s %s: %v", name, test.Name, test.Outcome, test.Failures)
			}
		}
	}
}

func TestFailuresSayWhatDiffers(t *testing.T) {
	got := run(t, "failing.yaml")
	var b strings.Builder
	for _, test := range got.Tests {
		for _, f := range test.Failures {
			fmt.Fprintln(&b, f.Position, f.ID, f.Missing, f.Unexpected)
		}
	}
	want := `failing.yaml:8:5 unittest/alert [{instance="a", job="shop", severity="page"} annotations {summary="Instance a is down."} {instance="b", job="shop", severity="warning"}] [{instance="a", job="shop", severity="warning"} annotations {summary="Instance a is down."}]
failing.yaml:14:5 unittest/alert [] [{severity="none"}]
failing.yaml:16:5 unittest/sample [up{instance="a", job="shop"} 1] [up{instance="a", job="shop"} 0]
failing.yaml:21:5 unittest/eval [] []
`
	if b.String() != want {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
	if got.Tests[1].Outcome != unittest.Passed {
		t.Error("the second test saw the series of the first")
	}
}

// inline runs a test file without rules.
func inline(t *testing.T, text string) string {
	t.Helper()
	suite, findings := unittest.Read("t.yaml", []byte(text))
	if diag.Any(findings, diag.Error) {
		t.Fatal(findings)
	}
	var b strings.Builder
	for _, test := range unittest.Run(context.Background(), suite, nil).Tests {
		fmt.Fprint(&b, test.Outcome, " ")
		for _, f := range test.Failures {
			fmt.Fprint(&b, f.Message, "; ")
		}
	}
	return strings.TrimSpace(b.String())
}

func TestExpressions(t *testing.T) {
	for test, want := range map[string]string{
		"{expr: 1 / 0, exp_samples: [{value: .inf}]}":                                               "passed",
		"{expr: -1 / 0, exp_samples: [{value: -Inf}]}":                                              "passed",
		"{expr: x, eval_time: 1m, exp_samples: [{labels: x, value: 2}]}":                            "passed",
		"{expr: x, eval_time: 90s, exp_samples: [{labels: '{__name__=\"x\"}', value: 2.0}]}":        "passed",
		"{expr: x, eval_time: 7m}":                                                                  "passed",
		"{expr: x, eval_time: 1m}":                                                                  "failed x at 1m: want none, got 1 sample;",
		"{expr: y, eval_time: 1m, exp_samples: [{labels: y, value: 2}]}":                            "failed y at 1m: want 1 sample, got none;",
		"{expr: x, eval_time: 1m, exp_samples: [{labels: x, value: 2}, {labels: x, value: 2}]}":     "failed x at 1m: want 2 samples, got 1;",
		"{expr: 0.1 + 0.2, exp_samples: [{value: 0.3}]}":                                            "failed 0.1 + 0.2 at 0s: the samples differ (1 of 1);",
		"{expr: x, eval_time: 20000d}":                                                              "failed test on line 2: 28800000 evaluations up to 20000d are too many: use a longer evaluation_interval;",
		"{expr: h, exp_samples: [{labels: h, histogram: '{{count:2 sum:3 buckets:[2]}}'}]}":         "passed",
		"{expr: h, exp_samples: [{labels: h, histogram: '{{count:3 sum:3 buckets:[3]}}'}]}":         "failed h at 0s: the samples differ (1 of 1);",
		"{expr: time(), eval_time: 1m, exp_samples: [{value: 60}]}":                                 "passed",
		"{expr: 'count_over_time(x[2m:])', eval_time: 2m, exp_samples: [{labels: '{}', value: 2}]}": "passed",
		"{expr: 'x[5m]', eval_time: 2m}":                                                            "failed x[5m] at 2m: the expression gives neither a vector nor a scalar;",
		"{expr: NaN, exp_samples: [{value: .NaN}]}":                                                 "passed",
	} {
		text := "tests:\n- input_series: [{series: x, values: '1 2 3'}, {series: h, values: '{{count:2 sum:3 buckets:[2]}}'}]\n  promql_expr_test: [" + test + "]\n"
		if got := inline(t, text); got != want {
			t.Errorf("%s: %s, want %s", test, got, want)
		}
	}
}

func TestStartTimestamp(t *testing.T) {
	for text, want := range map[string]string{"1795424400": "1795424400", "2026-11-23T09:00:00Z": "1795424400",
		"1795424400.5": "1795424400.5"} {
		if got := inline(t, "tests:\n- start_timestamp: "+text+"\n  promql_expr_test: [{expr: time(), exp_samples: [{value: "+want+"}]}]\n"); got != "passed" {
			t.Errorf("%s: %s", text, got)
		}
	}
	if _, findings := unittest.Read("t.yaml", []byte("tests:\n- start_timestamp: noon\n")); len(findings) != 1 || findings[0].String() !=
		`t.yaml:2:20: error: tests[0].start_timestamp: "noon" is not a time: want RFC 3339, such as 2026-11-23T09:00:00Z, or seconds since 1970 [input/value]` {
		t.Error(findings)
	}
}

func TestGroupsAreEvaluatedInTheOrderAskedFor(t *testing.T) {
	text := "groups:\n- {name: reads, rules: [{record: b, expr: a}]}\n- {name: writes, rules: [{record: a, expr: vector(1)}]}\n"
	files, _ := rules.Read("r.yaml", []byte(text))
	for order, want := range map[string]unittest.Outcome{"[writes, reads]": unittest.Passed,
		"[reads]": unittest.Failed, "[]": unittest.Failed} {
		suite, _ := unittest.Read(
			"t.yaml",
			[]byte("group_eval_order: "+order+"\ntests:\n- promql_expr_test: [{expr: b, exp_samples: [{labels: b, value: 1}]}]\n"),
		)
		if got := unittest.Run(context.Background(), suite, files).Tests[0].Outcome; got != want {
			t.Errorf("order %s: %s, want %s", order, got, want)
		}
	}
}

func TestIsSuite(t *testing.T) {
	for text, want := range map[string]bool{"tests: []": true, "groups: []": false, "rule_files: [": true, "": true, "- a": false} {
		if got := unittest.IsSuite("t.yaml", []byte(text)); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"passing.yaml", "failing.yaml"} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data))
	}
	f.Add("tests: [{input_series: [{series: x, values: '1x99999999999'}]}]")
	f.Fuzz(func(t *testing.T, text string) {
		suite, findings := unittest.Read("f", []byte(text))
		if len(suite.Tests) == 0 && len(findings) == 0 && strings.TrimSpace(text) == "" {
			t.Error("an empty file was silent")
		}
	})
}
