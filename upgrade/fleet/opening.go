package fleet

import (
	"time"

	"treadmill/upgrade/calendar"
)

// WindowsFor are the places of a cluster's windows in the policy: of those that name it, else of those that name no clusters. A policy
// without windows has DefaultWindow.
func (p Policy) WindowsFor(c Cluster) []int {
	var named, others []int
	for i, w := range p.Windows {
		switch {
		case w.Clusters.IsZero():
			others = append(others, i)
		case w.Clusters.Matches(c):
			named = append(named, i)
		}
	}
	if len(named) > 0 {
		return named
	}
	return others
}

// DefaultWindow is when work is done where the policy has no windows: Monday to Friday, 09:00 to 17:00 UTC.
func DefaultWindow() calendar.Window {
	return calendar.Window{Days: [7]bool{false, true, true, true, true, true, false}, From: 9 * 60, To: 17 * 60, Zone: time.UTC}
}
