package plan

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/windows"
)

// reasons are the texts of campaigns that have the same reason: clusters of one kind that wait for no add-on and no budget.
type reasons map[reasonKey]string

type reasonKey struct {
	lives      *model.Lives
	from, hops int
}

// of is why a campaign is there.
func (r reasons) of(p *model.Problem, u *model.Unit, w model.Work) string {
	if w.Hops == 0 || len(u.Needs) > 0 || len(u.Cluster.SLOs) > 0 || len(u.Pools) > 0 {
		return reason(p, u, w)
	}
	key := reasonKey{u.Lives, w.From, w.Hops}
	text, known := r[key]
	if !known {
		text = reason(p, u, w)
		r[key] = text
	}
	return text
}

// reason says why a campaign is there, and which of its dates are not sure.
func reason(p *model.Problem, u *model.Unit, w model.Work) string {
	l := &u.Lives.Versions[w.From]
	if w.Hops == 0 {
		names, oldest := behindPools(p, u)
		if u.Lag < u.NodeMax {
			return fmt.Sprintf("nodes (%s) run %s, which leaves %s before they must be rolled out; they come before the next hops",
				names, oldest, count(u.NodeMax-u.Lag, "hop"))
		}
		return fmt.Sprintf("nodes (%s) run %s, as far behind %s as they may; they come before the next hop", names, oldest, l.Name())
	}
	parts := []string{supportReason(p, l)}
	for k := range w.Hops {
		for _, lack := range lacks(p, u, u.Slots.All[w.Slots[k]].Start) {
			if !slices.Contains(parts, lack) {
				parts = append(parts, lack)
			}
		}
		if held := p.PoolHolds(u, u.Lives.Versions[w.From+k+1].Minor); held != "" {
			parts = append(parts, held)
		}
		parts = append(parts, p.Waits(u, u.Lives.Versions[w.From+k+1].Minor, u.Slots.All[w.Slots[k]].Start-model.Near)...)
		if a := u.Lives.Versions[w.From+k+1].Window.Available; !a.IsZero() && a.Status < windows.Announced {
			verb, rest := "is", ""
			if model.DayMinutes(a.Day) < p.Now {
				verb, rest = "was", ", release not confirmed"
			}
			parts = append(parts,
				fmt.Sprintf("%s %s %s for %s%s%s", u.Lives.Versions[w.From+k+1].Name(), verb, a.Status, a.Day, model.PlusMinus(a), rest))
		}
	}
	return strings.Join(parts, "; ")
}

// count is how many there are of something.
func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}

// supportReason says which support ends when, and what it costs.
func supportReason(p *model.Problem, l *model.Life) string {
	w := l.Window
	standard, ends := model.DateOf(l.Standard), model.DateOf(min(l.Ends, model.DayMinutes(model.MaxDay)))
	month := fmt.Sprintf("%s %s a month", model.MonthHours*l.Fee, p.Fleet.Policy.Costs.Currency.V)
	unwanted := ""
	if l.Hard < l.Ends {
		unwanted = ", which the policy does not allow"
	}
	switch {
	case !l.Known && l.Ends <= 0:
		return fmt.Sprintf("%s is older than all versions that are known", l.Name())
	case l.Ends >= model.Never:
		return fmt.Sprintf("the end of support of %s is not known", l.Name())
	case l.Ends <= p.Now && l.Ends > l.Standard:
		return fmt.Sprintf("%s is out of extended support since %s", l.Name(), ends)
	case l.Ends <= p.Now:
		return fmt.Sprintf("%s is out of standard support since %s", l.Name(), standard)
	case l.Standard <= p.Now:
		return fmt.Sprintf("%s is in extended support at %s%s; it ends %s", l.Name(), month, unwanted, ends)
	case l.Ends > l.Standard:
		return fmt.Sprintf("standard support of %s ends %s%s, then %s%s", l.Name(), standard, model.PlusMinus(w.StandardEnd), month, unwanted)
	default:
		return fmt.Sprintf("support of %s ends %s%s", l.Name(), standard, model.PlusMinus(w.StandardEnd))
	}
}
