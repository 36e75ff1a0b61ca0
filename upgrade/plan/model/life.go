package model

import (
	"math"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/windows"
)

// Minutes are the package's inner clock: minutes since 1970, so that sums of prices stay exact in 64 bits.
type Minutes = int64

const (
	Never    Minutes = math.MaxInt64 / 4
	hour     Minutes = 60
	Day      Minutes = 24 * hour
	weekLong Minutes = 7 * Day
)

// MinutesOf is a time on the inner clock.
func MinutesOf(t time.Time) Minutes { return int64(math.Floor(float64(t.Unix()) / 60)) }

// DayMinutes is the beginning of a day (UTC) on the inner clock.
func DayMinutes(d windows.Day) Minutes { return int64(d) * Day }

// Life is what a cluster of some kind pays for being at one version.
type Life struct {
	Minor    upgrade.Minor
	Window   windows.Window
	Known    bool
	Open     Minutes // a hop to the version may start from then on: it is available, and the target allows it
	Standard Minutes // end of standard support
	Hard     Minutes // end of the last support that the policy allows
	Due      Minutes // hard less the margin
	Fee      fleet.Money
	risk     fleet.Money // per day after due
}

// paid is what being at the version costs between from and to: fees and the price of being out of support.
func (l *Life) paid(from, to Minutes) (fee, risk fleet.Money) {
	return l.feeAt(to) - l.feeAt(from), l.riskAt(to) - l.riskAt(from)
}

func (l *Life) feeAt(t Minutes) fleet.Money {
	return fleet.Money(max(0, min(t, l.Hard)-l.Standard)) * l.Fee / fleet.Money(hour)
}

// riskAt begins a margin before support ends: the policy wants the version to be left by then.
func (l *Life) riskAt(t Minutes) fleet.Money {
	return fleet.Money(max(0, t-max(l.Due, 0))) * l.risk / fleet.Money(Day)
}

// At is what a cluster has paid for the version by a time; differences of it are costs.
func (l *Life) At(t Minutes) fleet.Money { return l.feeAt(t) + l.riskAt(t) }

// Lives are the versions that one kind of cluster can pass through, from the oldest version of the fleet on.
type Lives struct {
	First    upgrade.Minor
	Versions []Life
	skew     int // the provider's limit on node skew
	Spacing  Minutes
	Extended bool // extended support can be bought
	Margin   Minutes
}

// Index is the place of a version.
func (ls *Lives) Index(v upgrade.Minor) int { return v.Sub(ls.First) }

// livesOf builds the versions of a kind of cluster, from a first version to the last that opens before the horizon.
func (p *Problem) livesOf(k kind, first upgrade.Minor) *Lives {
	provider, _ := p.Table.Provider(k.Provider)
	policy := p.Fleet.Policy
	ls := &Lives{First: first, skew: provider.NodeSkew, Spacing: Minutes(provider.RollbackDays) * Day,
		Extended: policy.ExtendedSupport.Allowed.V && SellsExtended(provider, k.Channel), Margin: int64(time.Duration(policy.Margin.V) / time.Minute)}
	var fee fleet.Money
	if ls.Extended {
		fee = feeOf(policy, provider)
	}
	for v := first; ; v = v.Add(1) {
		w, known := p.Table.Window(provider.Name, v)
		l := Life{Minor: v, Window: w, Known: known, Open: p.opens(k, v), Fee: fee, risk: policy.Costs.UnsupportedDay.V}
		ended, past := p.Table.Older(provider.Name, v)
		if past && !ended.IsZero() {
			l.Standard, l.Hard = p.endOf(ended), p.endOf(ended)
		}
		if known {
			l.Standard = p.endOf(w.StandardEnd)
			l.Hard = l.Standard
			if x := w.ExtendedIn(policy.ExtendedSupport.Terms.V); ls.Extended && !x.IsZero() {
				l.Hard = max(l.Hard, p.endOf(x))
			}
		}
		l.Due = l.Hard
		if l.Hard < Never {
			l.Due -= ls.Margin
		}
		if v == first || past {
			l.Open = 0 // nobody hops to the oldest version, and those before the provider's dates came long ago
		}
		if len(ls.Versions) > 0 && l.Open > p.Horizon && !p.inUse(k, v) {
			return ls
		}
		ls.Versions = append(ls.Versions, l)
	}
}

// inUse reports whether a cluster of the kind is at a version or beyond.
func (p *Problem) inUse(k kind, v upgrade.Minor) bool { return !p.newest[k].Less(v) }

// endOf is the end of a support in minutes; a date that nobody knows is taken as never.
func (p *Problem) endOf(d windows.Date) Minutes {
	switch {
	case d.IsZero():
		return Never
	case p.Late:
		return DayMinutes(d.Earliest())
	default:
		return DayMinutes(d.Day)
	}
}

// SellsExtended reports whether clusters of a channel get extended support; the first channel is the default.
func SellsExtended(p windows.Provider, channel string) bool {
	for i, c := range p.Channels {
		if c.Name == channel || channel == "" && i == 0 {
			return c.Extended
		}
	}
	return len(p.Channels) == 0
}

func feeOf(policy fleet.Policy, p windows.Provider) fleet.Money {
	switch {
	case policy.ExtendedSupport.PerClusterHour.Set():
		return policy.ExtendedSupport.PerClusterHour.V
	case p.Extended != nil:
		return fleet.MoneyOf(p.Extended.PerHour)
	default:
		return 0
	}
}

// opens is when a hop to a version may start by the target: with latest-N, when the version N minors newer is available; and add-ons
// have a release for it.
func (p *Problem) opens(k kind, v upgrade.Minor) Minutes {
	target := p.Fleet.Policy.Target.V
	if !target.Fixed.IsZero() && target.Fixed.Less(v) {
		return Never
	}
	available := func(v upgrade.Minor) Minutes {
		w, ok := p.Table.Window(k.Provider, v)
		if !ok {
			return Never
		}
		d := w.AvailableIn(k.Channel)
		switch {
		case d.IsZero():
			return Never
		case p.Late:
			return DayMinutes(d.Latest())
		default:
			return DayMinutes(d.Day)
		}
	}
	return max(available(v), available(v.Add(target.Behind)), p.Held(k, v))
}
