package verify

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

// inWindow reports whether a step is an opening of a window of the cluster, or an hour or more of one whose rest is past, frozen or short
// of budget: the windows that name it, else those that name no clusters; Monday to Friday, 09:00 to 17:00 UTC, where the policy has none.
func (v *verifier) inWindow(c fleet.Cluster, s plan.Step) bool {
	all := slices.DeleteFunc(slices.Clone(v.fleet.Policy.Windows), func(w fleet.Window) bool { return w.Pools.Set() })
	return v.inOneOf(c, s, all)
}

// inOneOf is inWindow for some of the windows.
func (v *verifier) inOneOf(c fleet.Cluster, s plan.Step, all []fleet.Window) bool {
	if len(all) == 0 {
		weekdays := []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
		return v.inOpening(c, s, weekdays, 9*60, 17*60, time.UTC, nil)
	}
	named := slices.ContainsFunc(all, func(w fleet.Window) bool { return !w.Clusters.IsZero() && w.Clusters.Matches(c) })
	for _, w := range all {
		zone, days := time.UTC, []time.Weekday{}
		if w.Timezone.V.Location != nil {
			zone = w.Timezone.V.Location
		}
		var during []calendar.Span
		if e := w.During.Event(); w.During.RRule.Set() {
			during = append(e.Spans(v.span), calendar.Span{})
		}
		for _, d := range w.Days {
			days = append(days, time.Weekday(d.V))
		}
		if w.Clusters.IsZero() != named && w.Clusters.Matches(c) && v.inOpening(c, s, days, int(w.From.V), int(w.To.V), zone, during) {
			return true
		}
	}
	return false
}

// inOpening reports whether a step lies in an opening that begins on one of some days, lies in one of some times, if there are any, and
// ends with it or where something else ends it.
func (v *verifier) inOpening(c fleet.Cluster, s plan.Step, days []time.Weekday, from, to int, zone *time.Location,
	during []calendar.Span) bool {
	if to <= from {
		to += 24 * 60
	}
	for back := range 2 {
		y, m, d := s.Start.In(zone).AddDate(0, 0, -back).Date()
		opens, closes := time.Date(y, m, d, from/60, from%60, 0, 0, zone), time.Date(y, m, d, to/60, to%60, 0, 0, zone)
		weekday := time.Date(y, m, d, 12, 0, 0, 0, time.UTC).Weekday()
		if len(days) > 0 && !slices.Contains(days, weekday) || s.Start.Before(opens) || s.End.After(closes) {
			continue
		}
		if len(during) > 0 && !slices.ContainsFunc(during, func(t calendar.Span) bool { return !opens.Before(t.From) && !closes.After(t.To) }) {
			continue
		}
		whole := s.Start.Equal(opens) && s.End.Equal(closes)
		if whole || s.End.Sub(s.Start) >= time.Hour && (s.End.Equal(closes) || v.closes(c, s.End)) {
			return true
		}
	}
	return false
}

// closes reports whether a freeze of a cluster begins at a time, or its error budgets may run short then.
func (v *verifier) closes(c fleet.Cluster, at time.Time) bool {
	for i, z := range v.fleet.Policy.Freezes {
		if z.Clusters.Matches(c) && slices.ContainsFunc(v.frozen[i], func(s calendar.Span) bool { return s.From.Equal(at) }) {
			return true
		}
	}
	return len(c.SLOs) > 0
}

// soak checks that clusters come after those of the environment before them: each hop no sooner than the soak after all of
// those began to run the version.
func (v *verifier) soak() {
	tiers := map[string]map[int][]*track{}
	for _, t := range v.clusters {
		rank, ok := v.fleet.Policy.Rank(t.cluster.Environment.V)
		if group := t.cluster.Group.V; ok && group != "" {
			if tiers[group] == nil {
				tiers[group] = map[int][]*track{}
			}
			tiers[group][rank] = append(tiers[group][rank], t)
		}
	}
	for _, group := range tiers {
		for rank, tier := range group {
			before := rank - 1
			for before >= 0 && len(group[before]) == 0 {
				before--
			}
			for _, t := range tier {
				for _, lower := range group[before] {
					v.soaked(t, lower)
				}
			}
		}
	}
}

