package plan

import (
	"cmp"
	"fmt"
	"slices"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/provider"
)

// imageStep is that nodes of a cluster must leave their image, runtime or cgroup version before a hop.
type imageStep struct {
	image provider.Image
	pools []string
	hop   upgrade.Minor
	at    diag.Position
}

// imageSteps are what nodes must leave before a campaign takes them on: they come to the version of its last hop, and cannot run it with
// what they have.
func imageSteps(u *model.Unit, w model.Work) imageList {
	var out imageList
	first := u.Lives.Versions[w.From].Minor
	last := first.Add(w.Hops)
	for _, pool := range u.Cluster.Nodes {
		nodes := first // campaigns end with the nodes
		if w.Slots[0] == u.Work[0].Slots[0] && pool.Version.V != (upgrade.Minor{}) {
			nodes = pool.Version.V
		}
		for kind, name := range map[string]yamlx.At[string]{"os": pool.OS, "runtime": pool.Runtime, "cgroup": pool.Cgroup} {
			x, known := provider.ImageOf(u.Cluster.Provider.V, kind, name.V)
			hop := x.Last.Add(1)
			if !known || hop.Sub(nodes) < 1 || last.Sub(hop) < 0 {
				continue
			}
			if behind := first.Add(min(1, w.Hops)); hop.Sub(behind) < 0 {
				hop = behind // the control plane is there already, and the nodes follow it
			}
			i := slices.IndexFunc(out, func(s imageStep) bool { return s.image.Title == x.Title })
			if i < 0 {
				i = len(out)
				out = append(out, imageStep{image: x, hop: hop, at: name.Pos})
			}
			out[i].pools = append(out[i].pools, pool.Name.V)
		}
	}
	slices.SortFunc(out, func(a, b imageStep) int {
		return cmp.Or(a.hop.Compare(b.hop), cmp.Compare(a.image.Title, b.image.Title))
	})
	return out
}

// imageList is the migrations of one campaign.
type imageList []imageStep

// steps are the migrations as steps of the campaign.
func (l imageList) steps() []AddonStep {
	out := []AddonStep{}
	for _, s := range l {
		out = append(out, s.step())
	}
	return out
}

func (s imageStep) step() AddonStep {
	return AddonStep{
		Addon:  fmt.Sprintf("%s of nodes %s", s.image.Title, list(s.pools)),
		Hop:    s.hop,
		Kind:   addons.Migrate,
		From:   s.image.Title,
		Path:   []string{},
		State:  addons.StateEnded,
		Reason: fmt.Sprintf("%s; instead: %s", s.image.Why, s.image.Instead),
	}
}

func list(names []string) string {
	out := names[0]
	for _, n := range names[1:] {
		out += ", " + n
	}
	return out
}

// imageFindings says which nodes must leave what they run with before a hop.
func imageFindings(p *model.Problem) []diag.Finding {
	var out []diag.Finding
	for _, u := range p.Units {
		for _, w := range u.Work {
			for _, s := range imageSteps(u, w) {
				ended := ""
				if !s.image.Ends.IsZero() {
					ended = fmt.Sprintf(", whose support ends %s", s.image.Ends)
					if s.image.Ends <= p.Today() {
						ended = fmt.Sprintf(", out of support since %s", s.image.Ends)
					}
				}
				out = append(out, diag.Finding{ID: "plan/node-image", Severity: diag.Warning, Position: s.at, Message: fmt.Sprintf(
					"nodes %s of %s run %s%s: migrate them to %s before %s in the campaign of %s: %s",
					list(s.pools), u.Cluster.Name.V, s.image.Title, ended, s.image.Instead, s.hop,
					model.DateOf(u.Slots.All[w.Slots[0]].Start), s.image.Why)})
			}
		}
	}
	return out
}
