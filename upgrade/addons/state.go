package addons

import "treadmill/upgrade/windows"

// State says what stands behind the statement that a release goes with a minor, or will.
type State uint8

// The states, in rising certainty.
const (
	StateUnknown     State = iota // nothing is known
	StateUnconfirmed              // it was to be by now, and no source that was read says that it is
	StateExpected                 // not stated: it follows from what the project did before, or from the releases around it
	StateDeclared                 // the project says so, of all minors from one on
	StateTested                   // the project tests it
	StateEnded                    // the project has ended: no release will
)

var stateNames = [...]string{StateUnknown: "unknown", StateUnconfirmed: "unconfirmed", StateExpected: "expected", StateDeclared: "declared",
	StateTested: "tested", StateEnded: "ended"}

// String returns "unknown", "unconfirmed", "expected", "declared", "tested" or "ended".
func (s State) String() string { return stateNames[s] }

// MarshalText writes the state as its name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a state from its name.
func (s *State) UnmarshalText(text []byte) error {
	i, err := word(stateNames[:], string(text), "state")
	*s = State(max(i, 0))
	return err
}

// Forecasts returns the state of a forecast on a day. Its late edge is the last day on which it can still be right.
func Forecasts(d windows.Date, now windows.Day) State {
	switch {
	case d.IsZero():
		return StateUnknown
	case d.Status > windows.Projected:
		return StateTested
	case d.Latest() < now:
		return StateUnconfirmed
	default:
		return StateExpected
	}
}

// State is what stands behind the step on a day. A step that nobody can tell about is unknown; one that waits for a release whose day has
// passed without anybody having seen it is unconfirmed.
func (s Step) State(now windows.Day) State {
	switch s.Kind {
	case Blocked:
		return Forecasts(s.Until, now)
	case Migrate:
		return StateEnded
	case Unsure:
		return StateUnknown
	default:
		return s.state
	}
}

// Open reports whether the step rests on what nobody knows on a day: an unknown release, or one that should have come and was not seen.
func (s Step) Open(now windows.Day) bool {
	state := s.State(now)
	return state == StateUnknown || state == StateUnconfirmed
}

// state is what stands behind a row where it answers.
func (r *Release) state(fit Fit) State {
	switch {
	case r.Semantics == Expected, r.Semantics == Default:
		if fit == Unknown {
			return StateUnknown
		}
		return StateExpected
	case r.Semantics == Minimum:
		return StateDeclared
	default:
		return StateTested
	}
}
