package migrate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"treadmill/rules/backtest"
	"treadmill/slo"
)

// Tolerance is how far apart two episodes may begin or end and still be the same one: an evaluation of each set of rules, which come at
// their own moments.
const Tolerance = 90 * time.Second

// Count is how often the alerts of one severity of an SLO fired.
type Count struct {
	SLO      string `json:"slo"`
	Severity string `json:"severity"` // page or ticket
	Old      int    `json:"old"`
	New      int    `json:"new"`
	Same     int    `json:"same"` // stretches of time in which both fired, from the same moment to the same moment
	Differ   int    `json:"differ"`
}

// Difference is a stretch of time in which the alerts of one severity did not do the same. One of both lists may be empty.
type Difference struct {
	SLO      string             `json:"slo"`
	Severity string             `json:"severity"` // page or ticket
	Labels   map[string]string  `json:"labels"`   // of the group
	Old      []backtest.Episode `json:"old"`
	New      []backtest.Episode `json:"new"`
}

// Words say what differs.
func (d Difference) Words() string {
	switch {
	case len(d.New) == 0:
		return "old rules only"
	case len(d.Old) == 0:
		return "new rules only"
	case len(d.Old) != len(d.New):
		return times(len(d.New)) + " instead of " + times(len(d.Old))
	}
	var out []string
	say := func(what string, by time.Duration) {
		switch {
		case by > Tolerance:
			out = append(out, what+" "+slo.Window(by).String()+" later")
		case by < -Tolerance:
			out = append(out, what+" "+slo.Window(-by).String()+" earlier")
		}
	}
	say("begins", first(d.New).Sub(first(d.Old)))
	say("ends", last(d.New).Sub(last(d.Old)))
	if len(out) == 0 {
		return "pauses at other times"
	}
	return strings.Join(out, ", ")
}

func first(all []backtest.Episode) time.Time { return all[0].Start }

func last(all []backtest.Episode) time.Time { return all[len(all)-1].End }

// Compare holds the alerts of an SLO of both sets of rules against each other, group by group and severity by severity, by the labels
// that the SLO is grouped by. Alerts of one severity count as one, which fires while any of them does. What fired already at since counts
// from then.
func Compare(id string, by []string, since time.Time, old, now []backtest.Alert) ([]Count, []Difference) {
	var counts []Count
	var out []Difference
	for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
		was, is := grouped(old, by, since, severity), grouped(now, by, since, severity)
		c := Count{SLO: id, Severity: string(severity)}
		keys := slices.Concat(slices.Collect(maps.Keys(was)), slices.Collect(maps.Keys(is)))
		slices.Sort(keys)
		for _, key := range slices.Compact(keys) {
			a, b := was[key], is[key]
			c.Old, c.New = c.Old+len(a.episodes), c.New+len(b.episodes)
			for _, d := range stretches(a.episodes, b.episodes) {
				if same(d) {
					c.Same++
					continue
				}
				c.Differ++
				d.SLO, d.Severity = id, string(severity)
				if d.Labels = a.labels; d.Labels == nil {
					d.Labels = b.labels
				}
				out = append(out, d)
			}
		}
		counts = append(counts, c)
	}
	return counts, out
}

// group is what fired of one severity about one group of an SLO.
type group struct {
	labels   map[string]string
	episodes []backtest.Episode
}

func grouped(alerts []backtest.Alert, by []string, since time.Time, severity slo.Severity) map[string]group {
	out := map[string]group{}
	for _, a := range alerts {
		if backtest.IsPage(a.Severity) != (severity == slo.Page) {
			continue
		}
		g := group{labels: map[string]string{}}
		key := ""
		for _, name := range by {
			if v := a.Labels[name]; v != "" {
				g.labels[name] = v
			}
			key += a.Labels[name] + "\x00"
		}
		g.episodes = union(append(slices.Clone(out[key].episodes), from(a, since)...))
		out[key] = g
	}
	return out
}

// from is when an alert fired since a time, judged or not, with what was found of the budget that was spent.
func from(a backtest.Alert, since time.Time) []backtest.Episode {
	var out []backtest.Episode
	for _, e := range a.All {
		if !e.End.After(since) {
			continue
		}
		if i := slices.IndexFunc(a.Episodes, func(x backtest.Episode) bool { return x.Start.Equal(e.Start) }); i >= 0 {
			e = a.Episodes[i]
		}
		if e.Start.Before(since) {
			e.Start = since
		}
		out = append(out, e)
	}
	return out
}

// union joins episodes that overlap or follow each other without a pause.
func union(all []backtest.Episode) []backtest.Episode {
	slices.SortFunc(all, func(a, b backtest.Episode) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) })
	out := all[:0]
	for _, e := range all {
		if n := len(out); n > 0 && !e.Start.After(out[n-1].End) {
			if e.End.After(out[n-1].End) {
				out[n-1].End = e.End
			}
			continue
		}
		out = append(out, e)
	}
	return out
}

// stretches joins episodes of both sets that overlap, in the order of their beginnings.
func stretches(old, now []backtest.Episode) []Difference {
	var out []Difference
	var end time.Time
	for len(old)+len(now) > 0 {
		ours := len(old) == 0 || len(now) > 0 && now[0].Start.Before(old[0].Start)
		e := &old
		if ours {
			e = &now
		}
		next := (*e)[0]
		*e = (*e)[1:]
		if len(out) == 0 || next.Start.After(end) {
			out, end = append(out, Difference{Old: []backtest.Episode{}, New: []backtest.Episode{}}), next.End
		}
		d := &out[len(out)-1]
		if ours {
			d.New = append(d.New, next)
		} else {
			d.Old = append(d.Old, next)
		}
		if next.End.After(end) {
			end = next.End
		}
	}
	return out
}

// same reports whether both sets fired as often, each time from about the same moment to about the same moment.
func same(d Difference) bool {
	if len(d.Old) != len(d.New) {
		return false
	}
	for i := range d.Old {
		if d.Old[i].Start.Sub(d.New[i].Start).Abs() > Tolerance || d.Old[i].End.Sub(d.New[i].End).Abs() > Tolerance {
			return false
		}
	}
	return true
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
