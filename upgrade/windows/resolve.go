package windows

import (
	"cmp"
	"maps"
	"slices"

	"treadmill/upgrade"
)

// Merge is t with the calendars of another table laid over it: a provider that t does not have is added; for one that
// it has, by name or alias, the rows of over come first, so that t's become agreeing sources or conflicts, and the properties and rules
// that over gives replace t's. Projections are made anew.
func (t Table) Merge(over Table) Table {
	out := slices.Clone(t.calendars)
	for _, c := range over.calendars {
		base := Table{calendars: out}.calendar(c.Name)
		if base == nil {
			out = append(out, c)
			continue
		}
		*base = base.merge(c)
	}
	return Table{}.with(out)
}

func (c calendar) merge(over calendar) calendar {
	c.Title = cmp.Or(over.Title, c.Title)
	c.Aliases = union(c.Aliases, over.Aliases)
	c.Notes = union(over.Notes, c.Notes)
	if over.has.nodeSkew {
		c.NodeSkew = over.NodeSkew
	}
	if over.has.rollback {
		c.RollbackDays = over.RollbackDays
	}
	c.Extended = cmp.Or(over.Extended, c.Extended)
	if over.Channels != nil {
		c.Channels = over.Channels
	}
	if over.Terms != nil {
		c.Terms = over.Terms
	}
	c.lag = cmp.Or(over.lag, c.lag)
	for i := range c.ends {
		c.ends[i] = cmp.Or(over.ends[i], c.ends[i])
	}
	c.Sources = mergeSources(c.Sources, over.Sources)
	releases := maps.Clone(c.releases)
	if releases == nil {
		releases = map[upgrade.Minor]named{}
	}
	maps.Copy(releases, over.releases)
	c.releases = releases
	c.facts = slices.Concat(over.facts, c.facts)
	return c
}

// mergeSources is the sources of both tables by key; those of over win.
func mergeSources(base, over []Source) []Source {
	byKey := map[string]Source{}
	for _, s := range slices.Concat(base, over) {
		byKey[s.Key] = s
	}
	out := make([]Source, 0, len(byKey))
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		out = append(out, byKey[key])
	}
	return out
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// with is a table of t's calendars and more, their windows made anew.
func (t Table) with(more []calendar) Table {
	all := slices.Clone(t.calendars)
	for _, c := range more {
		if i := slices.IndexFunc(all, func(o calendar) bool { return o.Name == c.Name }); i >= 0 {
			all[i] = all[i].merge(c)
			continue
		}
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b calendar) int { return cmp.Compare(a.Name, b.Name) })
	var upstream []Window
	for i := range all {
		if all[i].Name == Upstream {
			all[i].resolve(nil)
			upstream = all[i].windows
		}
	}
	for i := range all {
		if all[i].Name != Upstream {
			all[i].resolve(upstream)
		}
	}
	return Table{calendars: all}
}

// resolve makes the windows of a calendar from its facts and rules.
func (c *calendar) resolve(upstream []Window) {
	byMinor := map[upgrade.Minor]map[string][]fact{}
	for _, f := range c.facts {
		if byMinor[f.minor] == nil {
			byMinor[f.minor] = map[string][]fact{}
		}
		byMinor[f.minor][f.milestone] = append(byMinor[f.minor][f.milestone], f)
	}
	c.windows, c.Rows = nil, len(c.facts)
	for _, m := range slices.SortedFunc(maps.Keys(byMinor), upgrade.Minor.Compare) {
		c.windows = append(c.windows, known(m, byMinor[m]))
	}
	switch {
	case c.Name == Upstream:
		c.windows = projectCadence(c.windows)
	case c.lag != nil:
		c.windows = projectLag(c.windows, upstream, c.lag.since, available)
		for _, channel := range channelMilestones {
			c.windows = projectLag(c.windows, upstream, c.lag.channelsSince, channel)
		}
	}
	for i := range c.windows {
		n := c.releases[c.windows[i].Minor]
		c.windows[i].Provider, c.windows[i].Release, c.windows[i].Named = c.Name, n.name, n.status
	}
	projectEnds(c.windows, upstream, c.ends)
}

// known is the window that the facts about a minor make.
func known(m upgrade.Minor, facts map[string][]fact) Window {
	w := Window{Minor: m}
	for name, rows := range facts {
		w.set(name, choose(rows))
	}
	return w
}

// choose makes one date of what several sources say: the first row is used. A later row agrees when the first day lies within the
// days that it allows, else it is a conflict.
func choose(facts []fact) Date {
	if len(facts) == 0 {
		return Date{}
	}
	f := facts[0]
	d := Date{Day: f.day, Status: f.status, Source: f.source, Early: f.early, Late: f.late, Note: f.note}
	for _, o := range facts[1:] {
		if d.Day >= o.day-Day(o.early) && d.Day <= o.day+Day(o.late) {
			d.Also = append(d.Also, o.source)
		} else {
			d.Conflicts = append(d.Conflicts, Conflict{Day: o.day, Source: o.source, Note: o.note})
		}
	}
	return d
}
