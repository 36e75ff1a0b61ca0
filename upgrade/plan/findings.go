package plan

import (
	"fmt"

	"treadmill/internal/diag"
	"treadmill/upgrade/plan/model"
)

// FindingUnplanned is the ID of the finding that a cluster is out of support at the end of the plan.
const FindingUnplanned = "plan/unplanned"

// findings says where a cluster is out of support, or inside of the margin, for a time.
func findings(p *model.Problem, u *model.Unit) []diag.Finding {
	var out []diag.Finding
	add := func(s diag.Severity, id, format string, args ...any) {
		out = append(out, diag.Finding{ID: id, Severity: s, Position: u.Cluster.Version.Pos, Message: fmt.Sprintf(format, args...)})
	}
	name := u.Cluster.Name.V
	first, gone := -1, model.Stay{} // out of support, from the first version to that of gone
	tell := func() {
		if first >= 0 {
			at := u.Lives.Versions[first].Minor.String()
			if gone.Version > first {
				at += " to " + u.Lives.Versions[gone.Version].Minor.String()
			}
			when := "from " + model.DateOf(gone.From) + " until " + model.DateOf(gone.To)
			if model.DateOf(gone.From) == model.DateOf(gone.To) {
				when = "for hours of " + model.DateOf(gone.To)
			}
			add(diag.Error, "plan/out-of-support", "%s is out of support at %s %s", name, at, when)
		}
		first = -1
	}
	for _, st := range p.Stays(u, u.Work) {
		l := &u.Lives.Versions[st.Version]
		if l.Hard > st.From || st.To >= p.Horizon {
			tell()
		}
		switch {
		case l.Hard >= model.Never && st.To >= p.Horizon:
			add(diag.Warning, "plan/unknown-end", "%s stays at %s, whose end of support at %s nobody gives; the plan takes it to last", name, l.Minor, u.Cluster.Provider.V)
		case st.To > l.Hard && st.To >= p.Horizon:
			add(diag.Error, FindingUnplanned, "%s is out of support at %s from %s and no plan by the rules changes that", name, l.Minor, model.DateOf(max(l.Hard, p.Now)))
		case st.To > l.Hard:
			if first < 0 {
				first, gone.From = st.Version, max(l.Hard, p.Now)
			}
			gone.Version, gone.To = st.Version, st.To
		case st.To > l.Due && st.To < p.Horizon:
			add(diag.Warning, "plan/margin", "%s leaves %s on %s, %s before its support ends; the margin is %s", name, l.Minor, model.DateOf(st.To), dayCount(int((l.Hard-st.To)/model.Day)), p.Fleet.Policy.Margin.V)
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
