package relax

import (
	"fmt"
	"slices"

	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/model"
)

// cadenceRules open the windows of the cluster at other times than those that they are for, and then those of the clusters before it too.
func cadenceRules(p *model.Problem, u *model.Unit) []rule {
	chain := slices.Concat(tiers(u)...)
	open := func(text string, units []*model.Unit) (relaxation, bool) {
		var windows []int
		for _, x := range units {
			for _, i := range p.Fleet.Policy.WindowsFor(x.Cluster) {
				if p.Fleet.Policy.Windows[i].During.RRule.Set() {
					windows = append(windows, i)
				}
			}
		}
		return relaxation{func(n string) string { return fmt.Sprintf(text, n) }, func(t *trial) {
			t.fleet.Policy.Windows = slices.Clone(t.fleet.Policy.Windows)
			for _, i := range windows {
				t.fleet.Policy.Windows[i].During = fleet.Cadence{}
			}
		}}, len(windows) > 0
	}
	var r rule
	if x, some := open("open the windows of %s at other times than during", []*model.Unit{u}); some {
		r.grades = append(r.grades, x)
	}
	if x, some := open("open the windows of %s and of what goes before it at other times than during", chain); some && len(chain) > 1 {
		r.grades = append(r.grades, x)
	}
	if len(r.grades) == 0 {
		return nil
	}
	return []rule{r}
}
