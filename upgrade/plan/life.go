package plan

import (
	"math"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/windows"
)

// minutes are the package's inner clock: minutes since 1970, so that sums of prices stay exact in 64 bits.
type minutes = int64

const (
	never    minutes = math.MaxInt64 / 4
	hour     minutes = 60
	day      minutes = 24 * hour
	weekLong minutes = 7 * day
)

func minutesOf(t time.Time) minutes { return int64(math.Floor(float64(t.Unix()) / 60)) }

func dayMinutes(d windows.Day) minutes { return int64(d) * day }

// life is what a cluster of some kind pays for being at one version.
type life struct {
	minor    upgrade.Minor
	window   windows.Window
	known    bool
	open     minutes // a hop to the version may start from then on: it is available, and the target allows it
	standard minutes // end of standard support
	hard     minutes // end of the last support that the policy allows
	due      minutes // hard less the margin
	fee      fleet.Money
	risk     fleet.Money // per day after due
}

// paid is what being at the version costs between from and to: fees and the price of being out of support.
func (l *life) paid(from, to minutes) (fee, risk fleet.Money) {
	return l.feeAt(to) - l.feeAt(from), l.riskAt(to) - l.riskAt(from)
}

func (l *life) feeAt(t minutes) fleet.Money {
	return fleet.Money(max(0, min(t, l.hard)-l.standard)) * l.fee / fleet.Money(hour)
}

// riskAt begins a margin before support ends: the policy wants the version to be left by then.
func (l *life) riskAt(t minutes) fleet.Money {
	return fleet.Money(max(0, t-max(l.due, 0))) * l.risk / fleet.Money(day)
}

// at is what a cluster has paid for the version by a time; differences of it are costs.
func (l *life) at(t minutes) fleet.Money { return l.feeAt(t) + l.riskAt(t) }

// lives are the versions that one kind of cluster can pass through, from the oldest version of the fleet on.
type lives struct {
	first    upgrade.Minor
	versions []life
	skew     int // the provider's limit on node skew
	spacing  minutes
	extended bool // extended support can be bought
	margin   minutes
}

func (ls *lives) index(v upgrade.Minor) int { return v.Sub(ls.first) }

// livesOf builds the versions of a kind of cluster, from a first version to the last that opens before the horizon.
func (p *problem) livesOf(k kind, first upgrade.Minor) *lives {
	provider, _ := p.table.Provider(k.provider)
	policy := p.fleet.Policy
	ls := &lives{first: first, skew: provider.NodeSkew, spacing: minutes(provider.RollbackDays) * day,
		extended: policy.ExtendedSupport.Allowed.V && sellsExtended(provider, k.channel), margin: int64(time.Duration(policy.Margin.V) / time.Minute)}
	var fee fleet.Money
	if ls.extended {
		fee = feeOf(policy, provider)
	}
	for v := first; ; v = v.Add(1) {
		w, known := p.table.Window(provider.Name, v)
		l := life{minor: v, window: w, known: known, open: p.opens(k, v), fee: fee, risk: policy.Costs.UnsupportedDay.V}
		ended, past := older(p.table, provider.Name, v)
		if past && !ended.IsZero() {
			l.standard, l.hard = p.endOf(ended), p.endOf(ended)
		}
		if known {
			l.standard = p.endOf(w.StandardEnd)
			l.hard = l.standard
			if ls.extended && !w.ExtendedEnd.IsZero() {
				l.hard = max(l.hard, p.endOf(w.ExtendedEnd))
			}
		}
		l.due = l.hard
		if l.hard < never {
			l.due -= ls.margin
		}
		if v == first || past {
			l.open = 0 // nobody hops to the oldest version, and those before the provider's dates came long ago
		}
		if len(ls.versions) > 0 && l.open > p.horizon && !p.inUse(k, v) {
			return ls
		}
		ls.versions = append(ls.versions, l)
	}
}

// older reports whether a version is older than all of a provider that are known. Its support ended before that of the oldest one, whose
// end it gives, a zero date where nobody knows it.
func older(table windows.Table, provider string, v upgrade.Minor) (windows.Date, bool) {
	all := table.Windows(provider)
	if len(all) == 0 || !v.Less(all[0].Minor) {
		return windows.Date{}, false
	}
	return all[0].StandardEnd, true
}

// inUse reports whether a cluster of the kind is at a version or beyond.
func (p *problem) inUse(k kind, v upgrade.Minor) bool { return !p.newest[k].Less(v) }

// endOf is the end of a support in minutes; a date that nobody knows is taken as never.
func (p *problem) endOf(d windows.Date) minutes {
	switch {
	case d.IsZero():
		return never
	case p.late:
		return dayMinutes(d.Earliest())
	default:
		return dayMinutes(d.Day)
	}
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
func (p *problem) opens(k kind, v upgrade.Minor) minutes {
	target := p.fleet.Policy.Target.V
	if !target.Fixed.IsZero() && target.Fixed.Less(v) {
		return never
	}
	available := func(v upgrade.Minor) minutes {
		w, ok := p.table.Window(k.provider, v)
		if !ok {
			return never
		}
		d := w.AvailableIn(k.channel)
		switch {
		case d.IsZero():
			return never
		case p.late:
			return dayMinutes(d.Latest())
		default:
			return dayMinutes(d.Day)
		}
	}
	return max(available(v), available(v.Add(target.Behind)), p.held(k, v))
}
