package prove

import (
	"context"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"treadmill/rules"
	"treadmill/rules/eval"
	"treadmill/rules/noise"
)

// Step is the time between samples and between evaluations.
const Step = time.Minute

// Verdict is how the rules did in a scenario.
type Verdict string

// The verdicts.
const (
	Good        Verdict = "good"
	Missed      Verdict = "missed"       // nobody was told
	Late        Verdict = "late"         // somebody was told, but not in time
	FalsePage   Verdict = "false page"   // somebody was woken who should not have been
	FalseTicket Verdict = "false ticket" // somebody was told by day of what is nobody's work
	Broken      Verdict = "broken"       // a rule could not be evaluated, so nothing is proved
)

// Told is one alert that told somebody while a scenario was played, and how long after its beginning; negative before it.
type Told struct {
	Alert     string            `json:"alert"`
	Severity  string            `json:"severity"`
	Page      bool              `json:"page"`
	After     model.Duration    `json:"after"`
	SLO       string            `json:"slo,omitempty"`
	Object    string            `json:"object,omitempty"` // what it speaks of: its labels that say so
	Labels    map[string]string `json:"labels"`
	Control   bool              `json:"control"`             // it tells the same where nothing happens, so that it is no detection
	Receivers []string          `json:"receivers,omitempty"` // who is told, by the routes that were given
}

// Outcome is what came of one scenario.
type Outcome struct {
	Scenario *Scenario `json:"-"`
	Verdict  Verdict   `json:"verdict"`
	Told     []Told    `json:"told"`    // the first of each alert that pages or makes a ticket, in the order of time
	Unheard  []Told    `json:"unheard"` // alerts that fired and that routes or inhibit rules kept from everybody
	Problems []string  `json:"problems"`
}

// Routing says which severities wake somebody and which make a ticket, and, where routes are known, who is told.
type Routing struct {
	Pages, Tickets []string
	Routes         *noise.Config // nil: everybody is told of everything
}

// matters reports whether alerts of a severity tell somebody, or may keep others from it.
func (r Routing) matters(severity string) bool {
	return r.Routes != nil || slices.Contains(r.Pages, severity) || slices.Contains(r.Tickets, severity)
}

// DefaultRouting goes by the severities of kube-prometheus, and by the names of the roles themselves.
func DefaultRouting() Routing {
	return Routing{Pages: []string{"critical", "page"}, Tickets: []string{"warning", "ticket"}}
}

// Play plays a scenario to rules, from its first sample to its last, and the same without its event. It is the plain way to do what
// PlayAll does.
func Play(ctx context.Context, s *Scenario, files []rules.File, routing Routing) Outcome {
	groups := ordered(files)
	nothing := *s
	nothing.Changes = nil
	control := newPlayer(&nothing, nothing.tracks(), groups, routing)
	control.play(ctx, control.first(), begin().Add(-Step))
	control.play(ctx, begin(), s.end())
	if len(s.Changes) == 0 {
		return control.outcome(s, nil, nil)
	}
	p := newPlayer(s, s.tracks(), groups, routing)
	p.play(ctx, p.first(), begin().Add(-Step))
	p.play(ctx, begin(), s.end())
	concerned := eval.NewNetwork(groups).Concerned(changes(p.tracks, len(control.tracks)), routing.matters)
	p.heard = slices.DeleteFunc(p.heard, func(h heard) bool { return !concerned[h.rule] })
	return p.outcome(s, nil, control.heard)
}

// judge compares what was told with what the scenario expects. What would have been told without the event says nothing about it, and
// neither does a ticket from before its beginning.
func (o *Outcome) judge() {
	for _, list := range [][]Told{o.Told, o.Unheard} {
		sort.SliceStable(list, func(i, j int) bool {
			a, b := list[i], list[j]
			return a.After < b.After || a.After == b.After && strings.Compare(a.Alert+a.Severity, b.Alert+b.Severity) < 0
		})
	}
	s, page := o.Scenario, o.FirstPage()
	wanted := o.first(s.Expect == WantPage)
	switch {
	case len(o.Problems) > 0:
		o.Verdict = Broken
	case page != nil && (s.Expect != WantPage || page.After < 0 || page.Control && wanted == nil):
		o.Verdict = FalsePage
	case s.Expect == WantSilent && len(o.Told) > 0:
		o.Verdict = FalseTicket
	case s.Expect == WantQuiet || s.Expect == WantSilent:
		o.Verdict = Good
	case wanted == nil:
		o.Verdict = Missed
	case wanted.After > s.Within:
		o.Verdict = Late
	default:
		o.Verdict = Good
	}
}

// first is the first page or ticket that tells of the event, nil when none does.
func (o *Outcome) first(page bool) *Told {
	for i, t := range o.Told {
		if t.Page == page && !t.Control && t.After >= 0 {
			return &o.Told[i]
		}
	}
	return nil
}

// FirstPage is the first page of the outcome, nil when there was none.
func (o *Outcome) FirstPage() *Told {
	for i := range o.Told {
		if o.Told[i].Page {
			return &o.Told[i]
		}
	}
	return nil
}

// Tells is the alert that the verdict rests on: the first page, or else the first that tells of the event; nil when nobody was told.
func (o *Outcome) Tells() *Told {
	if p := o.FirstPage(); p != nil {
		return p
	}
	if t := o.first(false); t != nil {
		return t
	}
	if len(o.Told) > 0 && o.Scenario.Expect == WantSilent {
		return &o.Told[0]
	}
	return nil
}
