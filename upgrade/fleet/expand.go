package fleet

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// entry is one item of clusters: as many clusters as its count says, else one.
type entry struct {
	Cluster `yaml:",inline"`
	Count   yamlx.At[int] `yaml:"count"` // that many clusters; {n} in their texts is 1, 2, and so on, {nnn} is 001
}

// defaults are fields for the clusters that match and do not have them. They are tried from top to bottom, and one may match what
// another has given.
type defaults struct {
	Clusters Scope `yaml:"clusters"` // default: all
	Traits   `yaml:",inline"`
	Pos      diag.Position
}

// maxClusters bounds how many clusters one file may make.
const maxClusters = 100_000

// expand makes the clusters of a file: every entry with what defaults give it, as often as its count says. Entries that are bad already
// are left out.
func (r *reader) expand(d document, bad []bool) (all []Cluster, left []Missing) {
	if len(d.Clusters) == 0 {
		r.warn(diag.Position{File: r.file, Line: 1}, "fleet/empty", "the file has no clusters")
	}
	broken, used := r.broken, make([]bool, len(d.Defaults))
	for i, e := range d.Clusters {
		r.broken = false
		for k, x := range d.Defaults {
			if x.Clusters.Matches(e.Cluster) {
				used[k] = true
				e.fill(x.Traits)
			}
		}
		e.Environment.V = named(d.Policy.Environments, e.Environment.V)
		made := r.copies(e, len(all))
		if bad[i] || r.broken {
			if len(made) == 0 {
				made = []Cluster{e.Cluster}
			}
			for _, c := range made {
				left = append(left, c.missing())
			}
			continue
		}
		all = append(all, made...)
	}
	r.broken = broken
	for k, x := range d.Defaults {
		if x.Clusters.sound(r) && !used[k] && len(d.Clusters) > 0 {
			x.Clusters.unmatched(r)
		}
	}
	return all, left
}

// fill gives a cluster the fields that it does not have. Labels and add-ons are added by name; channel and tier are one thing.
func (c *Cluster) fill(x Traits) {
	if !c.Channel.Set() && !c.Tier.Set() {
		c.Channel, c.Tier = x.Channel, x.Tier
	}
	if !c.Version.Set() {
		c.Version = x.Version
	}
	for _, f := range []struct{ have, give *yamlx.At[string] }{{&c.Provider, &x.Provider},
		{&c.Environment, &x.Environment}, {&c.Group, &x.Group},
		{&c.Team, &x.Team}, {&c.Region, &x.Region}, {&c.Account, &x.Account}} {
		if !f.have.Set() {
			*f.have = *f.give
		}
	}
	if len(x.Labels) > 0 {
		labels := maps.Clone(x.Labels)
		maps.Copy(labels, c.Labels)
		c.Labels = labels
	}
	if c.Nodes == nil {
		c.Nodes = x.Nodes
	}
	for _, a := range x.Addons {
		if !slices.ContainsFunc(c.Addons, func(have Addon) bool { return have.Name.V == a.Name.V }) {
			c.Addons = append(c.Addons[:len(c.Addons):len(c.Addons)], a)
		}
	}
	if c.SLOs == nil {
		c.SLOs = x.SLOs
	}
}

// copies makes the clusters of an entry.
func (r *reader) copies(e entry, before int) []Cluster {
	name := e.Name
	switch n := e.Count; {
	case !n.Set():
		for _, f := range e.texts() {
			if at := counter.FindString(f.V); at != "" {
				r.fail(f.Pos, "fleet/count", "%s stands for the numbers of an entry with count:, and this one has none", at)
			}
		}
		return []Cluster{e.Cluster}
	case n.V < 1 || n.V > maxClusters-before:
		r.fail(n.Pos, "fleet/count", "count is %d; want 1 or more, and no more than %d clusters in a file", n.V, maxClusters)
		return nil
	case !counter.MatchString(name.V) && name.V != "":
		r.fail(name.Pos, "fleet/count", "%d clusters of one name: write {n} where the number is to stand, such as %s-{n}", n.V, name.V)
		return nil
	}
	out := make([]Cluster, e.Count.V)
	for i := range out {
		out[i] = e.numbered(i + 1)
	}
	return out
}

func (c Cluster) missing() Missing {
	return Missing{Name: c.Name.V, Group: c.Group.V, Environment: c.Environment.V, Pos: c.Name.Pos}
}

// texts are the fields in which {n} is a number.
func (c *Cluster) texts() []*yamlx.At[string] {
	return []*yamlx.At[string]{&c.Name, &c.Environment, &c.Group, &c.Team, &c.Region, &c.Account}
}

var counter = regexp.MustCompile(`\{n+\}`)

// Numbered is a text of an entry with a count for its cluster of a number: where the number is 7, {n} is 7 and {nnn} is 007.
func Numbered(text string, n int) string {
	if !strings.Contains(text, "{n") {
		return text
	}
	return counter.ReplaceAllStringFunc(text, func(m string) string { return fmt.Sprintf("%0*d", len(m)-2, n) })
}

// numbered is the cluster of an entry with a number in its texts.
func (e entry) numbered(n int) Cluster {
	text := func(s string) string { return Numbered(s, n) }
	c := e.Cluster
	c.copy = n
	for _, f := range c.texts() {
		f.V = text(f.V)
	}
	if len(c.Labels) > 0 {
		c.Labels = maps.Clone(c.Labels)
		for k, v := range c.Labels {
			c.Labels[k] = text(v)
		}
	}
	c.SLOs = slices.Clone(c.SLOs)
	for i := range c.SLOs {
		g := &c.SLOs[i]
		g.SLO.V = text(g.SLO.V)
		match := map[string]string{}
		for k, v := range g.Match {
			match[k] = text(v)
		}
		g.Match = match
	}
	return c
}
