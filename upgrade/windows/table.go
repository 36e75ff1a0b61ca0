package windows

import (
	"cmp"
	"slices"
	"strings"

	"treadmill/upgrade"
)

// Table is a support calendar. The zero value is empty.
type Table struct {
	calendars []calendar // by provider name
}

// calendar is what the table knows of one provider: the facts as they were written, and the windows made from them.
type calendar struct {
	Provider
	has      written // which properties the file gave, for Merge
	lag      *lagRule
	ends     [4]*endRule // of standard support and of the terms of extended support
	releases map[upgrade.Minor]named
	facts    []fact
	windows  []Window // by minor
}

// named is what a provider calls a version, and how sure that is.
type named struct {
	name   string
	status Status
}

// written says which properties of a provider a file gives.
type written struct{ nodeSkew, rollback bool }

// fact is one row: what one source says about one date.
type fact struct {
	minor       upgrade.Minor
	milestone   string
	day         Day
	status      Status
	source      string
	note        string
	early, late int
}

// Providers returns all providers: Upstream first, then by name.
func (t Table) Providers() []Provider {
	out := make([]Provider, 0, len(t.calendars))
	for _, c := range t.calendars {
		out = append(out, c.Provider)
	}
	slices.SortFunc(out, func(a, b Provider) int {
		return cmp.Or(boolCompare(a.Name != Upstream, b.Name != Upstream), cmp.Compare(a.Name, b.Name))
	})
	return out
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// Names returns the names of all providers in the order of Providers.
func (t Table) Names() []string {
	var out []string
	for _, p := range t.Providers() {
		out = append(out, p.Name)
	}
	return out
}

// Provider returns the provider with a name or alias, in any case.
func (t Table) Provider(name string) (Provider, bool) {
	if c := t.calendar(name); c != nil {
		return c.Provider, true
	}
	return Provider{}, false
}

func (t Table) calendar(name string) *calendar {
	name = strings.ToLower(name)
	for i := range t.calendars {
		if t.calendars[i].Name == name {
			return &t.calendars[i]
		}
	}
	for i := range t.calendars {
		if slices.Contains(t.calendars[i].Aliases, name) {
			return &t.calendars[i]
		}
	}
	return nil
}

// Windows returns all windows of a provider, known and projected, by rising minor.
func (t Table) Windows(provider string) []Window {
	c := t.calendar(provider)
	if c == nil {
		return nil
	}
	return slices.Clone(c.windows)
}

// Window returns the window of a minor at a provider. Projected minors reach Horizon releases past the last known one.
func (t Table) Window(provider string, m upgrade.Minor) (Window, bool) {
	c := t.calendar(provider)
	if c == nil {
		return Window{}, false
	}
	i, found := slices.BinarySearchFunc(c.windows, m, func(w Window, m upgrade.Minor) int { return w.Minor.Compare(m) })
	if !found {
		return Window{}, false
	}
	return c.windows[i], true
}

// Older reports whether a version is older than all of a provider that are known. Its support ended before that of the oldest one, whose
// end it gives, a zero date where nobody knows it.
func (t Table) Older(provider string, m upgrade.Minor) (Date, bool) {
	all := t.Windows(provider)
	if len(all) == 0 || !m.Less(all[0].Minor) {
		return Date{}, false
	}
	return all[0].StandardEnd, true
}

// Offered is the first day on which a cluster in a release channel can be upgraded to a minor. A minor of which that is not known came no
// later than the next one of which it is.
func (t Table) Offered(provider string, m upgrade.Minor, channel string) Date {
	for _, w := range t.Windows(provider) {
		if d := w.AvailableIn(channel); !w.Minor.Less(m) && !d.IsZero() {
			return d
		}
	}
	return Date{}
}

// Newest returns the newest minor that is available at a provider on a day, by the dates as they stand; zero when none is.
func (t Table) Newest(provider string, at Day) upgrade.Minor {
	var newest upgrade.Minor
	c := t.calendar(provider)
	if c == nil {
		return newest
	}
	for i := range c.windows {
		w := &c.windows[i]
		if !w.Available.IsZero() && w.Available.Day <= at {
			newest = w.Minor
		}
	}
	return newest
}

// Read is the day as of which the table is complete: the oldest of its providers' newest sources; 0 for an empty table.
func (t Table) Read() Day {
	var oldest Day
	for _, c := range t.calendars {
		if oldest == 0 || c.Read() < oldest {
			oldest = c.Read()
		}
	}
	return oldest
}
