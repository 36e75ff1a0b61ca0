package addons

import (
	"fmt"
	"slices"
	"strings"
)

// Semantics says what kind of claim a range is, which decides what lies outside of it.
type Semantics uint8

// The kinds of claims.
const (
	// Tested: the project tests and supports these minors. Others do not fit.
	Tested Semantics = iota
	// Minimum: only a lower bound is published. What is older does not fit; the row holds for later releases up to the next row.
	Minimum
	// Newest: tested on these minors; older ones are best effort and fit, newer ones do not.
	Newest
	// Expected: tested on these minors; others are expected to work, but that is not stated: they are unknown.
	Expected
	// Match: the release has the number of the control plane's minor and moves right after it.
	Match
	// Default: what the distribution installs with these minors. Others are unknown; it follows the distribution.
	Default
)

var semanticsNames = [...]string{
	Tested:   "tested",
	Minimum:  "minimum",
	Newest:   "newest",
	Expected: "expected",
	Match:    "match",
	Default:  "default",
}

// String returns "tested", "minimum", "newest", "expected", "match" or "default".
func (s Semantics) String() string { return semanticsNames[s] }

// MarshalText writes the semantics as its name.
func (s Semantics) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads semantics from their name.
func (s *Semantics) UnmarshalText(text []byte) error {
	i, err := word(semanticsNames[:], string(text), "kind of claim")
	*s = Semantics(i)
	return err
}

// Confidence says how far a row can be trusted, in rising order.
type Confidence uint8

// The confidences: Low is an estimate or a source with known errors, Medium is derived or second-hand, High is the project's own table.
const (
	Low Confidence = iota
	Medium
	High
)

var confidenceNames = [...]string{Low: "low", Medium: "medium", High: "high"}

// String returns "low", "medium" or "high".
func (c Confidence) String() string { return confidenceNames[c] }

// MarshalText writes the confidence as its name.
func (c Confidence) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText reads a confidence from its name.
func (c *Confidence) UnmarshalText(text []byte) error {
	i, err := word(confidenceNames[:], string(text), "confidence")
	*c = Confidence(i)
	return err
}

// Fit is whether a release goes with a minor.
type Fit uint8

// The fits. Unknown is the answer to everything that the table does not say.
const (
	Unknown Fit = iota
	Compatible
	Incompatible
)

var fitNames = [...]string{Unknown: "unknown", Compatible: "compatible", Incompatible: "incompatible"}

// String returns "unknown", "compatible" or "incompatible".
func (f Fit) String() string { return fitNames[f] }

// MarshalText writes the fit as its name.
func (f Fit) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// word finds a name in a list.
func word(names []string, text, what string) (int, error) {
	i := slices.Index(names, text)
	if i < 0 {
		return 0, fmt.Errorf("%q is not a %s: want one of %s", text, what, strings.Join(names, ", "))
	}
	return i, nil
}
