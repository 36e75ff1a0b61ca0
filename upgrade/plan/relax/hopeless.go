package relax

import (
	"treadmill/upgrade"
	"treadmill/upgrade/plan/model"
)

// hopeless reports whether a cluster is out of support for too long before it can leave the version that it is at, however it and those
// before it in its group are planned. It asks for less than a plan does (the clusters before have all capacity, and hops of a cluster may
// share an opening), so that it never rules one out, and most trials end here.
func hopeless(q *model.Problem, u *model.Unit) bool {
	l := &u.Lives.Versions[u.At]
	leaves := min(q.Horizon, l.Forced)
	if u.At+1 < len(u.Lives.Versions) {
		room := q.Room[u.Cluster.Team.V]
		for i := u.Slots.After(soonest(q, u, u.At+1, q.Now), 0); int(i) < len(u.Slots.All); i++ {
			if x := u.Slots.All[i]; room == nil || room[x.Week] > 0 {
				leaves = min(leaves, x.End)
				break
			}
		}
	}
	return leaves-max(q.Now, l.Hard) > patience
}

// soonest is when the hop of a cluster to a version may start at the soonest, from a time on.
func soonest(q *model.Problem, u *model.Unit, v int, from model.Minutes) model.Minutes {
	if u.Blocked != "" {
		return model.Never
	}
	l := &u.Lives.Versions[v]
	from = max(from, l.Open)
	soaked := func(at model.Minutes) {
		if at > -model.Never {
			from = max(from, (min(at, model.Never)/model.Day+model.Minutes(u.Soak))*model.Day)
		}
	}
	for _, x := range u.Settled {
		soaked(x.StartOf(l.Minor.Sub(x.Lives.First)))
	}
	if len(u.Settled) > 0 {
		return from
	}
	for _, x := range u.Lower {
		soaked(reaches(q, x, l.Minor))
	}
	return from
}

// reaches is when a cluster comes to a version at the soonest: never, or long ago when it is there.
func reaches(q *model.Problem, u *model.Unit, m upgrade.Minor) model.Minutes {
	to, at := m.Sub(u.Lives.First), q.Now
	switch {
	case to <= u.At:
		return -model.Never
	case to >= len(u.Lives.Versions):
		return model.Never
	}
	for v := u.At + 1; v <= to; v++ {
		hop := model.Never
		if i := u.Slots.After(soonest(q, u, v, at), 0); int(i) < len(u.Slots.All) {
			hop = u.Slots.All[i].Start
		}
		at = min(hop, max(at, u.Lives.Versions[v-1].Forced))
	}
	return at
}
