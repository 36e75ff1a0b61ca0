package compile

import "treadmill/slo"

// maxFamily is how many SLOs share one recording: all of their alerts are in one group, whose rules run one after the other.
const maxFamily = 16

// share lets SLOs that count the same events read them once: all but the first take their tiles from the tiles of the
// first, in the order of the SLOs. Each still records its own series, so that it does not matter for what was recorded
// which of them is the first.
func share(drafts []*Draft) {
	owners := map[string]*Draft{}
	for _, d := range drafts {
		if d.Failed() || len(d.SLO.Components) > 0 {
			continue
		}
		total, _ := CountedSeries(d.SLO)
		key := total + "\x00" + d.events.Written[0]
		owner := owners[key]
		if owner == nil || len(owner.family) == maxFamily {
			owners[key] = d
			d.family = []*Draft{d}
			continue
		}
		d.take(owner)
		d.Cost.Rules = d.size()
		owner.family = append(owner.family, d)
	}
}

// take makes a draft count from the tiles of another one, and bad events from those of any of its family.
func (d *Draft) take(owner *Draft) {
	total, bad := CountedSeries(d.SLO)
	p := &d.parts[0]
	p.RuleTotal, p.total, d.Cost.TotalFrom = total+owner.matchers, owner.SLO.ID, owner.SLO.ID
	for _, m := range owner.family {
		if q := m.parts[0]; m.Cost.BadFrom == "" && q.Written[1] == p.Written[1] && q.Good == p.Good {
			p.RulePart, p.taken, d.Cost.BadFrom = bad+m.matchers, true, m.SLO.ID
			d.Cost.PerSeries = slo.NewNumber(0, 1)
			return
		}
	}
}

// Families are the drafts that did not fail, those that share recordings together, in their order.
func Families(drafts []*Draft) [][]*Draft {
	out := make([][]*Draft, 0, len(drafts))
	for _, d := range drafts {
		switch {
		case d.Failed() || d.Cost.TotalFrom != "":
		case len(d.family) > 0:
			out = append(out, d.family)
		default:
			out = append(out, []*Draft{d})
		}
	}
	return out
}
