package verify

import (
	"time"

	"treadmill/upgrade/addons"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/windows"
)

// holds asks the table of add-ons, cluster by cluster, until when versions are held back because no release is known to support them.
func (v *verifier) holds(known addons.Table) {
	if len(known.Names()) == 0 {
		return
	}
	guide := known.Guide(v.table)
	last := v.table.Newest(windows.Upstream, windows.DayOf(v.plan.Horizon))
	for _, t := range v.clusters {
		var installed []addons.Installed
		for _, a := range t.cluster.Addons {
			installed = append(installed, addons.Installed{Name: a.Name.V, Version: a.Version.V})
		}
		if len(installed) == 0 {
			continue
		}
		for _, n := range guide.Needs(installed, t.cluster.Version.V, last) {
			day := n.Ready.Day
			if v.late {
				day = n.Ready.Latest()
			}
			if t.held[n.To] = day.Time(); n.Never || v.unsure(n) {
				t.held[n.To] = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
			}
		}
	}
}

// unsure reports whether a hop rests on an add-on that nobody can tell about, and the policy shuts such hops.
func (v *verifier) unsure(n addons.Need) bool {
	now := windows.DayOf(v.plan.Now)
	for _, s := range n.Steps {
		overdue := s.Kind == addons.Blocked && s.Until.Day != 0 && s.Until.Day+windows.Day(s.Until.Late) < now
		if v.fleet.Policy.UnknownAddons.V == fleet.UnknownBlocks && (overdue || s.Kind == addons.Unsure) {
			return true
		}
	}
	return false
}
