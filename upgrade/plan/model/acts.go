package model

import (
	"treadmill/upgrade"
	"treadmill/upgrade/provider"
)

// acts notes on a version when the provider upgrades clusters from it by itself. What it should have done already is taken to come a while
// from now, as it may come any day; so is what follows, for clusters that are overdue.
func (p *Problem) acts(k kind, act provider.Act, l *Life, past bool) {
	day, since, acts := p.published(act, l, past)
	if !acts {
		return
	}
	l.Since, l.Overdue = since, since <= p.Now
	if l.Forced = day; k.Overdue {
		l.Forced = max(day, (p.Now/Day+provider.Grace)*Day)
	} else if day <= p.Now {
		l.Forced = Never // no cluster of the kind comes to it
	}
}

// published is the day on which a provider says that it upgrades clusters from a version, and from when on they are overdue: long ago for
// versions that are older than those which are known.
func (p *Problem) published(act provider.Act, l *Life, past bool) (day, since Minutes, acts bool) {
	if past {
		return DayMinutes(act.From), 0, act.Provider != ""
	}
	u, acts := act.Automatic(l.Window)
	if !acts || !l.Known {
		return 0, 0, false
	}
	return p.endOf(u.Day), DayMinutes(u.Since), true
}

type kindVersion struct {
	kind    kind
	version upgrade.Minor
}

// overdue reports whether the provider should have upgraded clusters of a kind from a version already.
func (p *Problem) overdue(k kind, v upgrade.Minor) bool {
	key := kindVersion{kind{Provider: k.Provider, Channel: k.Channel}, v}
	late, known := p.Shared.overdue[key]
	if !known {
		of, _ := p.Table.Provider(k.Provider)
		act, _ := provider.Of(of, k.Channel)
		l := Life{Minor: v}
		l.Window, l.Known = p.windowOf(k.Provider, v)
		_, past := p.Table.Older(k.Provider, v)
		day, _, acts := p.published(act, &l, past)
		late = acts && day <= p.Now
		p.Shared.overdue[key] = late
	}
	return late
}
