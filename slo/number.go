package slo

import (
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
)

// Number is an exact number: 99.9 is 999/10. The zero value is 0, and a Number never changes.
type Number struct{ r *big.Rat }

// NewNumber is the fraction a/b. It panics when b is 0.
func NewNumber(a, b int64) Number { return Number{big.NewRat(a, b)} }

// plainNumber is what people write: digits, a point, a short exponent. big.Rat alone accepts fractions, hexadecimal
// digits and exponents of a million, whose digits would fill the memory.
//
// Expressions of this package do not count repetitions: Go builds {0,30} as thirty copies, and at every start of the program.
var plainNumber = regexp.MustCompile(`^[+-]?(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE][+-]?[0-9]{1,2})?$`)

// placesGiven is how many digits a written number may have on each side of its point.
const placesGiven = 30

// ParseNumber reads a decimal number such as 99.9 or 1e-3: at most 30 digits before and after the point, and an exponent of at most two.
func ParseNumber(text string) (Number, error) {
	if m := plainNumber.FindStringSubmatch(text); m == nil || max(len(m[1]), len(m[2]), len(m[3])) > placesGiven {
		if len(text) > 40 {
			text = text[:40] + "…"
		}
		return Number{}, fmt.Errorf("%q is not a number: write digits and a point, such as 99.9", text)
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return Number{}, fmt.Errorf("%q is not a number", text)
	}
	return Number{r}, nil
}

// UnmarshalText reads the number as ParseNumber does.
func (n *Number) UnmarshalText(text []byte) error {
	v, err := ParseNumber(string(text))
	*n = v
	return err
}

// MarshalJSON writes the number as a JSON number with all of its digits.
func (n Number) MarshalJSON() ([]byte, error) { return []byte(n.String()), nil }

// MarshalYAML writes the number as a YAML number.
func (n Number) MarshalYAML() (any, error) { return n.Float(), nil }

// Rat is a copy of the number.
func (n Number) Rat() *big.Rat {
	if n.r == nil {
		return new(big.Rat)
	}
	return new(big.Rat).Set(n.r)
}

// Float is the nearest float64.
func (n Number) Float() float64 { f, _ := n.Rat().Float64(); return f }

// Cmp is negative when n < m, 0 when they are equal and positive when n > m.
func (n Number) Cmp(m Number) int { return n.Rat().Cmp(m.Rat()) }

// Mul is n × m.
func (n Number) Mul(m Number) Number { return Number{new(big.Rat).Mul(n.Rat(), m.Rat())} }

// Sub is n − m.
func (n Number) Sub(m Number) Number { return Number{new(big.Rat).Sub(n.Rat(), m.Rat())} }

// Add is n + m.
func (n Number) Add(m Number) Number { return Number{new(big.Rat).Add(n.Rat(), m.Rat())} }

// Div is n ÷ m. It panics when m is 0.
func (n Number) Div(m Number) Number { return Number{new(big.Rat).Quo(n.Rat(), m.Rat())} }

// maxDigits is how many digits after the point String writes of a number that has no end, such as 1/3.
const maxDigits = 12

// String writes the number as a decimal, exactly where it has an end and with twelve digits after the point where it has none.
func (n Number) String() string {
	r := n.Rat()
	digits, exact := r.FloatPrec()
	if !exact {
		digits = maxDigits
	}
	s := r.FloatString(digits)
	if !exact && strings.Contains(s, ".") {
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Percent writes the number as a percentage: 0.999 is "99.9%".
func (n Number) Percent() string { return n.Mul(NewNumber(100, 1)).String() + "%" }

// Short writes the number with at most four significant digits, for people: 0.00333333 is "0.003333".
func (n Number) Short() string { return strconv.FormatFloat(n.Float(), 'g', 4, 64) }
