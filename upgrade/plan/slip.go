package plan

import (
	"time"

	"treadmill/upgrade/plan/model"
)

// slips is how many openings are tried for a campaign that slips.
const slips = 120

// slip finds the nearest openings that an approved campaign can have after those that it cannot keep: its first step as soon as it may be,
// the others as far behind it as they were. It reports false where there are none that break no rule.
func slip(p *model.Problem, u *model.Unit, c Campaign, crowds []model.Crowd) ([]int32, bool) {
	all := u.Slots.All
	first := u.Slots.After(max(p.Now, model.MinutesOf(c.Start)), 0)
	for i := first; int(i) < len(all) && i < first+slips; i++ {
		moved := c
		moved.Steps = nil
		at := i
		for k, s := range c.Steps {
			if k > 0 {
				at = u.Slots.After(all[i].Start+model.MinutesOf(s.Start)-model.MinutesOf(c.Steps[0].Start), at+1)
			}
			if int(at) >= len(all) {
				return nil, false
			}
			s.Start, s.End = model.TimeOf(all[at].Start, time.UTC), model.TimeOf(all[at].End, time.UTC)
			moved.Steps = append(moved.Steps, s)
		}
		moved.Start, moved.End = moved.Steps[0].Start, moved.Steps[len(moved.Steps)-1].End
		if slots, why := fits(p, u, moved); why == "" && !p.Crowded(u, slots, crowds) {
			return slots, true
		}
	}
	return nil, false
}
