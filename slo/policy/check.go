package policy

import (
	"fmt"
	"time"

	"treadmill/internal/diag"
)

// The IDs of the findings about a policy that can be read.
const (
	FindingExpired  = "policy/expired"
	FindingUnsigned = "policy/unsigned"
)

// Check says what of a policy is over on a day: exemptions whose time has come, which count no more, and the sign-off. A policy that
// nobody has signed is said to be so for information.
func (p Policy) Check(now time.Time) []diag.Finding {
	var out []diag.Finding
	say := func(id string, severity diag.Severity, at diag.Position, format string, args ...any) {
		out = append(out, diag.Finding{ID: id, Severity: severity, Position: at, Message: fmt.Sprintf(format, args...)})
	}
	for _, e := range p.Exemptions {
		if !e.Until.IsZero() && !e.Until.After(now) {
			say(FindingExpired, diag.Warning, e.Pos, "the exemption %s ended on %s and no longer counts: remove it, or agree on a new end (%s)", e.Name,
				day(e.Until), e.Reason)
		}
	}
	switch {
	case p.File == "" || p.Broken:
	case len(p.signed.By) == 0 || !p.signed.On.Set():
		say(FindingUnsigned, diag.Info, p.pos, "the policy does not say who has agreed to it and when: approved: {by: [NAME], on: DAY}")
	case p.signed.On.V.After(now):
		say(FindingUnsigned, diag.Warning, p.signed.On.Pos, "the policy is signed from %s on, which is to come", day(p.signed.On.V.Time))
	case p.signed.Until.Set() && !p.signed.Until.V.end().After(now):
		say(FindingExpired, diag.Warning, p.signed.Until.Pos, "the policy was agreed until %s: agree on it anew; it counts as it is until then",
			day(p.signed.Until.V.end()))
	}
	return out
}

// day writes the last day before an end, or the time of day of an end within a day.
func day(end time.Time) string {
	if u := end.UTC(); u.Equal(u.Truncate(24 * time.Hour)) {
		return u.Add(-time.Nanosecond).Format(time.DateOnly)
	}
	return end.UTC().Format("2006-01-02 15:04 MST")
}

// Said is how an exemption is named where it counts.
func (e Exemption) Said() string {
	return fmt.Sprintf("the exemption %s lets it until %s: %s", e.Name, day(e.Until), e.Reason)
}
