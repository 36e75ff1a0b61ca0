package verify

import (
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/provider"
)

// forced is when the provider upgrades a cluster from a version by itself; false where it does not before the horizon. What should have
// been done already is taken to come a month from now, and for such a cluster nothing comes sooner.
func (v *verifier) forced(c fleet.Cluster, m upgrade.Minor) (time.Time, bool) {
	at, acts := v.published(c, m)
	if first, _ := v.published(c, c.Version.V); acts && !first.After(v.plan.Now) {
		y, month, day := v.plan.Now.UTC().Date()
		at = later(at, time.Date(y, month, day+provider.Grace, 0, 0, 0, 0, time.UTC))
	}
	return at, acts && at.Before(v.plan.Horizon)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// published is the day on which the provider says that it upgrades clusters from a version; long ago for versions before those that are
// known.
func (v *verifier) published(c fleet.Cluster, m upgrade.Minor) (time.Time, bool) {
	p, _ := v.table.Provider(c.Provider.V)
	act, acts := provider.Of(p, c.Channel.V)
	if _, past := v.table.Older(c.Provider.V, m); past {
		return act.From.Time(), acts
	}
	w, known := v.window(c, m)
	u, ok := act.Automatic(w)
	if !acts || !known || !ok {
		return time.Time{}, false
	}
	if v.late {
		return u.Day.Earliest().Time(), true
	}
	return u.Day.Day.Time(), true
}
