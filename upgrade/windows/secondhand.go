package windows

import (
	"slices"

	"treadmill/upgrade"
)

// Fact is one day that sources give for a milestone of a minor: not one that is projected.
type Fact struct {
	Minor     upgrade.Minor
	Milestone string
	Sources   []Source // those that say this day; the one that is used first
}

// SecondHand reports whether no source says the day that is the provider's own.
func (f Fact) SecondHand() bool {
	return !slices.ContainsFunc(f.Sources, func(s Source) bool { return !s.SecondHand() })
}

// Facts lists what sources say of a provider, by minor.
func (t Table) Facts(provider string) []Fact {
	p, ok := t.Provider(provider)
	if !ok {
		return nil
	}
	var out []Fact
	for _, w := range t.Windows(provider) {
		dates := append([]Milestone{{Name: "available", Date: w.Available}, {Name: "standard", Date: w.StandardEnd},
			{Name: "extended", Date: w.ExtendedEnd}}, w.Others...)
		for _, m := range dates {
			if m.Date.IsZero() || m.Date.Status == Projected {
				continue
			}
			f := Fact{Minor: w.Minor, Milestone: m.Name}
			for _, key := range append([]string{m.Date.Source}, m.Date.Also...) {
				if s, ok := p.Source(key); ok {
					f.Sources = append(f.Sources, s)
				}
			}
			out = append(out, f)
		}
	}
	return out
}
