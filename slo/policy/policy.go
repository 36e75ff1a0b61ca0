// Package policy is an error-budget policy: what people have agreed to do, and not to do, as their budgets run low.
//
// The way through it: a file → Read → Policy → For one group of an SLO → Terms → how much must be left for an action, what to do at what is
// left, and the exemptions and corrections that concern it. It measures nothing: all that judge by a budget ask it, so that they say the
// same.
package policy

import (
	"fmt"
	"slices"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/glob"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// Action is what a policy can forbid.
type Action string

// The actions.
const (
	Upgrades Action = "upgrades" // hops of clusters
	Releases Action = "releases" // all else that takes a risk on purpose
)

// UnmarshalText reads one of the words.
func (a *Action) UnmarshalText(text []byte) error {
	if *a = Action(text); *a != Upgrades && *a != Releases {
		return fmt.Errorf("unknown action %.40q; %s", text,
			yamlx.DidYouMean(string(text), []string{string(Upgrades), string(Releases)}, "want upgrades or releases"))
	}
	return nil
}

// Policy is an error-budget policy. The zero value has no terms.
type Policy struct {
	Name        string
	File        string // where it was read, "" for none
	Broken      bool   // it has problems, so that what it asks for is not known as a whole
	Exemptions  []Exemption
	Corrections []Correction
	signed      approval
	terms       Terms
	scopes      []scoped
	pos         diag.Position
}

// Terms are what a policy asks of one group of an SLO.
type Terms struct {
	Bands     []Band     // from the lowest up
	Incidents []Incident // from the highest down
	Upgrades  Limits
	Releases  Limits
	Period    slo.Window // that the budget is looked at over, as a rolling one; 0: the SLO's own
}

// Band is what holds while less than a share of the budget is left.
type Band struct {
	Below  slo.Number
	Do     string
	Note   string
	Forbid []Action
	Pos    diag.Position
}

// Incident is what is to be done after an incident that spent a share of the budget or more.
type Incident struct {
	Spends slo.Number
	Do     string
}

// Limits are what an action needs.
type Limits struct {
	Keep    *float64 // share of the budget that must be left after it; nil where the policy does not say
	Reserve *float64 // share that it is taken to spend; nil where the policy does not say
	MaxBurn float64  // how many times faster than allowed the budget may burn when it starts
}

// Subject is a group of an SLO, and the cluster that it is asked for; "" for none.
type Subject struct {
	SLO, Local string // the names of the SLO: with its service, and without
	Labels     map[string]string
	Cluster    string
}

// Scope says what a part of a policy is about. What it leaves out it does not restrict.
type Scope struct {
	SLOs     []string // patterns of names
	Match    map[string]string
	Clusters []string // patterns of names; of no cluster where none is asked for
}

func (s Scope) has(x Subject) bool {
	named := func(patterns []string, names ...string) bool {
		return len(patterns) == 0 || slices.ContainsFunc(patterns, func(p string) bool {
			return slices.ContainsFunc(names, func(n string) bool { return n != "" && glob.Name(p, n) })
		})
	}
	for label, value := range s.Match {
		if x.Labels[label] != value {
			return false
		}
	}
	return named(s.SLOs, x.SLO, x.Local) && named(s.Clusters, x.Cluster)
}

// scoped are the terms of a part of what the policy is about.
type scoped struct {
	scope Scope
	terms Terms
}

// Exemption lets something happen although the budget is too low for it. It holds neither while the budget burns too fast nor where
// nothing is known of it.
type Exemption struct {
	Scope
	Name, Reason, By string
	Allow            []Action // all where it is empty
	From, Until      time.Time
	Pos              diag.Position
}

// Correction is a time whose events are taken out of budgets, such as that of an announced maintenance.
type Correction struct {
	Scope
	Name, Reason string
	From, To     time.Time
	Pos          diag.Position
}

// For are the terms for a group of an SLO: those of the first scope that it is in, else those of the policy as a whole.
func (p Policy) For(x Subject) Terms {
	for _, s := range p.scopes {
		if s.scope.has(x) {
			return s.terms
		}
	}
	return p.terms
}

// Of are the limits of an action.
func (t Terms) Of(a Action) Limits {
	l := t.Releases
	if a == Upgrades {
		l = t.Upgrades
	}
	if l.MaxBurn == 0 { // there is no policy
		l.MaxBurn = 1
	}
	return l
}

// Wanted is the share of the budget that must be left when an action begins that spends a reserve and after which a share must be kept.
// Both are what to take where the policy does not say. It is at least what the highest of the bands that forbid the action asks for.
func (t Terms) Wanted(a Action, keep, reserve float64) float64 {
	l := t.Of(a)
	if l.Keep != nil {
		keep = *l.Keep
	}
	wanted := keep + reserve
	if b, ok := t.forbids(a); ok {
		wanted = max(wanted, b.Below.Float())
	}
	return wanted
}

// forbids is the highest band that forbids an action. What a band forbids, those below it forbid too.
func (t Terms) forbids(a Action) (Band, bool) {
	for _, b := range slices.Backward(t.Bands) {
		if slices.Contains(b.Forbid, a) {
			return b, true
		}
	}
	return Band{}, false
}

// Band is the lowest band whose bound is above what is left: what is to be done. ok is false where more is left than any band asks for.
func (t Terms) Band(left float64) (b Band, ok bool) {
	for _, b := range t.Bands {
		if left < b.Below.Float() {
			return b, true
		}
	}
	return Band{}, false
}

// Forbidden reports the band that forbids an action when a share of the budget is left.
func (t Terms) Forbidden(a Action, left float64) (Band, bool) {
	b, ok := t.forbids(a)
	return b, ok && left < b.Below.Float()
}

// After is what is to be done after an incident that spent a share of the budget, "" where the policy asks for no more.
func (t Terms) After(spent float64) string {
	for _, i := range t.Incidents {
		if spent >= i.Spends.Float() {
			return i.Do
		}
	}
	return ""
}

// Exempt are the exemptions of an action for a group of an SLO, in the order of the file. Those that ended before a time are left out.
func (p Policy) Exempt(x Subject, a Action, now time.Time) []Exemption {
	var out []Exemption
	for _, e := range p.Exemptions {
		if e.has(x) && (len(e.Allow) == 0 || slices.Contains(e.Allow, a)) && e.Until.After(now) {
			out = append(out, e)
		}
	}
	return out
}

// Corrected are the corrections of a group of an SLO.
func (p Policy) Corrected(x Subject) []Correction {
	var out []Correction
	for _, c := range p.Corrections {
		if c.has(x) {
			out = append(out, c)
		}
	}
	return out
}
