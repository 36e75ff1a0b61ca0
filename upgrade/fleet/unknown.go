package fleet

import (
	"fmt"
	"slices"
	"strings"
)

// Unknown says what is made of an add-on of which nobody can tell whether it goes with a version.
type Unknown uint8

// What is made of it: a finding that warns and a plan that takes it to fit, a version that stays shut, or a plan that takes it to fit and
// mentions it.
const (
	UnknownWarns Unknown = iota
	UnknownBlocks
	UnknownAssumed
)

var unknownNames = [...]string{UnknownWarns: "warn", UnknownBlocks: "block", UnknownAssumed: "assume"}

// UnmarshalText reads warn, block or assume.
func (u *Unknown) UnmarshalText(text []byte) error {
	i := slices.Index(unknownNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%.40q is not one of %s", text, strings.Join(unknownNames[:], ", "))
	}
	*u = Unknown(i)
	return nil
}

// String returns "warn", "block" or "assume".
func (u Unknown) String() string { return unknownNames[u] }
