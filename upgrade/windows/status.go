package windows

import (
	"fmt"
	"slices"
	"strings"
)

var statusNames = [...]string{Projected: "projected", Planned: "planned", Announced: "announced", Actual: "actual"}

// String returns "actual", "announced", "planned" or "projected".
func (s Status) String() string { return statusNames[s] }

// MarshalText writes the status as its name.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a status from its name.
func (s *Status) UnmarshalText(text []byte) error {
	i := slices.Index(statusNames[:], string(text))
	if i < 0 {
		return fmt.Errorf("%q is not a status: want one of %s", text, strings.Join(statusNames[:], ", "))
	}
	*s = Status(i)
	return nil
}
