package plan

import (
	"fmt"
	"strings"
	"time"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/windows"
)

// reasons are the texts of campaigns that have the same reason: clusters of one kind that wait for no add-on and no budget.
type reasons map[reasonKey]string

type reasonKey struct {
	lives      *lives
	from, hops int
}

// of is why a campaign is there.
func (r reasons) of(p *problem, u *unit, w work) string {
	if w.hops == 0 || len(u.needs) > 0 || len(u.cluster.SLOs) > 0 {
		return p.reason(u, w)
	}
	key := reasonKey{u.lives, w.from, w.hops}
	text, known := r[key]
	if !known {
		text = p.reason(u, w)
		r[key] = text
	}
	return text
}

// reason says why a campaign is there, and which of its dates are not sure.
func (p *problem) reason(u *unit, w work) string {
	l := &u.lives.versions[w.from]
	if w.hops == 0 {
		return fmt.Sprintf("nodes run %s, as far behind %s as they may; they come before the next hop", u.cluster.OldestNode(), l.minor)
	}
	parts := append([]string{p.supportReason(l)}, p.lacks(u, u.slots.all[w.slots[0]].start)...)
	for k := range w.hops {
		parts = append(parts, p.waits(u, u.lives.versions[w.from+k+1].minor, u.slots.all[w.slots[k]].start-near)...)
		if a := u.lives.versions[w.from+k+1].window.Available; !a.IsZero() && a.Status < windows.Announced {
			verb, rest := "is", ""
			if dayMinutes(a.Day) < p.now {
				verb, rest = "was", ", and nobody says yet that it is out"
			}
			parts = append(parts, fmt.Sprintf("%s %s %s for %s%s%s", u.lives.versions[w.from+k+1].minor, verb, a.Status, a.Day, plusMinus(a), rest))
		}
	}
	return strings.Join(parts, "; ")
}

func plusMinus(d windows.Date) string {
	switch {
	case d.Early == 0 && d.Late == 0:
		return ""
	case d.Early == d.Late:
		return fmt.Sprintf(" (±%d days)", d.Late)
	default:
		return fmt.Sprintf(" (-%d, +%d days)", d.Early, d.Late)
	}
}

// supportReason says which support ends when, and what it costs.
func (p *problem) supportReason(l *life) string {
	w := l.window
	standard, hard := timeOf(l.standard, time.UTC).Format(time.DateOnly), timeOf(l.hard, time.UTC).Format(time.DateOnly)
	month := fleet.Money(730) * l.fee
	switch {
	case !l.known:
		return fmt.Sprintf("%s is older than all versions that are known", l.minor)
	case l.hard >= never:
		return fmt.Sprintf("the end of support of %s is not known", l.minor)
	case l.hard <= p.now && l.hard > l.standard:
		return fmt.Sprintf("%s is out of extended support since %s", l.minor, hard)
	case l.hard <= p.now:
		return fmt.Sprintf("%s is out of standard support since %s", l.minor, standard)
	case l.standard <= p.now:
		return fmt.Sprintf("%s is in extended support at %s %s a month; it ends %s", l.minor, month, p.fleet.Policy.Costs.Currency.V, hard)
	case l.hard > l.standard:
		return fmt.Sprintf("standard support of %s ends %s%s, then %s %s a month", l.minor, standard, plusMinus(w.StandardEnd), month, p.fleet.Policy.Costs.Currency.V)
	default:
		return fmt.Sprintf("support of %s ends %s%s", l.minor, standard, plusMinus(w.StandardEnd))
	}
}

func dateOf(t minutes) string { return timeOf(t, time.UTC).Format(time.DateOnly) }
