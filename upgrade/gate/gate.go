// Package gate says whether a hop of a cluster may start now.
//
// The way through it: Input (the fleet, the support dates, a plan, past campaigns, what is known of error budgets) → Judge →
// Verdict: a check for each rule, one state of all, and when they are all open next. It is pure, and knows neither SLOs nor
// servers: what budgets say is passed to it.
package gate

import (
	"cmp"
	"slices"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/history"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

// State is what a gate says.
type State string

// The states. Unknown is neither open nor closed: what it takes to say so is missing.
const (
	Open    State = "open"
	Closed  State = "closed"
	Unknown State = "unknown"
)

// Input is what a verdict is made from.
type Input struct {
	Fleet   fleet.Fleet // checked against Table
	Table   windows.Table
	Cluster fleet.Cluster
	To      upgrade.Minor // the zero value means Next
	Plan    *plan.Plan    // nil where the hop need not be planned
	Records history.File
	Budgets []Budget // of the SLOs that guard the cluster
	Soaked  []Soaked // what the budgets of clusters that come first say of their soak
	Now     time.Time
}

// Budget is what an error budget says.
type Budget struct {
	SLO    string
	State  State
	Reason string
	Opens  time.Time // when there is enough of it, zero where nobody knows
	Shut   []Shut    // later times at which there is not: an exemption ends before there is enough
}

// Shut is a time at which a budget lets nothing start; one without an end ends nowhere that is seen.
type Shut struct{ From, To time.Time }

// Soaked is what an error budget that guards a cluster of the environment before says of the time since its hop: a soak is for looking.
type Soaked struct {
	Cluster string
	SLO     string
	Known   bool
	Since   time.Time // since when it has lost no more than a hop may
	Lost    string    // since the hop, in words: "34.7% of the budget of checkout"
}

// Check is one rule.
type Check struct {
	Name   string    `json:"name"`
	State  State     `json:"state"`
	Reason string    `json:"reason"`
	Opens  time.Time `json:"opens,omitzero"` // when the rule by itself lets the hop start, where it is closed and that is known
}

// Verdict is what all rules say together.
type Verdict struct {
	State  State         `json:"state"`
	From   upgrade.Minor `json:"from"`
	To     upgrade.Minor `json:"to"`
	Opens  time.Time     `json:"opens,omitzero"` // when all rules let the hop start, by what is known now; zero where that cannot be said
	Checks []Check       `json:"checks"`         // in a fixed order
}

// Next is the version that the cluster is to have after its next hop: that of the plan's next step, else one minor more. A step that
// only brings nodes up leads to the version that the control plane has.
func (in Input) Next() upgrade.Minor {
	if in.Plan != nil {
		for _, s := range in.steps() {
			if s.End.After(in.Now) && s.To.Compare(in.Cluster.Version.V) >= 0 {
				return s.To
			}
		}
	}
	return in.Cluster.Version.V.Add(1)
}

// steps are the plan's steps of the cluster, in order.
func (in Input) steps() []plan.Step {
	var out []plan.Step
	for _, c := range in.Plan.Campaigns {
		if c.Cluster == in.Cluster.Name.V {
			out = append(out, c.Steps...)
		}
	}
	return out
}

// Judge applies every rule. One that is not known makes the whole not known, and else one that is closed closes it.
func Judge(in Input) Verdict {
	if in.To.IsZero() {
		in.To = in.Next()
	}
	v := Verdict{State: Open, From: in.Cluster.Version.V, To: in.To}
	if in.Plan != nil {
		v.Checks = append(v.Checks, in.planned())
	}
	if c, asked := in.approved(); asked {
		v.Checks = append(v.Checks, c)
	}
	v.Checks = append(v.Checks, in.version(), in.skew(), in.spacing(), in.soak(), in.freeze(), in.window())
	v.Checks = append(v.Checks, in.budgets()...)
	for i, c := range v.Checks {
		if c.State == Unknown || c.State == Closed && v.State == Open {
			v.State = c.State
		}
		v.Checks[i].Opens = in.local(c.Opens)
	}
	if v.Opens = in.local(in.Now); v.State != Open {
		v.Opens = in.local(in.opens(v.Checks))
	}
	return v
}

// local is a time in the time zone of the policy.
func (in Input) local(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.In(in.Fleet.Policy.Zone())
}

// reach is how far ahead an opening is looked for.
const reach = 400 * 24 * time.Hour

// opens is the first time at which every rule lets the hop start. Rules of the calendar are asked again for each opening.
func (in Input) opens(checks []Check) time.Time {
	from := in.Now
	for _, c := range checks {
		switch {
		case c.Name == checkPlan || c.Name == checkFreeze || c.Name == checkWindow || c.State == Open:
		case c.Opens.IsZero():
			return time.Time{}
		case c.Opens.After(from):
			from = c.Opens
		}
	}
	for _, o := range in.openings(from) {
		if at := in.within(o, from); !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}

// budgeted is the first time from one on at which no budget shuts the cluster; zero where one does for good.
func (in Input) budgeted(at time.Time) time.Time {
	for again := true; again; {
		again = false
		for _, b := range in.Budgets {
			for _, s := range b.Shut {
				switch {
				case s.From.After(at) || !s.To.IsZero() && !s.To.After(at):
				case s.To.IsZero():
					return time.Time{}
				default:
					at, again = s.To, true
				}
			}
		}
	}
	return at
}

// within is the first time in an opening, from one on, that no freeze covers, no budget shuts and at which the plan has the hop; zero where
// there is none, or where what freezes leave is less than plans want. (A hop that is asked for in that time may begin.)
func (in Input) within(o calendar.Span, from time.Time) time.Time {
	at := later(o.From, from)
	for at.Before(o.To) {
		if at = in.budgeted(at); at.IsZero() || !at.Before(o.To) {
			break
		}
		rest := calendar.Span{From: at, To: o.To}
		if _, hit, frozen := in.frozen(rest); frozen {
			rest.To = later(at, hit.From)
		}
		short := rest != o && rest.To.Sub(at) < fleet.ShortestRest
		switch {
		case short && (in.Plan == nil || rest.To.Before(o.To)):
			if at = rest.To; at.Before(o.To) {
				at = in.thawed(at)
			}
		case in.Plan == nil || in.inPlan(at):
			return at
		default:
			at = in.stepAfter(at, o.To)
		}
	}
	return time.Time{}
}

// stepAfter is when the plan has the hop next, or a time until which it is looked for.
func (in Input) stepAfter(at, until time.Time) time.Time {
	for _, s := range in.steps() {
		if s.To == in.To && s.Start.After(at) && s.Start.Before(until) {
			return s.Start
		}
	}
	return until
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// openings are the openings of the cluster's windows that end after a time, in order.
func (in Input) openings(from time.Time) []calendar.Span {
	span := calendar.Span{From: from.Add(-48 * time.Hour), To: from.Add(reach)}
	var all []calendar.Span
	if !in.Fleet.Policy.Windowed() {
		all = fleet.DefaultWindow().Openings(span)
	}
	for _, i := range in.Fleet.Policy.WindowsFor(in.Cluster) {
		all = append(all, in.Fleet.Policy.Windows[i].Calendar().Openings(span)...)
	}
	var out []calendar.Span
	for _, o := range sorted(all) {
		if o.To.After(from) {
			out = append(out, o)
		}
	}
	return out
}

func sorted(spans []calendar.Span) []calendar.Span {
	slices.SortFunc(spans, func(a, b calendar.Span) int { return cmp.Or(a.From.Compare(b.From), a.To.Compare(b.To)) })
	return spans
}
