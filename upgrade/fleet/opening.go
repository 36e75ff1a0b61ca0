package fleet

import (
	"slices"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade/calendar"
)

// WindowsFor are the places of a cluster's windows in the policy: of those that name it, else of those that name no clusters; none of node
// pools. A policy without windows has DefaultWindow.
func (p Policy) WindowsFor(c Cluster) []int {
	var named, others []int
	for i, w := range p.Windows {
		switch {
		case w.Pools.Set():
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

// PoolWindows are the places of the windows in which a node pool of a cluster alone is rolled out: of those that name the cluster too, else
// of those that name no clusters.
func (p Policy) PoolWindows(c Cluster, pool string) []int {
	var named, others []int
	for i, w := range p.Windows {
		switch {
		case !w.Pools.Set() || !w.Pools.V.Matches(pool):
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

// Windowed reports whether the policy has windows for control planes.
func (p Policy) Windowed() bool {
	return slices.ContainsFunc(p.Windows, func(w Window) bool { return !w.Pools.Set() })
}

// ShortestRest is how much of an opening must be left for work to be planned in it, where something took the rest.
const ShortestRest = time.Hour

// DefaultWindow is when work is done where the policy has no windows: Monday to Friday, 09:00 to 17:00 UTC.
func DefaultWindow() calendar.Window {
	return calendar.Window{Days: [7]bool{false, true, true, true, true, true, false}, From: 9 * 60, To: 17 * 60, Zone: time.UTC}
}

// Window is a maintenance window, and for which clusters it is.
type Window struct {
	Days     []yamlx.At[calendar.Weekday] `yaml:"days"` // default: every day
	From     yamlx.At[calendar.Clock]     `yaml:"from,required"`
	To       yamlx.At[calendar.Clock]     `yaml:"to,required"`
	Timezone yamlx.At[calendar.Zone]      `yaml:"timezone"` // default UTC
	During   Cadence                      `yaml:"during"`   // the only times in which it opens, such as a fortnight a quarter; default: always
	Pools    yamlx.At[Pattern]            `yaml:"pools"`    // node pools that are rolled out in it alone, such as stateful*; default: it is for all else
	Clusters Scope                        `yaml:"clusters"`
	Pos      diag.Position
}

// Calendar is the window in the words of the calendar.
func (w Window) Calendar() calendar.Window {
	out := calendar.Window{From: w.From.V, To: w.To.V, Zone: time.UTC, During: w.During.event}
	if w.Timezone.V.Location != nil {
		out.Zone = w.Timezone.V.Location
	}
	for _, d := range w.Days {
		out.Days[d.V] = true
	}
	if len(w.Days) == 0 {
		out.Days = [7]bool{true, true, true, true, true, true, true}
	}
	return out
}

// Cadence is a time that comes again and again.
type Cadence struct {
	RRule    yamlx.At[string]          `yaml:"rrule,required"`    // such as FREQ=MONTHLY;BYMONTH=2,5,8,11;BYDAY=1MO
	Duration yamlx.At[Duration]        `yaml:"duration,required"` // such as 14d
	From     yamlx.At[calendar.Moment] `yaml:"from"`              // where recurrences are counted from; default December 1999
	Pos      diag.Position
	event    calendar.Event
}

// Event is the time in the words of the calendar; without a rule where there is none.
func (c Cadence) Event() calendar.Event { return c.event }

// resolve turns what was written into an event.
func (c *Cadence) resolve(r *reader, zone *time.Location) {
	if !c.RRule.Set() {
		return
	}
	e, ok := r.recurrence(*c, "during", zone)
	if c.event = e; ok && never(e) {
		r.warn(c.RRule.Pos, "fleet/rrule", "no day is like this, so that the window never opens")
	}
}
