package plan

import (
	"context"
	"fmt"
	"strings"

	"treadmill/internal/diag"
)

// FindingUnplanned is the ID of the finding that a cluster is out of support at the end of the plan.
const FindingUnplanned = "plan/unplanned"

// unplanned lists the clusters that the plan leaves out of support, now or at the horizon, and what would change that.
func (p *problem) unplanned(ctx context.Context) []Unplanned {
	out := []Unplanned{}
	e := explainer{p: p, left: tries, known: map[string][]relief{}}
	for _, u := range p.units {
		late := p.lateness(u)
		if late.from >= late.to {
			continue
		}
		x := Unplanned{Cluster: u.cluster.Name.V, Reason: p.lateReason(u, late), Relaxations: []string{}}
		helps, tried := e.explain(ctx, u, late)
		for _, r := range helps {
			x.Relaxations = append(x.Relaxations, r.text(u.cluster.Name.V))
		}
		x.Untried = !tried
		out = append(out, x)
	}
	return out
}

// lateness is the time that a unit spends out of support beyond what nobody can change: before its first opening from now on.
func (p *problem) lateness(u *unit) stay {
	for _, st := range p.stays(u, u.work) {
		l := &u.lives.versions[st.version]
		from := max(st.from, l.hard)
		if from < st.to && st.to-from > 14*day {
			return stay{st.version, from, st.to}
		}
	}
	return stay{}
}

func (p *problem) lateReason(u *unit, late stay) string {
	l := &u.lives.versions[late.version]
	until := "until " + dateOf(late.to)
	if late.to >= p.horizon {
		until = "to the end of the plan"
	}
	text := fmt.Sprintf("out of support at %s from %s %s", l.minor, dateOf(late.from), until)
	next := late.version + 1
	if waits := p.waits(u, l.minor.Add(1), p.now); p.held(u.kind, l.minor.Add(1)) > late.from {
		return text + ": " + strings.Join(waits, "; ")
	}
	for _, b := range p.guards(u) {
		if low := b.low(p.span.To); len(low) > 0 && !low[len(low)-1].To.Before(p.span.To) {
			return text + fmt.Sprintf(": a hop needs %s of the budget of %s, and by the forecast there never is so much", percent(b.Needed), b.SLO)
		}
	}
	if next >= len(u.lives.versions) || u.lives.versions[next].open >= p.horizon {
		return text + fmt.Sprintf(": the target %s has no newer version in time", p.fleet.Policy.Target.V)
	}
	return text
}

// findings says where a cluster is out of support, or inside of the margin, for a time.
func (p *problem) findings(u *unit) []diag.Finding {
	var out []diag.Finding
	add := func(s diag.Severity, id, format string, args ...any) {
		out = append(out, diag.Finding{ID: id, Severity: s, Position: u.cluster.Version.Pos, Message: fmt.Sprintf(format, args...)})
	}
	name := u.cluster.Name.V
	first, gone := -1, stay{} // out of support, from the first version to that of gone
	tell := func() {
		if first >= 0 {
			at := u.lives.versions[first].minor.String()
			if gone.version > first {
				at += " to " + u.lives.versions[gone.version].minor.String()
			}
			when := "from " + dateOf(gone.from) + " until " + dateOf(gone.to)
			if dateOf(gone.from) == dateOf(gone.to) {
				when = "for hours of " + dateOf(gone.to)
			}
			add(diag.Error, "plan/out-of-support", "%s is out of support at %s %s", name, at, when)
		}
		first = -1
	}
	for _, st := range p.stays(u, u.work) {
		l := &u.lives.versions[st.version]
		if l.hard > st.from || st.to >= p.horizon {
			tell()
		}
		switch {
		case l.hard >= never && st.to >= p.horizon:
			add(diag.Warning, "plan/unknown-end", "%s stays at %s, whose end of support at %s nobody gives; the plan takes it to last", name, l.minor, u.cluster.Provider.V)
		case st.to > l.hard && st.to >= p.horizon:
			add(diag.Error, FindingUnplanned, "%s is out of support at %s from %s and no plan by the rules changes that", name, l.minor, dateOf(max(l.hard, p.now)))
		case st.to > l.hard:
			if first < 0 {
				first, gone.from = st.version, max(l.hard, p.now)
			}
			gone.version, gone.to = st.version, st.to
		case st.to > l.due && st.to < p.horizon:
			add(diag.Warning, "plan/margin", "%s leaves %s on %s, %s before its support ends; the margin is %s", name, l.minor, dateOf(st.to), dayCount(int((l.hard-st.to)/day)), p.fleet.Policy.Margin.V)
		}
	}
	return out
}

func dayCount(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
