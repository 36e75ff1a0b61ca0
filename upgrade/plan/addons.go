package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/windows"
)

// AddonStep is what one add-on of a cluster asks for in one hop of a campaign.
type AddonStep struct {
	Addon string        `json:"addon"`
	Hop   upgrade.Minor `json:"hop"`  // the version that the control plane hops to
	Kind  addons.Kind   `json:"kind"` // bridge, after, gap, blocked, migrate or unknown
	From  string        `json:"from"` // the release that runs; "" for one that does not exist yet
	To    string        `json:"to"`   // the release to go to; "" where there is none
	Path  []string      `json:"path"` // the releases on the way, To last
	// Expected is when a release for the version is likely, for a step that is blocked; Early and Late by how many days that may be off.
	Expected windows.Day `json:"expected,omitempty"`
	Early    int         `json:"early,omitempty"`
	Late     int         `json:"late,omitempty"`
	Reason   string      `json:"reason"`
}

// companions is what add-ons mean for the problem: what those of a cluster need, and from when versions can be had with them.
type companions struct {
	table addons.Table
	guide *addons.Guide
	last  upgrade.Minor // the newest version that upstream has by the horizon
	known map[string][]addons.Need
	holds map[string]map[upgrade.Minor]minutes // by profile: versions that add-ons hold back, until when
}

func newCompanions(known addons.Table, calendar windows.Table, horizon minutes) *companions {
	return &companions{table: known, guide: known.Guide(calendar), last: calendar.Newest(windows.Upstream, windows.Day(horizon/day)),
		known: map[string][]addons.Need{}, holds: map[string]map[upgrade.Minor]minutes{}}
}

// needs is what the add-ons of a cluster ask for, hop by hop from its version on; nil for a cluster without any, and without a table.
func (c *companions) needs(x fleet.Cluster) []addons.Need {
	if len(x.Addons) == 0 || len(c.table.Names()) == 0 {
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
func (p *problem) profile(needs []addons.Need) string {
	key := ""
	holds := map[upgrade.Minor]minutes{}
	for _, n := range needs {
		until := p.ready(n)
		if until <= p.now {
			continue
		}
		holds[n.To] = until
		key += fmt.Sprintf("%s@%d ", n.To, until)
	}
	if key != "" {
		p.addons.holds[key] = holds
	}
	return key
}

// ready is when the add-ons allow a hop, as far as anybody can tell.
func (p *problem) ready(n addons.Need) minutes {
	switch {
	case n.Never:
		return never
	case p.late:
		return dayMinutes(n.Ready.Latest())
	default:
		return dayMinutes(n.Ready.Day)
	}
}

// held is until when the add-ons of a kind hold a version back.
func (p *problem) held(k kind, v upgrade.Minor) minutes { return p.addons.holds[k.addons][v] }

// addonSteps are the steps of a cluster's add-ons in the hops of a campaign.
func (p *problem) addonSteps(u *unit, w work) []AddonStep {
	out := []AddonStep{}
	first := u.lives.versions[w.from].minor
	for _, n := range u.needs {
		if n.To.Sub(first) < 1 || n.To.Sub(first) > w.hops {
			continue
		}
		for _, s := range n.Steps {
			step := AddonStep{Addon: s.Addon, Hop: s.To, Kind: s.Kind, From: s.Running, To: s.Version, Path: append([]string{}, s.Path...), Reason: s.Reason}
			if s.Kind == addons.Blocked {
				step.Expected, step.Early, step.Late = s.Until.Day, s.Until.Early, s.Until.Late
			}
			out = append(out, step)
		}
	}
	return out
}

// addonFindings says what the user must decide about add-ons: projects that have ended, hops that no release bridges, and releases
// that nobody knows anything of, these once for all clusters.
func (p *problem) addonFindings() []diag.Finding {
	var out []diag.Finding
	unknown := map[addons.Installed][]diag.Position{}
	for _, u := range p.units {
		seen := map[string]bool{}
		for _, w := range u.work {
			for _, s := range p.addonSteps(u, w) {
				id := map[addons.Kind]string{addons.Migrate: "plan/addon-retired", addons.Gap: "plan/addon-gap"}[s.Kind]
				at := u.addonAt(p, s.Addon)
				if s.Kind == addons.Unsure && !seen[s.Addon] {
					seen[s.Addon] = true
					unknown[addons.Installed{Name: s.Addon, Version: s.From}] = append(unknown[addons.Installed{Name: s.Addon, Version: s.From}], at)
				}
				if id != "" {
					out = append(out, diag.Finding{ID: id, Severity: diag.Warning, Position: at, Message: fmt.Sprintf("%s of %s, before %s in the campaign of %s: %s",
						s.Addon, u.cluster.Name.V, s.Hop, dateOf(u.slots.all[w.slots[0]].start), s.Reason)})
				}
			}
		}
	}
	for x, places := range unknown {
		slices.SortFunc(places, func(a, b diag.Position) int {
			return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
		})
		out = append(out, diag.Finding{ID: "plan/addon-unknown", Severity: diag.Info, Position: places[0], Message: fmt.Sprintf(
			"nothing is known of %s %s, which the plan takes to fit every version; %d in the fleet; give rows with --addons", x.Name, x.Version, len(places))})
	}
	return out
}

// addonAt is where the fleet file says that a cluster runs an add-on.
func (u *unit) addonAt(p *problem, name string) diag.Position {
	for _, a := range u.cluster.Addons {
		if x, ok := p.addons.table.Addon(a.Name.V); a.Name.V == name || ok && x.Name == name {
			return a.Name.Pos
		}
	}
	return u.cluster.Name.Pos
}

// near is how long before a hop a forecast must be over for the reason of the campaign to leave it out.
const near = 60 * day

// waits lists the add-ons that hold a cluster's hop to a version back, with their forecasts: those that may come after a time.
func (p *problem) waits(u *unit, v upgrade.Minor, after minutes) []string {
	var out []string
	for _, n := range u.needs {
		for _, s := range n.Steps {
			if n.To == v && s.Kind == addons.Blocked && (s.Until.IsZero() || dayMinutes(s.Until.Latest()) >= after) {
				when := "nobody knows when"
				if !s.Until.IsZero() {
					when = "likely from " + s.Until.Day.Time().Format(time.DateOnly) + plusMinus(s.Until)
				}
				out = append(out, fmt.Sprintf("%s has no release for %s yet, %s", s.Addon, v, when))
			}
		}
	}
	return out
}
