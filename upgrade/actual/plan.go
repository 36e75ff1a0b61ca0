package actual

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
)

// The IDs of differences between a plan and what was done of it.
const (
	FindingLate  = "drift/plan-late"  // a hop whose time has passed was not done
	FindingEarly = "drift/plan-early" // one was done before its time, or is not in the plan
	FindingHalf  = "drift/plan-half"  // the control plane moved, and its nodes did not
	FindingOrder = "drift/plan-order" // an environment runs a version that one before it does not run
)

// Agreed is a plan, and the name of its file.
type Agreed struct {
	plan.Plan
	File string
	Fix  string // the command that plans anew from it
}

// Plan compares a plan with what was done of it by now.
func Plan(f fleet.Fleet, p Pairs, agreed Agreed, now time.Time) []drift.Finding {
	var out []drift.Finding
	for _, pair := range p.Both {
		all := agreed.of(pair.File.Name.V)
		if len(all) == 0 {
			continue
		}
		t := timetable{Pair: pair, agreed: agreed, now: now, steps: all}
		t.judge()
		out = append(out, t.found...)
	}
	return drift.Sort(append(out, order(f, p.Both, agreed)...))
}

// step is one step of a campaign.
type step struct {
	plan.Step
	from upgrade.Minor // what the control plane runs before it
}

// of are the steps of a cluster in the order of time.
func (a Agreed) of(cluster string) []step {
	var out []step
	for _, c := range a.Campaigns {
		from := c.From
		for _, s := range c.Steps {
			if c.Cluster == cluster {
				out = append(out, step{s, from})
			}
			from = s.To
		}
	}
	slices.SortStableFunc(out, func(x, y step) int { return x.Start.Compare(y.Start) })
	return out
}

// Planned reports whether a plan has a cluster.
func (a Agreed) Planned(cluster string) bool { return len(a.of(cluster)) > 0 }

// timetable is what a plan has of one cluster, and what the cluster runs.
type timetable struct {
	Pair
	agreed Agreed
	now    time.Time
	steps  []step
	found  []drift.Finding
}

func (t *timetable) add(id string, severity diag.Severity, subject, want, have, format string, args ...any) {
	f := drift.Finding{Kind: drift.Plan, Cluster: t.File.Name.V, Subject: subject, Owner: t.File.Team.V, Live: t.Live.Place(), Want: want,
		Have: have, Diff: drift.Differ(want, have), Fix: t.agreed.Fix}
	f.ID, f.Severity, f.Position = id, severity, diag.Position{File: t.agreed.File}
	f.Message = t.File.Name.V + ": " + fmt.Sprintf(format, args...) + " (" + t.Live.Place() + ")"
	t.found = append(t.found, f)
}

// judge compares what is to be done by now with what is. A step whose opening has begun may be done or not.
func (t *timetable) judge() {
	least, most := t.steps[0].from, t.steps[0].from
	var last *step // the last one that is over
	for i, s := range t.steps {
		switch {
		case !s.End.After(t.now):
			least, most, last = s.To, s.To, &t.steps[i]
		case !s.Start.After(t.now) && most.Less(s.To):
			most = s.To
		}
	}
	runs := t.Live.Version
	switch {
	case runs.Less(least):
		t.late(runs, least)
	case most.Less(runs):
		t.early(runs, least)
	case last != nil && last.Nodes && last.To == runs:
		t.half(*last)
	}
}

// late tells of hops that were not done.
func (t *timetable) late(runs, least upgrade.Minor) {
	missed := t.steps[slices.IndexFunc(t.steps, func(s step) bool { return runs.Less(s.To) && !s.End.After(t.now) })]
	how := "is late"
	if !slices.ContainsFunc(t.steps, func(s step) bool { return s.Start.After(missed.Start) && s.End.After(t.now) }) {
		how = "was skipped: no opening of the plan is left for it"
	}
	days := int(t.now.Sub(missed.End).Hours() / 24)
	t.add(FindingLate, diag.Error, "hop to "+missed.To.String(), least.String(), runs.String(),
		"the hop to %s %s; the plan had it on %s, %s ago, and the control plane runs %s%s",
		missed.To, how, missed.Start.Format(time.DateOnly), count(days, "day"), runs, t.waiting(missed.To))
	t.found[len(t.found)-1].Since = missed.End
}

// early tells of hops that the plan has later, or not at all.
func (t *timetable) early(runs, least upgrade.Minor) {
	i := slices.IndexFunc(t.steps, func(s step) bool { return s.To == runs && s.Start.After(t.now) })
	if i < 0 {
		t.add(FindingEarly, diag.Error, "hop to "+runs.String(), least.String(), runs.String(),
			"the control plane runs %s, and the plan has no hop to it: its dates, windows and order were decided for other versions", runs)
		return
	}
	t.add(FindingEarly, diag.Warning, "hop to "+runs.String(), least.String(), runs.String(),
		"the hop to %s was done early: the plan has it on %s, in the opening that freezes, soak and budgets left for it",
		runs, t.steps[i].Start.Format(time.DateOnly))
}

// half tells of nodes that were not brought along.
func (t *timetable) half(s step) {
	if t.Live.Facts.Hidden.Nodes {
		return
	}
	var late []string
	for _, n := range t.Live.Nodes {
		if n.Version != s.To.String() {
			late = append(late, n.Name+" "+n.Version)
		}
	}
	if len(late) == 0 {
		return
	}
	t.add(FindingHalf, diag.Error, "nodes to "+s.To.String(), "nodes: "+s.To.String(), strings.Join(late, "\n"),
		"the control plane runs %s, and its nodes do not (%s), which the plan had done by %s", s.To, list(late), s.End.Format(time.DateOnly))
	t.found[len(t.found)-1].Since = s.End
}

// waiting says which campaigns of later environments a hop that is late holds up.
func (t *timetable) waiting(to upgrade.Minor) string {
	if t.File.Group.V == "" {
		return ""
	}
	var held []string
	for _, c := range t.agreed.Campaigns {
		if c.Group == t.File.Group.V && c.Cluster != t.File.Name.V && c.Environment != t.File.Environment.V && c.Start.After(t.now) &&
			slices.Contains(c.Hops, to) {
			held = append(held, c.Cluster+" on "+c.Start.Format(time.DateOnly))
		}
	}
	if len(held) == 0 {
		return ""
	}
	return "; it holds up " + list(held)
}

// order tells of environments that run a version which one before them does not: it was passed over, or taken back, so that nothing soaks.
func order(f fleet.Fleet, pairs []Pair, agreed Agreed) []drift.Finding {
	var out []drift.Finding
	for _, p := range pairs {
		rank, ok := f.Policy.Rank(p.File.Environment.V)
		if !ok || p.File.Group.V == "" {
			continue
		}
		var behind []string
		for _, other := range pairs {
			before, ok := f.Policy.Rank(other.File.Environment.V)
			if ok && before < rank && other.File.Group.V == p.File.Group.V && other.Live.Version.Less(p.Live.Version) {
				behind = append(behind, fmt.Sprintf("%s %s", other.File.Name.V, other.Live.Version))
			}
		}
		if len(behind) == 0 {
			continue
		}
		slices.Sort(behind)
		t := timetable{Pair: p, agreed: agreed}
		t.add(FindingOrder, diag.Error, "order of group "+p.File.Group.V, strings.Join(behind, "\n"), p.Live.Version.String(),
			"it runs %s, and clusters of environments before it do not (%s): what was to soak there was passed over, or taken back",
			p.Live.Version, list(behind))
		out = append(out, t.found...)
	}
	return out
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
