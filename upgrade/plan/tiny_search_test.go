package plan_test

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// The cost of a plan once more, for tiny fleets: all schedules of a cluster, and the cheapest ones that go together.

// tinySchedule is which opening each hop has, and which the rollout before the first one.
type tinySchedule struct {
	hops    []int
	rollout int // -1 for none
	cost    float64
	forced  map[int]time.Time // by version: when the provider brings the cluster to it
}

// tinyWay is a schedule that is begun, and where the cluster is by then.
type tinyWay struct {
	tinySchedule
	version           int
	since, came, free time.Time // when it left the version before, when it came to this one, and when the next step may begin
	group             []int     // openings of the hops of the campaign that may go on
	room              int       // hops that this campaign can still have
}

// begins is whether nothing was done yet.
func (w tinyWay) begins() bool { return len(w.hops) == 0 && w.rollout < 0 && len(w.forced) == 0 }

// tinySearch goes all ways of a cluster.
type tinySearch struct {
	tiny
	cluster       tinyCluster
	all           [][2]time.Time
	spacing, skew int
	found         []tinySchedule
}

// schedules lists all schedules of a cluster with their costs, the cheapest first.
func (f tiny) schedules(c tinyCluster) []tinySchedule {
	s := tinySearch{tiny: f, cluster: c, all: f.openings(), skew: 3}
	if c.provider == "eks" {
		s.spacing = 7
	}
	if c.provider == "gke" {
		s.skew = 2
	}
	s.from(tinyWay{tinySchedule: tinySchedule{rollout: -1}, version: c.version, since: f.now, came: f.now, free: f.now})
	least := map[string]int{} // of campaigns that share their hops only the cheapest counts
	var kept []tinySchedule
	for _, x := range s.found {
		key := fmt.Sprint(x.hops, x.rollout, x.forced)
		if k, known := least[key]; !known {
			least[key] = len(kept)
			kept = append(kept, x)
		} else if x.cost < kept[k].cost {
			kept[k] = x
		}
	}
	slices.SortFunc(kept, func(a, b tinySchedule) int { return cmp.Compare(a.cost, b.cost) })
	return kept
}

// from goes on in every way: with nothing more or the provider's upgrade, with each next hop, and with a rollout of nodes that are behind.
func (s *tinySearch) from(w tinyWay) {
	at, brought := s.forced(s.cluster, w.version, s.now, s.horizon)
	if brought = brought && !at.Before(w.came); brought {
		s.bring(w, at)
	} else {
		done := w.tinySchedule
		done.hops, done.cost = slices.Clone(w.hops), w.cost+s.stays(s.cluster, w.version, w.since, s.horizon)
		s.found = append(s.found, done)
	}
	for i, o := range s.all {
		if !o[0].Before(w.free) && (!brought || o[0].Before(at)) && s.offered(s.cluster, w.version+1, o[0]) {
			s.hop(w, i)
		}
	}
	if !w.begins() || s.cluster.version <= s.cluster.node {
		return
	}
	for i, o := range s.all {
		if brought && !o[0].Before(at) {
			break
		}
		next := w
		next.rollout, next.cost, next.free = i, w.cost+s.costs[0], o[1]
		s.from(next)
	}
}

// bring is the way on which the provider upgrades the cluster, nodes and all; a hop that is under way is ended first.
func (s *tinySearch) bring(w tinyWay, at time.Time) {
	next := w
	next.forced = map[int]time.Time{w.version + 1: at}
	maps.Copy(next.forced, w.forced)
	next.version, next.since, next.came, next.free = w.version+1, later(at, w.since), at, later(w.free, at)
	next.cost = w.cost + s.stays(s.cluster, w.version, w.since, next.since) + s.costs[0] + s.costs[1] + s.costs[2]
	next.group, next.room = nil, s.skew
	s.from(next)
}

// hop is the way with a hop in an opening: in the campaign before where that can go on, and in one of its own.
func (s *tinySearch) hop(w tinyWay, i int) {
	o := s.all[i]
	next := w
	next.hops = append(slices.Clone(w.hops), i)
	next.version, next.since, next.came, next.free = w.version+1, o[1], o[0], o[1]
	if s.spacing > 0 {
		next.free = later(o[1], o[0].Truncate(24*time.Hour).AddDate(0, 0, s.spacing))
	}
	next.cost = w.cost + s.costs[1] + s.stays(s.cluster, w.version, w.since, o[1])
	if len(w.group) > 0 && w.room > 0 && day(o[0])-day(s.all[w.group[0]][0]) <= s.maxCampaign {
		joined := next
		joined.group, joined.room = append(slices.Clone(w.group), i), w.room-1
		s.from(joined)
	}
	next.cost, next.group, next.room = next.cost+s.costs[0], []int{i}, s.skew-1
	if w.begins() {
		next.room -= s.cluster.version - s.cluster.node // nodes may be behind already
	}
	if next.room >= 0 {
		s.from(next)
	}
}

// optimum is the least cost of all schedules.
func (f tiny) optimum() float64 {
	best := math.Inf(1)
	first := f.schedules(f.clusters[0])
	if len(f.clusters) == 1 {
		for _, s := range first {
			if s.cost < best && f.together([]tinySchedule{s}) {
				best = s.cost
			}
		}
		return best
	}
	second := f.schedules(f.clusters[1])
	for _, a := range first {
		for _, b := range second {
			if a.cost+b.cost >= best {
				break
			}
			if f.together([]tinySchedule{a, b}) {
				best = a.cost + b.cost
			}
		}
	}
	return best
}