func (v *verifier) soaked(t, lower *track) {
	need := int(math.Ceil(v.fleet.Policy.SoakBefore(t.cluster.Environment.V).Hours() / 24))
	for m := range t.started {
		if lower.cluster.Version.V.Compare(m) >= 0 {
			continue // it ran the version before the plan began
		}
		if _, byProvider := t.given[m]; byProvider {
			continue // the provider does not wait
		}
		began, ok := lower.started[m]
		if !ok {
			v.broken(4, t.cluster.Name.V, "goes to %s, which %s in %s never runs", m, lower.cluster.Name.V, lower.cluster.Environment.V)
			continue
		}
		if days := calendarDays(began, t.started[m]); days < need {
			v.broken(4, t.cluster.Name.V, "goes to %s %d days after %s in %s; the soak is %d days", m, days, lower.cluster.Name.V,
				lower.cluster.Environment.V, need)
		}
	}
}

// capacity checks that no team does more in an ISO week than it can.
func (v *verifier) capacity() {
	keys := make([]teamWeek, 0, len(v.load))
	for k := range v.load {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b teamWeek) int {
		return cmp.Or(cmp.Compare(a.team, b.team), cmp.Compare(a.year, b.year), cmp.Compare(a.week, b.week))
	})
	for _, k := range keys {
		if limit, limited := v.fleet.InWeek(k.team, fmt.Sprintf("%d-W%02d", k.year, k.week)); limited && v.load[k] > limit {
			v.broken(6, "", "team %q has %d hops in %d-W%02d and can do %d", k.team, v.load[k], k.year, k.week, limit)
		}
	}
}

// ends are the days on which standard support, the last support that the provider gives and the last one that the policy allows end.
func (v *verifier) ends(c fleet.Cluster, m upgrade.Minor) (standard, given, allowed time.Time) {
	end := func(d windows.Date) time.Time {
		switch {
		case d.IsZero():
			return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
		case v.late:
			return d.Earliest().Time()
		default:
			return d.Day.Time()
		}
	}
	w, ok := v.window(c, m)
	if ended, past := v.table.Older(c.Provider.V, m); past && !ended.IsZero() {
		return end(ended), end(ended), end(ended)
	}
	if !ok {
		return time.Unix(0, 0), time.Unix(0, 0), time.Unix(0, 0)
	}
	standard = end(w.StandardEnd)
	given = standard
	for i, term := range w.Terms() {
		if n := v.fleet.Policy.ExtendedSupport.Terms.V; v.extended(c) && (n == 0 || i < n) && end(term.Date).After(given) {
			given = end(term.Date)
		}
	}
	if allowed = standard; v.fleet.Policy.ExtendedSupport.Allowed.V {
		allowed = given
	}
	return standard, given, allowed
}

// window is what is known of a version: of one between others that are known, that it came before the next and was supported as long as
// the one before.
func (v *verifier) window(c fleet.Cluster, m upgrade.Minor) (windows.Window, bool) {
	w, ok := v.table.Window(c.Provider.V, m)
	if ok {
		return w, true
	}
	for older := m.Add(-1); older.Minor >= 0; older = older.Add(-1) {
		if w, ok = v.table.Window(c.Provider.V, older); ok {
			break
		}
	}
	for newer := m.Add(1); ok && newer.Minor < m.Minor+50; newer = newer.Add(1) {
		if x, known := v.table.Window(c.Provider.V, newer); known {
			w.Available, w.Others = x.Available, nil
			return w, true
		}
	}
	return windows.Window{}, false
}

// extended reports whether the cluster gets extended support: by its channel, and where it is not billed by the hour because the policy
// says that it is bought.
func (v *verifier) extended(c fleet.Cluster) bool {
	p, _ := v.table.Provider(c.Provider.V)
	if p.Extended == nil && !v.fleet.Policy.ExtendedSupport.Allowed.V {
		return false
	}
	if len(p.Channels) == 0 {
		return true
	}
	for _, ch := range p.Channels {
		if ch.Name == c.Channel.V {
			return ch.Extended
		}
	}
	return p.Channels[0].Extended
}

// deadline checks what a campaign says of the day by which it must be done.
func (v *verifier) deadline(t *track, c plan.Campaign) {
	_, _, last := v.ends(t.cluster, c.From)
	if last.Year() >= 2199 || last.Year() < 1971 {
		return
	}
	due := last.Add(-time.Duration(v.fleet.Policy.Margin.V))
	if !c.Due.Equal(due) {
		v.fail(c.Cluster, "the campaign to %s is due %s, not %s", c.To, due.Format(time.RFC3339), c.Due.Format(time.RFC3339))
	}
	left := c.End
	if len(c.Hops) > 0 {
		left = c.Steps[0].End
	}
	if slack := int(math.Floor(due.Sub(left).Hours() / 24)); slack != c.SlackDays {
		v.fail(c.Cluster, "the campaign to %s has %d days of slack, not %d", c.To, slack, c.SlackDays)
	}
}
