package plan

import (
	"fmt"
	"slices"

	"treadmill/internal/diag"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/model"
)

// FindingUnplanned is the ID of the finding that a cluster is out of support at the end of the plan.
const FindingUnplanned = "plan/unplanned"

// FindingBlocked is the ID of the finding that a cluster waits for one that was left out.
const FindingBlocked = "plan/blocked"

// told collects the findings of one cluster.
type told struct {
	p   *model.Problem
	u   *model.Unit
	out []diag.Finding
}

func (t *told) add(s diag.Severity, id, format string, args ...any) {
	t.out = append(t.out, diag.Finding{ID: id, Severity: s, Position: t.u.Cluster.Version.Pos,
		Message: t.u.Cluster.Name.V + " " + fmt.Sprintf(format, args...)})
}

// findings says where a cluster is out of support, in support that the policy does not want or inside the margin for a time, and what its
// provider does by itself.
func findings(p *model.Problem, u *model.Unit) []diag.Finding {
	t := &told{p: p, u: u}
	if u.Blocked != "" {
		t.add(diag.Error, FindingBlocked, "comes after %s in its group, which is left out because of its problems; "+
			"no hop of it is planned, as nobody knows what that runs", u.Blocked)
	}
	stays := p.Stays(u, u.Work)
	t.unsupported(stays)
	t.unwanted(stays)
	for _, st := range stays {
		l := &u.Lives.Versions[st.Version]
		switch {
		case l.Ends >= model.Never && st.To >= p.Horizon:
			t.add(diag.Warning, "plan/unknown-end", "stays at %s, whose end of support at %s nobody gives; the plan takes it to last",
				l.Name(), u.Cluster.Provider.V)
		case st.To <= l.Hard && st.To > l.Due && st.To < p.Horizon && !st.Forced:
			t.add(diag.Warning, "plan/margin", "leaves %s on %s, %s before its support ends; the margin is %s", l.Name(),
				model.DateOf(st.To), count(int((l.Hard-st.To)/model.Day), "day"), p.Fleet.Policy.Margin.V)
		}
	}
	for _, c := range cloudsOf(p, u, stays) {
		t.out = append(t.out, diag.Finding{ID: FindingCloudFirst, Severity: diag.Warning, Position: u.Cluster.Version.Pos, Message: c.Text()})
	}
	return t.out
}

// unsupported says from when until when a cluster is out of all support that its provider gives it, once for versions that follow one
// another, those that it passes through on its way among them.
func (t *told) unsupported(stays []model.Stay) {
	first, gone := -1, model.Stay{} // out of support, from the first version to that of gone
	tell := func() {
		if first >= 0 {
			at := t.u.Lives.Versions[first].Name()
			if gone.Version > first {
				at += " to " + t.u.Lives.Versions[gone.Version].Name()
			}
			when := "from " + model.DateOf(gone.From) + " until " + model.DateOf(gone.To)
			if model.DateOf(gone.From) == model.DateOf(gone.To) {
				when = "for hours of " + model.DateOf(gone.To)
			}
			t.add(diag.Error, "plan/out-of-support", "is out of support at %s %s", at, when)
		}
		first = -1
	}
	for _, st := range stays {
		l := &t.u.Lives.Versions[st.Version]
		if l.Ends > st.From || st.To >= t.p.Horizon {
			tell()
		}
		switch {
		case st.To <= l.Ends:
		case first < 0 && t.passes(st):
			t.add(diag.Info, "plan/passes", "passes through %s, which is out of support, from %s until %s", l.Name(),
				model.DateOf(st.From), model.DateOf(st.To))
		case st.To >= t.p.Horizon:
			t.add(diag.Error, FindingUnplanned, "is out of support at %s from %s and no plan by the rules changes that", l.Name(),
				model.DateOf(max(l.Ends, st.From)))
		default:
			if first < 0 {
				first, gone.From = st.Version, max(l.Ends, st.From)
			}
			gone.Version, gone.To = st.Version, st.To
		}
	}
	tell()
}

// passes reports whether a campaign only passes through a version, within a week.
func (t *told) passes(st model.Stay) bool {
	return st.To-st.From <= 7*model.Day && slices.ContainsFunc(t.u.Work, func(w model.Work) bool {
		return w.From < st.Version && st.Version < w.From+w.Hops
	})
}

// unwanted says that a cluster is in support that the policy does not want, once for versions that follow one another, and what its
// provider bills for that: an error where the policy forbids it in so many words, or no plan ends it.
func (t *told) unwanted(stays []model.Stay) {
	var first, last *model.Life
	var from, to model.Minutes
	var bill fleet.Money
	tell := func() {
		if first == nil {
			return
		}
		at, costs, until, severity := first.Name(), "", "until "+model.DateOf(to), diag.Warning
		if last != first {
			at += " to " + last.Name()
		}
		if bill > 0 {
			costs = fmt.Sprintf("; it is billed all the same: %s %s", roundMoney(bill), t.p.Fleet.Policy.Costs.Currency.V)
		}
		if to >= t.p.Horizon {
			until, severity = "to the end of the plan", diag.Error
		}
		if t.p.Fleet.Policy.ExtendedSupport.Allowed.Set() {
			severity = diag.Error
		}
		t.add(severity, "plan/extended-support", "is in extended support at %s from %s %s, which the policy does not allow%s", at,
			model.DateOf(from), until, costs)
		first, bill = nil, 0
	}
	for _, st := range stays {
		l := &t.u.Lives.Versions[st.Version]
		begins, ends := max(st.From, l.Hard, l.Standard), min(st.To, l.Ends)
		if begins >= ends {
			tell()
			continue
		}
		if first == nil {
			first, from = l, begins
		}
		last, to = l, ends
		bill += fleet.Money(ends-begins) * l.Fee / fleet.Money(60)
		if ends < st.To {
			tell()
		}
	}
	tell()
}

func roundMoney(m fleet.Money) fleet.Money { return (m + fleet.Unit/2) / fleet.Unit * fleet.Unit }
