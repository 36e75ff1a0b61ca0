package plan_test

import (
	"slices"
	"strings"
	"time"

	"treadmill/upgrade"
)

// The rules of docs/planning.md once more, for tiny fleets. They share nothing with what makes or checks plans.

// openings are the times at which something can be done, each to its close: from the beginning of an opening or from midnight (UTC)
// inside it. Freezes are whole days (UTC) and cut openings short, as now does.
func (f tiny) openings() (out [][2]time.Time) {
	y, m, first := f.now.In(f.zone).AddDate(0, 0, -1).Date()
	for d := time.Date(y, m, first, 0, 0, 0, 0, f.zone); d.Before(f.horizon); d = d.AddDate(0, 0, 1) {
		start, end := d.Add(time.Duration(f.from)*time.Hour), d.Add(time.Duration(f.to)*time.Hour)
		if !slices.Contains(f.days, d.Weekday()) || end.After(f.horizon) {
			continue
		}
		for _, part := range f.outside(later(start, f.now), end) {
			whole := part == [2]time.Time{start, end}
			for at := part[0]; at.Before(part[1]) && (whole || part[1].Sub(at) >= time.Hour); whole = false {
				out = append(out, [2]time.Time{at, part[1]})
				at = at.UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
			}
		}
	}
	return out
}

// outside are the parts of a time that no freeze covers.
func (f tiny) outside(start, end time.Time) (out [][2]time.Time) {
	if !start.Before(end) {
		return nil
	}
	for _, z := range f.frozen {
		if start.Before(z[1]) && z[0].Before(end) {
			return append(f.outside(start, earlier(end, z[0])), f.outside(later(start, z[1]), end)...)
		}
	}
	return [][2]time.Time{{start, end}}
}

func day(t time.Time) int { return int(t.Unix() / 86400) }

// offered is whether the target lets a cluster go to a version at a time.
func (f tiny) offered(c tinyCluster, v int, at time.Time) bool {
	for _, x := range []int{v, v + f.target} {
		w, ok := f.table.Window(c.provider, upgrade.V1(x))
		if !ok || w.AvailableIn(c.channel).IsZero() || at.Before(w.AvailableIn(c.channel).Day.Time()) {
			return false
		}
	}
	return true
}

// ends are when standard support ends, all that the provider gives, and what the policy allows.
func (f tiny) ends(c tinyCluster, v int) (standard, given, allowed time.Time) {
	w, _ := f.table.Window(c.provider, upgrade.V1(v))
	standard = w.StandardEnd.Day.Time()
	if given = standard; f.fee(c) > 0 {
		given = w.ExtendedEnd.Day.Time()
	}
	if allowed = standard; f.allowed {
		allowed = given
	}
	return standard, given, allowed
}

// fee is what an hour of extended support costs, 0 for clusters that get none.
func (f tiny) fee(c tinyCluster) float64 {
	return map[string]float64{"eks": 0.5, "eks/extended": 0.5, "gke/extended": 0.5,
		"aks/lts": 0.5}[strings.TrimSuffix(c.provider+"/"+c.channel, "/")]
}

// forced is when the provider upgrades the cluster by itself: on its day or, where that of the version at which the cluster begins has
// passed, thirty days from now at the earliest.
func (f tiny) forced(c tinyCluster, v int, now, horizon time.Time) (time.Time, bool) {
	at := f.published(c, v)
	if first := f.published(c, c.version); !at.IsZero() && !first.After(now) {
		at = later(at, now.Truncate(24*time.Hour).AddDate(0, 0, 30))
	}
	return at, at.After(now) && at.Before(horizon)
}

func (f tiny) published(c tinyCluster, v int) time.Time {
	_, given, _ := f.ends(c, v)
	return map[string]time.Time{"eks": given, "gke": given, "aks": later(given.AddDate(0, 0, 60),
		time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC))}[c.provider]
}

func (f tiny) stays(c tinyCluster, v int, from, to time.Time) float64 {
	standard, given, allowed := f.ends(c, v)
	sum := 0.0
	if end := earlier(to, given); end.After(later(from, standard)) {
		sum += f.fee(c) * end.Sub(later(from, standard)).Hours()
	}
	due := allowed.AddDate(0, 0, -f.margin)
	if to.After(later(from, due)) {
		sum += f.costs[2] * to.Sub(later(from, due)).Hours() / 24
	}
	return sum
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// reached is when a cluster comes to a version by a schedule.
func (f tiny) reached(c tinyCluster, s tinySchedule, version int, all [][2]time.Time) (time.Time, bool) {
	n := 0
	for v := c.version + 1; v <= version; v++ {
		if at, brought := s.forced[v]; brought {
			if v == version {
				return at, true
			}
			continue
		}
		if n == len(s.hops) {
			return time.Time{}, false
		}
		if v == version {
			return all[s.hops[n]][0], true
		}
		n++
	}
	return time.Time{}, true // it runs it already
}

// together reports whether schedules of both clusters keep soak and capacity.
func (f tiny) together(chosen []tinySchedule) bool {
	all := f.openings()
	weeks := map[int]int{}
	for _, s := range chosen {
		steps := slices.Clone(s.hops)
		if s.rollout >= 0 {
			steps = append(steps, s.rollout)
		}
		for _, i := range steps {
			y, w := all[i][0].In(f.zone).ISOWeek()
			if weeks[100*y+w]++; f.perWeek > 0 && weeks[100*y+w] > f.perWeek {
				return false
			}
		}
	}
	for i, c := range f.clusters {
		for j, before := range f.clusters {
			if len(chosen) <= max(i, j) || c.environment != "prod" || before.environment != "dev" {
				continue
			}
			for v := c.version + 1; v <= c.version+8; v++ {
				at, ok := f.reached(c, chosen[i], v, all)
				if _, brought := chosen[i].forced[v]; brought || !ok || v <= before.version {
					continue
				}
				had, ran := f.reached(before, chosen[j], v, all)
				if !ran || day(at)-day(had) < f.soak {
					return false
				}
			}
		}
	}
	return true
}
