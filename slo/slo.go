// Package slo holds the words of service level objectives and their arithmetic, exactly.
//
// The way through it: a dialect (slo/openslo, slo/sloth, …) makes an SLO; Plan turns its objective, its period and a
// policy of window pairs into Burns, whose thresholds can be reached; rules/compile makes rules of those. The package
// knows no PromQL: queries are texts with places.
package slo

import (
	"fmt"
	"strings"

	"treadmill/internal/diag"
)

// SLO is one objective over one indicator: the promise that of all events in a period at least a share is good.
type SLO struct {
	ID          string // names the SLO in rules; unique in a run; that of a namespaced object begins with "NAMESPACE/"
	Name        string // as written, unique within the service
	Service     string
	DisplayName string
	Description string
	Labels      map[string]string // go on every alert and on the info series
	Objective   Objective
	Written     Written // where the objective is
	Period      Period
	Indicator   Indicator   // of a composite, only the window of its slices
	Components  []Component // of a composite; Objective is then that of the whole
	Alerting    Alerting
	Policy      Policy // nil means the default one
	Object      Object // of a spec that is a Kubernetes object
	Dialect     string // that it is written in, as slo/spec names it
	Pos         diag.Position
}

// Object is what the rules of an SLO take over from the Kubernetes object that it is written in, as they do with the operators of
// Sloth and Pyrra: where it is, and the labels by which a Prometheus selects its rules.
type Object struct {
	Namespace string
	Labels    map[string]string
}

// In is the identifier of an SLO of the object, by its name in the object's namespace.
func (o Object) In(name string) string {
	if o.Namespace == "" {
		return name
	}
	return o.Namespace + "/" + name
}

// Local is the identifier within the namespace of the SLO's object.
func (s SLO) Local() string { return strings.TrimPrefix(s.ID, s.Object.In("")) }

// File is the identifier as the name of a file. Namespaces have no "_" in their names.
func (s SLO) File() string { return strings.ReplaceAll(s.ID, "/", "_") }

// Written is the place of an objective in its file, and whether it stands there in percent. Objectives that were reckoned, as that of a
// composite, have none.
type Written struct {
	Pos     diag.Position
	Percent bool
}

// Objective is the share of events that must be good, as a fraction above 0 and below 1.
type Objective struct{ Number }

// ParsePercent reads an objective in percent, such as 99.9.
func ParsePercent(text string) (Objective, error) {
	n, err := ParseNumber(text)
	if err != nil {
		return Objective{}, err
	}
	return NewObjective(n.Div(NewNumber(100, 1)))
}

// NewObjective checks that the fraction leaves a budget and promises something.
func NewObjective(share Number) (Objective, error) {
	switch {
	case share.Cmp(NewNumber(0, 1)) <= 0:
		return Objective{}, fmt.Errorf("an objective of %s promises nothing; write a share above 0%%, such as 99.9%%", share.Percent())
	case share.Cmp(NewNumber(1, 1)) >= 0:
		return Objective{}, fmt.Errorf(
			"an objective of %s leaves no error budget to burn; write a share below 100%%, such as 99.9%%",
			share.Percent(),
		)
	}
	return Objective{share}, nil
}

// Budget is the share of events that may be bad: 1 − objective.
func (o Objective) Budget() Number { return NewNumber(1, 1).Sub(o.Number) }

// Period is the time over which the objective holds. A calendar period has a nominal length.
type Period struct {
	Length   Window
	Calendar *Calendar // nil for a rolling period
}

// Calendar says where calendar periods start and in which time zone they turn.
type Calendar struct {
	Start string // 2006-01-02 15:04:05, local to the zone
	Zone  string // IANA
	Unit  string // as written: 1M, 1Q, 1w
}

// Indicator says what is counted. Total and one of Bad and Good are set, or Ratio alone.
type Indicator struct {
	Total, Bad, Good Query
	Ratio            Query // the share of bad events, or of good ones with RatioOfGood
	RatioOfGood      bool
	Gauge            bool     // the selectors' samples are counts by themselves, not counters
	By               []string // labels to group by, where queries are selectors
	Slice            Slice
}

// Events is the indicator without slices of time: what is counted within each.
func (in Indicator) Events() Indicator {
	in.Slice = Slice{}
	return in
}

// Slice counts slices of time instead of events: a slice is bad when less than Target of its events are good.
type Slice struct {
	Window Window // 0: events are counted
	Target Number // 0: each slice counts with its share of bad events
}

// Query is a PromQL text and where it was written. The text may hold {{.window}} instead of a range.
type Query struct {
	Text string
	Pos  diag.Position
}

// IsZero reports whether there is no query.
func (q Query) IsZero() bool { return q.Text == "" }

// Alerting is how alerts are named and what they carry.
type Alerting struct {
	Name                string // "" means ErrorBudgetBurn
	Labels, Annotations map[string]string
	Page, Ticket        Route
	// Ratio says that $value in the annotations is the share of bad events, as in the dialect that they are written in, and not the burn.
	Ratio bool
	// Places are where texts with templates stand, by the texts.
	Places map[string]diag.Position
	NoData Choice // an alert when there is nothing to count; unless it is said, one stands beside the burn alerts
}

// Choice is what a spec says about something that may be on or off.
type Choice uint8

// The choices.
const (
	Unsaid Choice = iota
	On
	Off
)

// Route is what belongs to the alerts of one severity alone.
type Route struct {
	Name                string // of the alert; "" means that of Alerting
	Disabled            bool
	Labels, Annotations map[string]string
}

// Route is the route of a severity.
func (a Alerting) Route(s Severity) Route {
	if s == Page {
		return a.Page
	}
	return a.Ticket
}

// WatchesData reports whether there is an alert for when there is nothing to count. Where the spec does not say it, there is unless both
// burn alerts are switched off.
func (a Alerting) WatchesData() bool {
	return a.NoData == On || a.NoData == Unsaid && !(a.Page.Disabled && a.Ticket.Disabled)
}
