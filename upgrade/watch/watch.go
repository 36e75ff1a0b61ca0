// Package watch says how a hop goes: go on, hold, or roll back.
//
// The way through it: Input (when the hop began and ended, what the signals of its cluster say, and the alerts that fire) → Judge →
// Verdict. It is pure, and knows neither SLOs nor servers: what they say is passed to it.
package watch

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// State is what a watch says.
type State string

// The states, from the best to the worst. What is not known is never a reason to go on.
const (
	GoOn     State = "go on"
	Hold     State = "hold"
	Unknown  State = "unknown"
	RollBack State = "roll back"
)

// States are the words of a watch.
func States() []string {
	return []string{string(GoOn), string(Hold), string(Unknown), string(RollBack)}
}

// Input is what a verdict is made from.
type Input struct {
	Start   time.Time
	End     time.Time // of the hop; zero while it goes on
	Settle  time.Duration
	Now     time.Time
	Signals []Signal
	Alerts  []Alert
}

// Signal is what one SLO, or one of the platform's own signals, says of the cluster.
type Signal struct {
	Name    string    `json:"name"`
	State   State     `json:"state"`
	Bearing string    `json:"bearing"` // steady, worse, page, before, elsewhere, passed, gone, idle or unknown
	Reason  string    `json:"reason"`
	Usual   float64   `json:"burnBefore"`
	Burn    float64   `json:"burn"`        // since the hop began, over an hour at most
	Spent   float64   `json:"budgetSpent"` // beyond ordinary days, since the hop began
	Limit   float64   `json:"reserve"`     // what a hop may spend; 0 where nothing says so
	Since   time.Time `json:"lastBad,omitzero"`
	Caused  bool      `json:"caused"` // by what is seen, the hop did it
}

// Alert is one that fires on the cluster.
type Alert struct {
	Name     string `json:"name"`
	Severity string `json:"severity"`
	Pages    bool   `json:"pages"`
	Before   bool   `json:"before"` // it fired when the hop began
	Peers    int    `json:"peers"`  // clusters of which nothing is changed and on which it fires too
}

// Verdict is what everything says together.
type Verdict struct {
	State   State     `json:"verdict"`
	Reasons []string  `json:"reasons"` // of the state
	Settled time.Time `json:"settled,omitzero"`
	Signals []Signal  `json:"signals"`
	Alerts  []Alert   `json:"alerts"`
}

// Judge takes the worst of what the signals and alerts say, and holds until the hop has settled.
func Judge(in Input) Verdict {
	v := Verdict{State: GoOn, Signals: slices.Clone(in.Signals), Alerts: slices.Clone(in.Alerts)}
	showing := 0
	for i, s := range v.Signals {
		v.Signals[i].State = stateOf(s)
		v.Signals[i].Caused = slices.Contains([]string{"worse", "page", "passed", "gone"}, s.Bearing)
		if s.Bearing != "idle" && v.Signals[i].State != Unknown {
			showing++
		}
	}
	for _, s := range v.Signals {
		v.add(s.State, s.Name+": "+s.Reason+spent(s))
	}
	for _, a := range v.Alerts {
		v.add(a.state(), a.reason())
	}
	if showing == 0 {
		v.add(Unknown, "nothing that is looked at has events, so that nothing shows how the hop goes")
	}
	if !in.End.IsZero() {
		v.Settled = in.End.Add(in.Settle)
		if in.Now.Before(v.Settled) {
			v.add(Hold, fmt.Sprintf("damage may come late: the cluster settles until %s", v.Settled.Format("2006-01-02 15:04 MST")))
		}
	}
	return v
}

// stateOf is what a signal by itself says.
func stateOf(s Signal) State {
	switch s.Bearing {
	case "steady", "idle":
		return GoOn
	case "page":
		return RollBack
	case "worse":
		if s.Limit > 0 && s.Spent > s.Limit {
			return RollBack
		}
		return Hold
	case "unknown":
		return Unknown
	}
	return Hold
}

// spent says what it has cost, where it has cost more than a hop may.
func spent(s Signal) string {
	if s.Limit > 0 && s.Spent > s.Limit {
		return fmt.Sprintf("; the hop has spent %.1f%% of its budget, and %.1f%% is reserved for it", 100*s.Spent, 100*s.Limit)
	}
	return ""
}

func (a Alert) state() State {
	switch {
	case (a.Before || a.Peers > 0) && !a.Pages:
		return GoOn // it is not of the hop, and wakes nobody
	case a.Before || a.Peers > 0 || !a.Pages:
		return Hold
	}
	return RollBack
}

func (a Alert) reason() string {
	switch {
	case a.Before:
		return "alert " + a.Name + " fires, and did so before the hop"
	case a.Peers > 0:
		return fmt.Sprintf("alert %s fires here and on %d of the clusters for which nothing was changed", a.Name, a.Peers)
	}
	return "alert " + a.Name + " fires since the hop, and on no other cluster"
}

// add makes the state worse for a reason, or adds a reason to it.
func (v *Verdict) add(s State, reason string) {
	order := States()
	switch place, now := slices.Index(order, string(s)), slices.Index(order, string(v.State)); {
	case s == GoOn || place < now:
	case place == now:
		v.Reasons = append(v.Reasons, reason)
	default:
		v.State, v.Reasons = s, []string{reason}
	}
}

// Reason is all reasons in one sentence.
func (v Verdict) Reason() string {
	if len(v.Reasons) == 0 {
		return "nothing is worse than before the hop"
	}
	return strings.Join(v.Reasons, "; ")
}
