package relax

import (
	"context"
	"fmt"
	"strings"

	"treadmill/upgrade/plan/model"
)

// Unplanned is a cluster that the plan leaves out of the support that the policy allows for more than two weeks, or to the end.
type Unplanned struct {
	Cluster     string   `json:"cluster"`
	Reason      string   `json:"reason"`
	Relaxations []string `json:"relaxations"`       // each of them alone makes a plan possible, and less of it does not; found by trying
	Untried     bool     `json:"untried,omitempty"` // not all rules were tried, as there are too many clusters like this
}

// Explain lists the clusters that the plan leaves out of support, now or at the horizon, and what would change that.
func Explain(ctx context.Context, p *model.Problem) []Unplanned {
	out := []Unplanned{}
	e := explainer{p: p, left: tries, room: roomLeft(p), known: map[string][]relaxation{}}
	for _, u := range p.Units {
		late := lateness(p, u)
		if late.From >= late.To {
			continue
		}
		x := Unplanned{Cluster: u.Cluster.Name.V, Reason: lateReason(p, u, late), Relaxations: []string{}}
		helps, tried := e.explain(ctx, u, late)
		for _, r := range helps {
			x.Relaxations = append(x.Relaxations, r.text(u.Cluster.Name.V))
		}
		x.Untried = !tried
		out = append(out, x)
	}
	return out
}

// patience is how long a cluster may be out of support without being called unplanned.
const patience = 14 * model.Day

// lateness is the time that a unit spends out of support beyond what nobody can change: before its first opening from now on.
func lateness(p *model.Problem, u *model.Unit) model.Stay {
	for _, st := range p.Stays(u, u.Work) {
		l := &u.Lives.Versions[st.Version]
		from := max(st.From, l.Hard)
		if from < st.To && st.To-from > patience {
			return model.Stay{Version: st.Version, From: from, To: st.To, Forced: st.Forced}
		}
	}
	return model.Stay{}
}

func lateReason(p *model.Problem, u *model.Unit, late model.Stay) string {
	l := &u.Lives.Versions[late.Version]
	until := "until " + model.DateOf(late.To)
	switch {
	case late.To >= p.Horizon:
		until = "to the end of the plan"
	case late.Forced:
		until += fmt.Sprintf(", when %s is taken to upgrade it by itself", u.Kind.Provider)
	}
	text := fmt.Sprintf("out of support at %s from %s %s", l.Name(), model.DateOf(late.From), until)
	if late.From < l.Ends {
		text = fmt.Sprintf("in extended support at %s, which the policy does not allow, from %s %s", l.Name(), model.DateOf(late.From), until)
	}
	if u.Blocked != "" {
		return text + fmt.Sprintf(": %s comes before it in its group, and is left out because of its problems", u.Blocked)
	}
	next := late.Version + 1
	if waits := p.Waits(u, l.Minor.Add(1), p.Now); p.Held(u.Kind, l.Minor.Add(1)) > late.From {
		return text + ": " + strings.Join(waits, "; ")
	}
	for _, b := range p.Guards(u) {
		if low := b.Low(p.Span.To); len(low) > 0 && !low[len(low)-1].To.Before(p.Span.To) {
			return text + fmt.Sprintf(": a hop needs %s of the budget of %s, and by the forecast there never is so much",
				model.Percent(b.Needed), b.SLO)
		}
	}
	if x := p.PoolHolds(u, l.Minor.Add(1)); x != "" {
		return text + ": " + x
	}
	if next >= len(u.Lives.Versions) || u.Lives.Versions[next].Open >= p.Horizon {
		return text + fmt.Sprintf(": the target %s has no newer version in time", p.Fleet.Policy.Target.V)
	}
	return text
}
