package model

import (
	"math"
	"slices"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/provider"
	"treadmill/upgrade/windows"
)

// Minutes are the package's inner clock: minutes since 1970, so that sums of prices stay exact in 64 bits.
type Minutes = int64

// Never is later than all that is planned, Day the minutes of one.
const (
	Never    Minutes = math.MaxInt64 / 4
	hour     Minutes = 60
	Day      Minutes = 24 * hour
	weekLong Minutes = 7 * Day
)

// MonthHours are the hours of a month, where a price is given by the month.
const MonthHours = 730

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
	Ends     Minutes // end of the last support that the provider gives the cluster, and bills, whatever the policy allows
	Hard     Minutes // end of the last support that the policy allows
	Due      Minutes // hard less the margin
	Forced   Minutes // when the provider upgrades the cluster by itself: after now, or never
	Overdue  bool    // it should have done so already, or may at any time
	Since    Minutes // from when on; 0 where nobody knows
	Fee      fleet.Money
	risk     fleet.Money // per day after due
}

// Name is the version, with the provider's own name of it.
func (l *Life) Name() string { return l.Minor.As(l.Window.Release) }

// paid is what being at the version costs between from and to: fees and the price of being out of support.
func (l *Life) paid(from, to Minutes) (fee, risk fleet.Money) {
	return l.feeAt(to) - l.feeAt(from), l.riskAt(to) - l.riskAt(from)
}

func (l *Life) feeAt(t Minutes) fleet.Money {
	return fleet.Money(max(0, min(t, l.Ends)-l.Standard)) * l.Fee / fleet.Money(hour)
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
	Extended bool // the policy allows extended support, and there is some
	Margin   Minutes
	Act      provider.Act // what the provider does by itself
}

// After is when the hop after one in an opening may start at the soonest: the opening is over, and the provider's time to roll back too.
// It counts calendar days (UTC) from start to start.
func (ls *Lives) After(x Slot) Minutes {
	if ls.Spacing == 0 {
		return x.End
	}
	return max(x.End, (x.Start/Day)*Day+ls.Spacing)
}

// Index is the place of a version.
func (ls *Lives) Index(v upgrade.Minor) int { return v.Sub(ls.First) }

// livesOf builds the versions of a kind of cluster, from a first version to the last that opens before the horizon, or to which the
// provider brings it.
func (p *Problem) livesOf(k kind, first upgrade.Minor) *Lives {
	of, _ := p.Table.Provider(k.Provider)
	policy := p.Fleet.Policy
	sells := Extended(policy, of, k.Channel)
	ls := &Lives{First: first, skew: of.NodeSkew, Spacing: Minutes(of.RollbackDays) * Day,
		Extended: policy.ExtendedSupport.Allowed.V && sells, Margin: int64(time.Duration(policy.Margin.V) / time.Minute)}
	ls.Act, _ = provider.Of(of, k.Channel)
	var fee fleet.Money
	if sells {
		fee = FeeOf(policy, of)
	}
	forced := false
	for v := first; ; v = v.Add(1) {
		l := p.lifeOf(k, ls, v, sells)
		l.Fee = fee
		if v == first {
			l.Open = 0 // nobody hops to the oldest version
		}
		if len(ls.Versions) > 0 && l.Open > p.Horizon && !p.inUse(k, v) && !forced {
			return ls
		}
		forced = l.Known && l.Forced < p.Horizon
		ls.Versions = append(ls.Versions, l)
	}
}

// lifeOf is one version of a kind of cluster.
func (p *Problem) lifeOf(k kind, ls *Lives, v upgrade.Minor, sells bool) Life {
	w, known := p.windowOf(k.Provider, v)
	l := Life{Minor: v, Window: w, Known: known, Open: p.opens(k, v), Forced: Never, risk: p.Fleet.Policy.Costs.UnsupportedDay.V}
	ended, past := p.Table.Older(k.Provider, v)
	if past {
		if l.Open = 0; !ended.IsZero() { // it came before the dates that are known
			l.Standard = p.endOf(ended)
		}
	}
	if known {
		l.Standard = p.endOf(w.StandardEnd)
	}
	l.Ends, l.Hard = l.Standard, l.Standard
	if x := w.ExtendedIn(p.Fleet.Policy.ExtendedSupport.Terms.V); known && sells && !x.IsZero() {
		if l.Ends = max(l.Ends, p.endOf(x)); ls.Extended {
			l.Hard = l.Ends
		}
	}
	if l.Due = l.Hard; l.Hard < Never {
		l.Due -= ls.Margin
	}
	p.acts(k, ls.Act, &l, past)
	return l
}

// windowOf is the window of a version at a provider. Where the calendar has versions before and after it and nothing of it, it came no
// later than the one after it, and its support ended no sooner than that of the one before.
func (p *Problem) windowOf(provider string, v upgrade.Minor) (windows.Window, bool) {
	w, known := p.Table.Window(provider, v)
	if known {
		return w, true
	}
	all := p.Table.Windows(provider)
	i := slices.IndexFunc(all, func(x windows.Window) bool { return v.Less(x.Minor) })
	if i < 1 {
		return w, false
	}
	return windows.Window{
		Provider:    provider,
		Minor:       v,
		Available:   all[i].Available,
		StandardEnd: all[i-1].StandardEnd,
		ExtendedEnd: all[i-1].ExtendedEnd,
	}, true
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

// Extended reports whether a cluster in a channel gets extended support: by itself, where the provider bills it by the hour, else where
// the policy says that it is bought.
func Extended(policy fleet.Policy, p windows.Provider, channel string) bool {
	return sellsExtended(p, channel) && (p.Extended != nil || policy.ExtendedSupport.Allowed.V)
}

// sellsExtended reports whether clusters of a channel get extended support; the first channel is the default.
func sellsExtended(p windows.Provider, channel string) bool {
	for i, c := range p.Channels {
		if c.Name == channel || channel == "" && i == 0 {
			return c.Extended
		}
	}
	return len(p.Channels) == 0
}

// FeeOf is what an hour of extended support costs: by the policy, else by the provider.
func FeeOf(policy fleet.Policy, p windows.Provider) fleet.Money {
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
		d := p.Table.Offered(k.Provider, v, k.Channel)
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
