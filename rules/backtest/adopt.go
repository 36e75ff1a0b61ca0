package backtest

import (
	"cmp"
	"fmt"
	"slices"

	"treadmill/slo"
)

// Tried is an SLO and the objectives that were tried for it.
type Tried struct {
	SLO     slo.SLO
	Options []Option
}

// Adoption is what becomes of an SLO's objective. Both are in percent.
type Adoption struct {
	From, To slo.Number // To is From where nothing is suggested
	Kept     string     // why the suggestion is not taken, "" where it is, or where there is none
}

// Adopt decides which suggestions are taken, in the order of what was tried. SLOs that count the same events over one period are tiers of
// one promise: the strictest takes its suggestion and the others stay, and no two come to be equal or change places. A looser objective
// is taken only where that is wanted: a bad quarter by itself is no reason to promise less.
func Adopt(tried []Tried, loosen bool) []Adoption {
	out := make([]Adoption, len(tried))
	tiers := map[string][]int{}
	for i, t := range tried {
		now := percent(t.SLO)
		out[i] = Adoption{From: now, To: now}
		for _, o := range t.Options {
			if o.Suggested {
				out[i].To = o.Objective
			}
		}
		k := tierKey(t.SLO)
		tiers[k] = append(tiers[k], i)
	}
	for _, of := range tiers {
		slices.SortStableFunc(of, func(i, j int) int { return cmp.Compare(0, out[i].From.Cmp(out[j].From)) }) // the strictest first
		for n, i := range of {
			out[i].Kept = out[i].refused(tried, of, n, loosen)
		}
	}
	return out
}

// refused says why the n-th strictest of some tiers does not take its suggestion.
func (a Adoption) refused(tried []Tried, tiers []int, n int, loosen bool) string {
	switch {
	case a.To.Cmp(a.From) == 0:
		return ""
	case n > 0:
		return fmt.Sprintf("it is a tier below %s of the same events, which alone takes its suggestion", tried[tiers[0]].SLO.ID)
	case len(tiers) > 1 && a.To.Cmp(percent(tried[tiers[1]].SLO)) <= 0:
		return fmt.Sprintf("then it would be no stricter than its tier %s with %s%%", tried[tiers[1]].SLO.ID, percent(tried[tiers[1]].SLO))
	case a.To.Cmp(a.From) < 0 && !loosen:
		return "it is looser, and a bad quarter by itself is no reason to promise less: --loosen writes it"
	}
	return ""
}

func percent(s slo.SLO) slo.Number { return s.Objective.Mul(slo.NewNumber(100, 1)) }

// tierKey is the same for SLOs that count the same events over one period.
func tierKey(s slo.SLO) string {
	in := s.Indicator
	return fmt.Sprintf("%q %q %q %q %v %s", in.Total.Text, in.Bad.Text, in.Good.Text, in.Ratio.Text, in.Slice.Window, s.Period.Length)
}
