package review_test

import (
	"fmt"
	"strings"
	"testing"

	"treadmill/slo/review"
)

func ExampleReadPolicy() {
	p, findings := review.ReadPolicy("policy.yaml", []byte(`version: 1
bands:
  - {below: 25%, do: slow down}
  - {below: 0, do: freeze, note: until the budget is whole}
`))
	fmt.Println(findings)
	for _, left := range []float64{0.9, 0.25, 0.2, 0, -0.1} {
		do, note := p.Decision(left)
		fmt.Printf("%g %q %q\n", left, do, note)
	}
	// Output:
	// []
	// 0.9 "" ""
	// 0.25 "" ""
	// 0.2 "slow down" ""
	// 0 "slow down" ""
	// -0.1 "freeze" "until the budget is whole"
}

func TestPoliciesAreChecked(t *testing.T) {
	for text, want := range map[string]string{
		"version: 2\nbands: []\n": "1:10: error: version 1 is known",
		"version: 1\nbands: [{below: 25%, do: a}, {below: 0.25, do: b}]\n": "two bands are below 25%",
		"version: 1\nbands: [{below: 250%, do: a}]\n":                      "at most 100%",
		"version: 1\nbands: [{below: x, do: a}]\n":                         "is not a number",
		"version: 1\nbands: [{below: 5%, so: a}]\n":                        "so",
		"": "want one document",
	} {
		_, findings := review.ReadPolicy("p.yaml", []byte(text))
		if len(findings) == 0 || !strings.Contains(findings[0].String(), want) && !strings.Contains(findings[len(findings)-1].String(), want) {
			t.Errorf("%q: %v, want %s", text, findings, want)
		}
	}
}
