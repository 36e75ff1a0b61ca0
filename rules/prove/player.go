package prove

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"

	"treadmill/rules"
	"treadmill/rules/eval"
	"treadmill/rules/noise"
)

// begin gives when every event begins: far enough from 0 for any look back.
func begin() time.Time { return time.Unix(30*24*3600, 0).UTC() }

// warmUp is how long rules are evaluated before the event.
const warmUp = 30 * time.Minute

func (s *Scenario) end() time.Time {
	return begin().Add(time.Duration(s.Lasts) + time.Duration(s.After))
}

// player plays a scenario to rules and notes what they say.
type player struct {
	scenario *Scenario
	routing  Routing
	rules    map[*rules.Rule]int // the order of all rules
	eval     *eval.Evaluator
	store    *eval.Store
	tracks   []track
	heard    []heard
	known    map[any]bool // what was heard before
}

// heard is the first time that an alert fires, or that a rule fails in one way.
type heard struct {
	at      time.Time
	rule    int
	labels  uint64 // their hash
	told    Told
	unheard bool   // it told nobody
	problem string // set: the rule failed
}

// track is one series on its way.
type track struct {
	labels        labels.Labels
	usual, change Behaviour
	value         float64 // where it is
	start         float64 // where it was when the event began
}

func newPlayer(s *Scenario, tracks []track, groups []rules.Group, routing Routing) *player {
	p := &player{scenario: s, routing: routing, store: eval.NewStore(), rules: map[*rules.Rule]int{}, known: map[any]bool{}, tracks: tracks}
	p.eval = eval.New(p.store, groups, eval.Options{Interval: Step, Intervals: true, NoAnnotations: true, ExternalLabels: map[string]string{}})
	for i := range groups {
		for j := range groups[i].Rules {
			p.rules[&groups[i].Rules[j]] = len(p.rules)
		}
	}
	return p
}

// ordered puts groups that record before groups that alert, so that alerts see what was recorded at the same minute.
func ordered(files []rules.File) []rules.Group {
	var out []rules.Group
	for _, f := range files {
		out = append(out, f.Groups...)
	}
	alerts := func(g rules.Group) bool {
		return slices.ContainsFunc(g.Rules, func(r rules.Rule) bool { return r.Alert != "" })
	}
	sort.SliceStable(out, func(i, j int) bool { return !alerts(out[i]) && alerts(out[j]) })
	return out
}

// tracks lays out the world, and what the scenario adds to it.
func (s *Scenario) tracks() []track { return s.changed(s.healthy()) }

// healthy lays out the world as it usually is.
func (s *Scenario) healthy() []track {
	parse := rules.NewParser()
	out := make([]track, 0, len(s.world))
	for _, one := range s.world {
		ls, err := parse.ParseMetric(one.Series.V)
		if err != nil {
			continue // a finding of Read
		}
		out = append(out, track{labels: ls, usual: one.Behaviour, change: one.Behaviour})
	}
	return out
}

// changed gives tracks the behaviour that they have while the event lasts, and adds the series that are new.
func (s *Scenario) changed(tracks []track) []track {
	for _, c := range s.Changes {
		for i := range tracks {
			if c.matchers != nil && eval.Matches(tracks[i].labels, c.matchers) {
				tracks[i].change = c.Behaviour
			}
		}
	}
	parse := rules.NewParser()
	for _, c := range s.Changes {
		if !c.Series.Set() {
			continue
		}
		if ls, err := parse.ParseMetric(c.Series.V); err == nil {
			tracks = append(tracks, track{labels: ls, usual: Behaviour{Gone: true}, change: c.Behaviour})
		}
	}
	return tracks
}

// first is the time of the first sample.
func (p *player) first() time.Time {
	return begin().Add(-max(time.Duration(p.scenario.History), warmUp))
}

// play takes the samples from one time to another and evaluates the rules. What happens before the event and what happens from then on are
// played one after the other, as the event may write series that rules wrote before it.
func (p *player) play(ctx context.Context, from, to time.Time) {
	for ; from.Before(begin().Add(-warmUp)); from = from.Add(Step) {
		p.sample(from)
	}
	if ctx.Err() != nil {
		return
	}
	for _, m := range p.eval.Run(ctx, from, to, p.sample) {
		for _, problem := range m.Problems {
			p.fail(problem.Rule, m.At, problem.Rule.Name()+": "+problem.Err.Error())
		}
		p.listen(m.At, m.Firing)
	}
}

