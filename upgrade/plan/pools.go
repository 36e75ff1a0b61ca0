package plan

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/plan/model"
)

// PoolRollout is the rollout of a node pool that has windows or a rate of its own.
type PoolRollout struct {
	Cluster string        `json:"cluster"`
	Team    string        `json:"team"`
	Pool    string        `json:"pool"`
	From    upgrade.Minor `json:"from"`
	To      upgrade.Minor `json:"to"`
	Start   time.Time     `json:"start"` // in the time zone of the window
	End     time.Time     `json:"end"`
	Steps   []PoolStep    `json:"steps"` // one where an opening is long enough
}

// PoolStep is one opening of a rollout.
type PoolStep struct {
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
}

// rollouts writes the rollouts of node pools down.
func rollouts(p *model.Problem) []PoolRollout {
	out := []PoolRollout{}
	for _, u := range p.Units {
		for _, r := range u.Rolls {
			x := PoolRollout{Cluster: u.Cluster.Name.V, Team: u.Cluster.Team.V, Pool: u.Pools[r.Pool].Pool.Name.V, From: r.From, To: r.To}
			for _, i := range r.Slots {
				s := u.Pools[r.Pool].Slots.All[i]
				x.Steps = append(x.Steps, PoolStep{model.TimeOf(s.Start, s.Zone), model.TimeOf(s.End, s.Zone)})
			}
			x.Start, x.End = x.Steps[0].Start, x.Steps[len(x.Steps)-1].End
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(a, b PoolRollout) int {
		return cmp.Or(a.Start.Compare(b.Start), strings.Compare(a.Cluster, b.Cluster), strings.Compare(a.Pool, b.Pool))
	})
	return out
}

// behindPools names the node pools that a rollout by itself brings up, and the oldest version among them.
func behindPools(p *model.Problem, u *model.Unit) (names string, oldest upgrade.Minor) {
	var all []string
	oldest = u.Cluster.Version.V
	for _, n := range p.Fleet.Policy.Together(u.Cluster) {
		if n.Version.V.Less(u.Cluster.Version.V) {
			all = append(all, n.Name.V)
		}
		if n.Version.V.Less(oldest) {
			oldest = n.Version.V
		}
	}
	return strings.Join(all, ", "), oldest
}
