package prove

import (
	"context"
	"sort"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"treadmill/rules"
)

// Step is the time between samples and between evaluations.
const Step = time.Minute

// Verdict is how the rules did in a scenario.
type Verdict string

// The verdicts.
const (
	Good      Verdict = "good"
	Missed    Verdict = "missed"     // nobody was told
	Late      Verdict = "late"       // somebody was told, but not in time
	FalsePage Verdict = "false page" // somebody was woken who should not have been
	Broken    Verdict = "broken"     // a rule could not be evaluated, so nothing is proved
)

// Told is one alert that fired while a scenario was played, and how long after its beginning; negative before it.
type Told struct {
	Alert    string            `json:"alert"`
	Severity string            `json:"severity"`
	Page     bool              `json:"page"`
	After    model.Duration    `json:"after"`
	Labels   map[string]string `json:"labels"`
}

// Outcome is what came of one scenario.
type Outcome struct {
	Scenario *Scenario `json:"-"`
	Verdict  Verdict   `json:"verdict"`
	Told     []Told    `json:"told"` // the first firing of each alert that pages or makes a ticket, in the order of time
	Problems []string  `json:"problems"`
}

// Routing says which severities wake somebody and which make a ticket.
type Routing struct{ Pages, Tickets []string }

// DefaultRouting goes by the severities of kube-prometheus, and by the names of the roles themselves.
func DefaultRouting() Routing {
	return Routing{Pages: []string{"critical", "page"}, Tickets: []string{"warning", "ticket"}}
}

// Play plays a scenario to rules, from its first sample to its last.
func Play(ctx context.Context, s *Scenario, files []rules.File, routing Routing) Outcome {
	p := newPlayer(s, files, routing)
	p.play(ctx, p.first(), s.end())
	return p.outcome(s, nil)
}

// judge compares what was told with what the scenario expects. A ticket from before the beginning says nothing about it.
func (o *Outcome) judge() {
	sort.SliceStable(o.Told, func(i, j int) bool {
		a, b := o.Told[i], o.Told[j]
		return a.After < b.After || a.After == b.After && strings.Compare(a.Alert+a.Severity, b.Alert+b.Severity) < 0
	})
	s, page := o.Scenario, o.FirstPage()
	var ticket *Told
	for i, t := range o.Told {
		if !t.Page && t.After >= 0 && ticket == nil {
			ticket = &o.Told[i]
		}
	}
	wanted := page
	if s.Expect == WantTicket {
		wanted = ticket
	}
	switch {
	case len(o.Problems) > 0:
		o.Verdict = Broken
	case page != nil && (s.Expect != WantPage || page.After < 0):
		o.Verdict = FalsePage
	case s.Expect != WantQuiet && wanted == nil:
		o.Verdict = Missed
	case s.Expect != WantQuiet && wanted.After > s.Within:
		o.Verdict = Late
	default:
		o.Verdict = Good
	}
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
