package fleet

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/windows"
)

// Check finds what only the support windows can say: providers, versions and channels that do not exist. Providers get
// their own names instead of aliases. Clusters with a problem are taken out of the fleet.
func (f *Fleet) Check(table windows.Table, now time.Time) []diag.Finding {
	r := &reader{file: f.File}
	sound := f.Clusters[:0:0]
	used := map[string]bool{}
	for _, c := range f.Clusters {
		r.broken, r.again = false, c.copy > 1
		r.provided(&c, table, windows.DayOf(now))
		if r.broken {
			f.Left++
			f.Missing = append(f.Missing, c.missing())
			continue
		}
		sound = append(sound, c)
		used[c.Provider.V] = true
	}
	f.Clusters, r.again = sound, false
	for _, p := range table.Providers() {
		if old := table.Old(p.Name, windows.DayOf(now)); used[p.Name] && !old.IsZero() {
			r.warn(diag.Position{File: f.File, Line: 1}, "windows/stale", "%s", old.Message(p.Name, windows.DayOf(now)))
		}
	}
	if t := f.Policy.Target; !t.V.Fixed.IsZero() && len(sound) > 0 && !known(table, used, t.V.Fixed) {
		r.fail(t.Pos, "fleet/unknown-version", "target %s lies beyond the versions that are known or projected", t.V.Fixed)
		f.Broken = true
	}
	return slices.Compact(diag.Sort(r.findings))
}

func known(table windows.Table, providers map[string]bool, v upgrade.Minor) bool {
	for name := range providers {
		if _, ok := table.Window(name, v); ok {
			return true
		}
	}
	return false
}

func (r *reader) provided(c *Cluster, table windows.Table, now windows.Day) {
	p, ok := table.Provider(c.Provider.V)
	if !ok {
		names := table.Names()
		for _, x := range table.Providers() {
			names = append(names, x.Aliases...)
		}
		message := unknown("provider", c.Provider.V, table.Names())
		if len(message) > 0 && table.Names() != nil {
			message = unknownProvider(c.Provider.V, table.Names(), names)
		}
		r.fail(c.Provider.Pos, "fleet/unknown-provider", "%s", message)
		return
	}
	c.Provider.V = p.Name
	if !r.own(c, table, p) {
		return
	}
	r.version(*c, table, p, now)
	r.channel(c, p, now)
	for _, n := range c.Nodes {
		r.newer(*c, n)
		if v := n.Version.V; !v.IsZero() && !upgrade.NodesAllow(c.Version.V, v, p.NodeSkew) {
			r.warn(n.Version.Pos, "fleet/skew", "nodes %s run %s, more than %d minors behind their control plane's %s, "+
				"which %s does not support; they come first in the plan",
				n.Name.V, v, upgrade.NodeSkew(v, p.NodeSkew), c.Version.V, p.Name)
		}
	}
}

func unknownProvider(name string, names, all []string) string {
	near := unknown("provider", name, all)
	if len(near) > 0 && near[len(near)-1] == '?' {
		return near
	}
	return unknown("provider", name, names) + "; others can be given with --windows"
}

// version checks that the provider could have sold the version by now.
func (r *reader) version(c Cluster, table windows.Table, p windows.Provider, now windows.Day) {
	v := c.Version.V
	w, ok := table.Window(p.Name, v)
	var all []windows.Window
	if !ok {
		if all = table.Windows(p.Name); len(all) == 0 {
			r.fail(c.Provider.Pos, "fleet/unknown-provider", "nothing is known of the versions of %s", p.Name)
			return
		}
	}
	newest := table.Newest(p.Name, now)
	switch {
	case !ok && v.Less(all[0].Minor):
		meant := ""
		if _, ok := table.Window(p.Name, upgrade.V1(10*v.Minor)); ok { // 1.30, and its zero lost on the way
			meant = fmt.Sprintf("; did you mean %s?", upgrade.V1(10*v.Minor))
		}
		r.warn(c.Version.Pos, "fleet/old-version",
			"%s is older than all versions of %s that are known (from %s); it is taken as out of support%s", v, p.Name, all[0].Minor,
			meant)
	case !ok && v.Less(newest):
		r.warn(c.Version.Pos, "fleet/unknown-version",
			"nothing is known of %s at %s, which has versions before and after it; it is taken as out of support", v, p.Name)
	case !ok:
		r.fail(c.Version.Pos, "fleet/unknown-version", "%s does not exist at %s: the newest version there is %s", v, p.Name,
			ownNamed(table, p.Name, newest))
	case newest.Less(v) && (w.Available.IsZero() || w.Available.Earliest() > now):
		r.fail(c.Version.Pos, "fleet/unknown-version", "%s is not available at %s yet (%s %s): the newest version there is %s",
			v.As(w.Release), p.Name, w.Available.Status, w.Available.Day, ownNamed(table, p.Name, newest))
	}
}

// channel checks the release channel, or the tier, which takes its place, gives it its own name, and says when the provider takes it away.
func (r *reader) channel(c *Cluster, p windows.Provider, now windows.Day) {
	what := "channel"
	if c.Tier.Set() {
		what, c.Channel = "tier", c.Tier
	}
	if !c.Channel.Set() {
		return
	}
	var names []string
	for _, ch := range p.Channels {
		names = append(names, ch.Name)
	}
	if ch, ok := p.Channel(strings.ToLower(c.Channel.V)); ok {
		c.Channel.V = ch.Name
		if ch.Ends != 0 && int(ch.Ends-now) < 400 {
			source, _ := p.Source(ch.Source)
			r.warn(c.Channel.Pos, "fleet/channel-ends", "channel %s of %s is no more from %s on; its clusters are in %s then (%s)",
				ch.Name, p.Title, ch.Ends, ch.Then, source.Title)
		}
		return
	}
	r.fail(c.Channel.Pos, "fleet/channel", "%s at %s", unknown(what, c.Channel.V, names), p.Name)
}
