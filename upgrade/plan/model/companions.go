package model

import (
	"fmt"
	"slices"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/windows"
)

// Companions is what add-ons mean for the problem: what those of a cluster need, and from when versions can be had with them.
type Companions struct {
	Table addons.Table
	guide *addons.Guide
	last  upgrade.Minor // the newest version that upstream has by the horizon
	known map[string][]addons.Need
	holds map[string]map[upgrade.Minor]Minutes // by profile: versions that add-ons hold back, until when
}

func newCompanions(known addons.Table, calendar windows.Table, horizon Minutes) *Companions {
	return &Companions{Table: known, guide: known.Guide(calendar), last: calendar.Newest(windows.Upstream, windows.Day(horizon/Day)),
		known: map[string][]addons.Need{}, holds: map[string]map[upgrade.Minor]Minutes{}}
}

// needs is what the add-ons of a cluster ask for, hop by hop from its version on; nil for a cluster without any, and without a table.
func (c *Companions) needs(x fleet.Cluster) []addons.Need {
	if len(x.Addons) == 0 || len(c.Table.Names()) == 0 {
		return nil
	}
	installed := make([]addons.Installed, 0, len(x.Addons))
	key := x.Version.V.String()
	for _, a := range x.Addons {
		installed = append(installed, addons.Installed{Name: a.Name.V, Version: a.Version.V})
		key += "\x00" + a.Name.V + "\x00" + a.Version.V
	}
	needs, ok := c.known[key]
	if !ok {
		needs = c.guide.Needs(installed, x.Version.V, c.last)
		c.known[key] = needs
	}
	return needs
}

// profile names which versions the add-ons of a cluster hold back and until when, so that clusters with one profile are of one kind.
func (p *Problem) profile(needs []addons.Need) string {
	key := ""
	holds := map[upgrade.Minor]Minutes{}
	for _, n := range needs {
		until := p.ready(n)
		if until <= p.Now {
			continue
		}
		holds[n.To] = until
		key += fmt.Sprintf("%s@%d ", n.To, until)
	}
	if key != "" {
		p.Addons.holds[key] = holds
	}
	return key
}

// ready is when the add-ons allow a hop, as far as anybody can tell.
func (p *Problem) ready(n addons.Need) Minutes {
	switch {
	case n.Never, p.shuts(n):
		return Never
	case p.Late:
		return DayMinutes(n.Ready.Latest())
	default:
		return DayMinutes(n.Ready.Day)
	}
}

// shuts reports whether the policy keeps a version shut because nobody can tell about an add-on.
func (p *Problem) shuts(n addons.Need) bool {
	return p.Fleet.Policy.UnknownAddons.V == fleet.UnknownBlocks &&
		slices.ContainsFunc(n.Steps, func(s addons.Step) bool { return s.Open(p.Today()) })
}

// Today is the day of now.
func (p *Problem) Today() windows.Day { return windows.Day(p.Now / Day) }

// Held is until when the add-ons of a kind hold a version back.
func (p *Problem) Held(k kind, v upgrade.Minor) Minutes { return p.Addons.holds[k.Addons][v] }

// Near is how long before a hop a forecast must be over for the reason of the campaign to leave it out.
const Near = 60 * Day

// Waits lists the add-ons that hold a cluster's hop to a version back, with their forecasts: those that may come after a time.
func (p *Problem) Waits(u *Unit, v upgrade.Minor, after Minutes) []string {
	var out []string
	for _, n := range u.Needs {
		for _, s := range n.Steps {
			if n.To != v {
				continue
			}
			switch state := s.State(p.Today()); {
			case state == addons.StateUnconfirmed:
				out = append(out, fmt.Sprintf("no release of %s for %s is confirmed, which was likely by %s", s.Addon, v, s.Until.Latest()))
			case s.Kind == addons.Blocked && s.Until.IsZero():
				out = append(out, fmt.Sprintf("%s has no release for %s yet, nobody knows when", s.Addon, v))
			case s.Kind == addons.Blocked && DayMinutes(s.Until.Latest()) >= after:
				out = append(out, fmt.Sprintf("%s has no release for %s yet, likely from %s", s.Addon, v,
					s.Until.Day.Time().Format(time.DateOnly)+PlusMinus(s.Until)))
			case s.Kind == addons.Unsure && p.shuts(n):
				out = append(out, fmt.Sprintf("nothing is known of %s %s, and unknownAddons is block", s.Addon, s.Running))
			}
		}
	}
	return out
}