// sample stores a sample of every series.
func (p *player) sample(at time.Time) {
	during := !at.Before(begin()) && at.Before(begin().Add(time.Duration(p.scenario.Lasts)))
	share := float64(at.Sub(begin())) / float64(p.scenario.Lasts)
	for i := range p.tracks {
		t := &p.tracks[i]
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

// listen notes the alerts that tell somebody for the first time, and those that fire and tell nobody.
func (p *player) listen(at time.Time, firing []eval.Alert) {
	for _, a := range firing {
		severity := a.Labels.Get("severity")
		page := slices.Contains(p.routing.Pages, severity)
		key := spoken{p.rules[a.Rule], a.Labels.Hash(), true}
		if p.known[key] || !page && !slices.Contains(p.routing.Tickets, severity) {
			continue
		}
		told := Told{
			Alert:    a.Rule.Alert,
			Severity: severity,
			Page:     page,
			After:    model.Duration(at.Sub(begin())),
			Labels:   a.Labels.Map(),
			SLO:      a.Labels.Get("slo"),
		}
		told.Object = object(told.Labels)
		told.Receivers, key.heard = p.routing.receivers(a, firing)
		if !p.known[key] {
			p.known[key] = true
			p.heard = append(p.heard, heard{at: at, rule: key.rule, told: told, labels: key.labels, unheard: !key.heard})
		}
	}
}

// spoken is an alert that told somebody, or that would have.
type spoken struct {
	rule   int
	labels uint64
	heard  bool
}

// receivers are who is told of an alert while others fire; with routes and without a receiver nobody is.
func (r Routing) receivers(a eval.Alert, firing []eval.Alert) (names []string, told bool) {
	if r.Routes == nil {
		return nil, true
	}
	target := noise.Subject{Labels: a.Labels.Map()}
	for i := range r.Routes.Inhibitions() {
		for _, other := range firing {
			if r.Routes.Mutes(i, noise.Subject{Labels: other.Labels.Map()}, target) {
				return nil, false
			}
		}
	}
	names = slices.DeleteFunc(r.Routes.Might(target), r.Routes.Silent)
	return names, len(names) > 0
}

// about are the labels that say what an alert speaks of, in the order in which they are shown.
var about = []string{
	"cluster", "namespace", "node", "deployment", "statefulset", "daemonset", "cronjob", "job_name", "pod",
	"persistentvolumeclaim", "horizontalpodautoscaler", "instance", "device", "mountpoint", "name", "integration", "driver_name",
	"volume_plugin", "remote_name", "job", "kind",
}

// object is what an alert speaks of, by its labels; an instance says nothing where a pod or an object in a namespace does.
func object(labels map[string]string) string {
	var parts []string
	for _, name := range about {
		if v := labels[name]; v != "" && !(len(parts) > 0 && (name == "job" || name == "instance" && labels["pod"] != "")) {
			parts = append(parts, name+"="+v)
		}
	}
	return strings.Join(parts, ", ")
}

func (p *player) fail(r *rules.Rule, at time.Time, problem string) {
	key := struct {
		rule int
		what string
	}{p.rules[r], problem}
	if !p.known[key] {
		p.known[key] = true
		p.heard = append(p.heard, heard{at: at, rule: key.rule, problem: problem})
	}
}

// outcome makes an outcome of what was heard, here and before the event, and of what is heard when nothing happens.
func (p *player) outcome(s *Scenario, before, control []heard) Outcome {
	all := slices.Concat(before, p.heard)
	slices.SortStableFunc(all, func(a, b heard) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.rule, b.rule)) })
	anyway := map[spoken]bool{}
	for _, h := range control {
		if h.problem == "" && !h.at.After(s.end()) {
			anyway[h.key()] = true
		}
	}
	out := Outcome{Scenario: s, Told: []Told{}, Unheard: []Told{}, Problems: []string{}}
	seen := map[toldKey]bool{}
	for _, h := range all {
		h.told.Control = anyway[h.key()]
		key := toldKey{h.told.Alert, h.told.Severity, h.told.SLO, h.told.Control, h.unheard}
		switch {
		case h.problem != "" && !slices.Contains(out.Problems, h.problem):
			out.Problems = append(out.Problems, h.problem)
		case h.problem != "" || seen[key]:
		case h.unheard:
			out.Unheard, seen[key] = append(out.Unheard, h.told), true
		default:
			out.Told, seen[key] = append(out.Told, h.told), true
		}
	}
	out.judge()
	return out
}

// toldKey is what is shown once: an alert at a severity, apart by whether the event has to do with it.
type toldKey struct {
	alert, severity, slo string
	control, unheard     bool
}

func (h heard) key() spoken { return spoken{h.rule, h.labels, !h.unheard} }
