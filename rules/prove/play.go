package prove

import (
	"context"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules"
	"treadmill/rules/eval"
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

// Play plays a scenario to rules.
func Play(ctx context.Context, s *Scenario, files []rules.File, routing Routing) Outcome {
	var groups []rules.Group
	for _, f := range files {
		groups = append(groups, f.Groups...)
	}
	p := &player{scenario: s, routing: routing, store: eval.NewStore(), out: Outcome{Scenario: s, Told: []Told{}, Problems: []string{}}, seen: map[string]bool{}}
	p.eval = eval.New(p.store, ordered(groups), eval.Options{Interval: Step, Intervals: true, ExternalLabels: map[string]string{}})
	p.begin = time.Unix(0, 0).UTC().Add(30 * 24 * time.Hour) // far enough from 0 for any look back
	p.play(ctx)
	p.judge()
	return p.out
}

// ordered puts groups that record before groups that alert, so that alerts see what was recorded at the same minute.
func ordered(groups []rules.Group) []rules.Group {
	out := slices.Clone(groups)
	alerts := func(g rules.Group) bool {
		return slices.ContainsFunc(g.Rules, func(r rules.Rule) bool { return r.Alert != "" })
	}
	sort.SliceStable(out, func(i, j int) bool { return !alerts(out[i]) && alerts(out[j]) })
	return out
}

type player struct {
	scenario *Scenario
	routing  Routing
	store    *eval.Store
	eval     *eval.Evaluator
	begin    time.Time // of the event
	tracks   []*track
	seen     map[string]bool
	out      Outcome
}

// track is one series on its way.
type track struct {
	labels        labels.Labels
	usual, change Behaviour
	value         float64 // where it is
	start         float64 // where it was when the event began
}

// warmUp is how long rules are evaluated before the event.
const warmUp = 30 * time.Minute

func (p *player) play(ctx context.Context) {
	p.lay()
	s := p.scenario
	end := p.begin.Add(time.Duration(s.Lasts) + time.Duration(s.After))
	for at := p.begin.Add(-max(time.Duration(s.History), warmUp)); !at.After(end) && ctx.Err() == nil; at = at.Add(Step) {
		p.sample(at)
		if at.Before(p.begin.Add(-warmUp)) {
			continue
		}
		for _, problem := range p.eval.Eval(ctx, at) {
			text := problem.Rule.Name() + ": " + problem.Err.Error()
			if !slices.Contains(p.out.Problems, text) {
				p.out.Problems = append(p.out.Problems, text)
			}
		}
		p.listen(at)
	}
}

// lay lays out the tracks: the world, and what the scenario adds to it.
func (p *player) lay() {
	parse := rules.NewParser()
	for _, s := range p.scenario.world {
		ls, err := parse.ParseMetric(s.Series.V)
		if err != nil {
			continue // a finding of Read
		}
		t := &track{labels: ls, usual: s.Behaviour, change: s.Behaviour}
		for _, c := range p.scenario.Changes {
			if c.matchers != nil && matches(c.matchers, ls) {
				t.change = c.Behaviour
			}
		}
		p.tracks = append(p.tracks, t)
	}
	for _, c := range p.scenario.Changes {
		if !c.Series.Set() {
			continue
		}
		ls, err := parse.ParseMetric(c.Series.V)
		if err == nil {
			p.tracks = append(p.tracks, &track{labels: ls, usual: Behaviour{Gone: true}, change: c.Behaviour})
		}
	}
}

func matches(ms []*labels.Matcher, ls labels.Labels) bool {
	return !slices.ContainsFunc(ms, func(m *labels.Matcher) bool { return !m.Matches(ls.Get(m.Name)) })
}

// sample stores a sample of every series.
func (p *player) sample(at time.Time) {
	during := !at.Before(p.begin) && at.Before(p.begin.Add(time.Duration(p.scenario.Lasts)))
	share := float64(at.Sub(p.begin)) / float64(p.scenario.Lasts)
	for _, t := range p.tracks {
		how := t.usual
		if during {
			how = t.change
		} else {
			t.start = t.value
		}
		if t.step(how, at, share) {
			// The store refuses nothing here: time goes forward and every series has one track.
			_ = p.store.Append(t.labels, eval.Sample{Millis: at.UnixMilli(), Value: t.value})
		}
	}
}

// step moves a series on and reports whether it has a sample.
func (t *track) step(how Behaviour, at time.Time, share float64) bool {
	switch {
	case how.Gone:
		return false
	case how.Gauge != nil:
		t.value = *how.Gauge
	case how.To != nil:
		t.value = t.start + (*how.To-t.start)*share
	case how.Rate != nil:
		t.value += *how.Rate * Step.Seconds()
	case how.Clock != nil:
		t.value = float64(at.Unix()) + *how.Clock
	}
	return true
}

// listen notes the alerts that fire for the first time.
func (p *player) listen(at time.Time) {
	for _, a := range p.eval.Alerts() {
		severity := a.Labels.Get("severity")
		page := slices.Contains(p.routing.Pages, severity)
		key := a.Rule.Alert + "\x00" + severity
		if a.State != eval.Firing || p.seen[key] || !page && !slices.Contains(p.routing.Tickets, severity) {
			continue
		}
		p.seen[key] = true
		p.out.Told = append(p.out.Told, Told{Alert: a.Rule.Alert, Severity: severity, Page: page,
			After: model.Duration(at.Sub(p.begin)), Labels: a.Labels.Map()})
	}
}

// judge compares what was told with what the scenario expects. A ticket from before the beginning says nothing about it.
func (p *player) judge() {
	sort.SliceStable(p.out.Told, func(i, j int) bool {
		a, b := p.out.Told[i], p.out.Told[j]
		return a.After < b.After || a.After == b.After && strings.Compare(a.Alert+a.Severity, b.Alert+b.Severity) < 0
	})
	s, page := p.scenario, p.out.FirstPage()
	var ticket *Told
	for i, t := range p.out.Told {
		if !t.Page && t.After >= 0 && ticket == nil {
			ticket = &p.out.Told[i]
		}
	}
	wanted := page
	if s.Expect == WantTicket {
		wanted = ticket
	}
	switch {
	case len(p.out.Problems) > 0:
		p.out.Verdict = Broken
	case page != nil && (s.Expect != WantPage || page.After < 0):
		p.out.Verdict = FalsePage
	case s.Expect != WantQuiet && wanted == nil:
		p.out.Verdict = Missed
	case s.Expect != WantQuiet && wanted.After > s.Within:
		p.out.Verdict = Late
	default:
		p.out.Verdict = Good
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
