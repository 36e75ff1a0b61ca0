package pullrequest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"treadmill/cmd/internal/app"
)

// slos compares SLOs by their names.
func (r *result) slos(base, head side) {
	if head.slos == nil {
		return
	}
	old := map[string]promised{}
	var before, after []finding
	if base.slos != nil {
		for _, s := range base.slos.SLOs {
			old[s.Name], before = s, append(before, s.Findings...)
		}
	}
	for _, s := range head.slos.SLOs {
		after = append(after, s.Findings...)
		was, known := old[s.Name]
		delete(old, s.Name)
		switch what := was.differences(s); {
		case !known:
			r.data.SLOs = append(r.data.SLOs, sloChange{Name: s.Name, Kind: "added", What: []string{s.words()}})
		case len(what) > 0:
			r.data.SLOs = append(r.data.SLOs, sloChange{Name: s.Name, Kind: "changed", What: what})
		}
	}
	for _, s := range old {
		r.data.SLOs = append(r.data.SLOs, sloChange{Name: s.Name, Kind: "removed", What: []string{s.words()}})
	}
	slices.SortFunc(r.data.SLOs, func(a, b sloChange) int { return strings.Compare(a.Name, b.Name) })
	r.findings(before, after)
}

// words are the promise in short.
func (p promised) words() string {
	return fmt.Sprintf("%s %% over %s, %s", p.Objective, p.Period, app.Count(len(p.Alerts), "alert", "alerts"))
}

// differences are what is another in a later state.
func (p promised) differences(later promised) []string {
	var out []string
	say := func(what, before, after string) {
		if before != after {
			out = append(out, fmt.Sprintf("%s: %s, was %s", what, cmp.Or(after, "none"), cmp.Or(before, "none")))
		}
	}
	say("objective", p.Objective.String()+" %", later.Objective.String()+" %")
	say("period", p.Period, later.Period)
	for _, severity := range []string{"page", "ticket"} {
		say(severity+"s at", p.pairs(severity), later.pairs(severity))
	}
	return out
}

// pairs are the windows of the alerts of a severity, and the burn at which they fire.
func (p promised) pairs(severity string) string {
	var out []string
	for _, a := range p.Alerts {
		if a.Severity == severity {
			out = append(out, fmt.Sprintf("%s× over %s and %s", a.Burn, a.Long, a.Short))
		}
	}
	return strings.Join(out, ", ")
}

// budgets are those of the side that comes.
func (r *result) budgets(g *gated) {
	if g == nil {
		return
	}
	for _, s := range g.SLOs {
		objective, _ := s.Objective.Float64() // it was written as a number
		b := budget{Name: s.Name, Objective: objective, State: s.State}
		for i, group := range s.Groups {
			if i == 0 || group.Left < b.Left {
				b.Left, b.Needed, b.Burn = group.Left, group.Needed, group.Burn
			}
		}
		r.data.Budgets = append(r.data.Budgets, b)
	}
	slices.SortStableFunc(r.data.Budgets, func(a, b budget) int { return cmp.Compare(a.Left, b.Left) })
}
