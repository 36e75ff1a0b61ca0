package slo_test

import (
	"regexp"
	"strings"
	"testing"

	"treadmill/slo"
)

// The limits on digits are counted by hand; this expression counts them itself.
func TestParseNumberCountsDigitsAsAnExpressionWould(t *testing.T) {
	counted := regexp.MustCompile(`^[+-]?([0-9]{1,30}(\.[0-9]{0,30})?|\.[0-9]{1,30})([eE][+-]?[0-9]{1,2})?$`)
	digits := []string{"", "9", strings.Repeat("9", 30), strings.Repeat("9", 31)}
	for _, sign := range []string{"", "-", "+", "--"} {
		for _, whole := range digits {
			for _, point := range []string{"", ".", ".."} {
				for _, fraction := range digits {
					for _, exponent := range []string{"", "e3", "E-12", "e+1", "e123", "e", "e0x1", " "} {
						text := sign + whole + point + fraction + exponent
						if _, err := slo.ParseNumber(text); (err == nil) != counted.MatchString(text) {
							t.Errorf("ParseNumber(%q): %v", text, err)
						}
					}
				}
			}
		}
	}
}
