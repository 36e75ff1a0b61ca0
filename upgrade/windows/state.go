package windows

// State says where a version stands in its life on a day.
type State uint8

// The states. A version that should have come by now but that no source confirms is Unconfirmed.
const (
	Coming State = iota
	Unconfirmed
	InStandard
	InExtended
	Ended
)

var stateNames = [...]string{Coming: "coming", Unconfirmed: "unconfirmed", InStandard: "standard", InExtended: "extended", Ended: "ended"}

// String returns "coming", "unconfirmed", "standard", "extended" or "ended".
func (s State) String() string { return stateNames[s] }

// MarshalText writes the state as its name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// State is the state of the window on a day. An end that nobody knows has not come.
func (w Window) State(now Day) State {
	over := func(d Date) bool { return !d.IsZero() && d.Day <= now }
	switch extended := w.ExtendedIn(0); {
	case over(w.StandardEnd) && (extended.IsZero() || over(extended)):
		return Ended
	case over(w.StandardEnd):
		return InExtended
	case w.Available.IsZero() || w.Available.Day > now:
		return Coming
	case w.Available.Status < Announced:
		return Unconfirmed
	default:
		return InStandard
	}
}
