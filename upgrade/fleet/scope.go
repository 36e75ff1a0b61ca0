package fleet

import (
	"maps"
	"slices"

	"treadmill/internal/diag"
	"treadmill/internal/glob"
	"treadmill/internal/yamlx"
)

// Scope says for which clusters something holds: those that match all of its fields. Values may be patterns with * and ?,
// where * crosses "/" (glob.Name). The zero value holds for all.
type Scope struct {
	Name        yamlx.At[string]  `yaml:"name"`
	Team        yamlx.At[string]  `yaml:"team"`
	Environment yamlx.At[string]  `yaml:"environment"`
	Group       yamlx.At[string]  `yaml:"group"`
	Region      yamlx.At[string]  `yaml:"region"`
	Account     yamlx.At[string]  `yaml:"account"`
	Provider    yamlx.At[string]  `yaml:"provider"`
	Channel     yamlx.At[string]  `yaml:"channel"`
	Labels      map[string]string `yaml:"labels"`
	Pos         diag.Position
}

// IsZero reports whether the scope holds for all clusters.
func (s Scope) IsZero() bool { return len(s.fields(Cluster{})) == 0 && len(s.Labels) == 0 }

type scopeField struct {
	pattern yamlx.At[string]
	value   string
}

// fields pairs the patterns that were written with the values of a cluster.
func (s Scope) fields(c Cluster) []scopeField {
	var out []scopeField
	for _, f := range []scopeField{{s.Name, c.Name.V}, {s.Team, c.Team.V}, {s.Environment, c.Environment.V}, {s.Group, c.Group.V},
		{s.Region, c.Region.V}, {s.Account, c.AccountName()}, {s.Provider, c.Provider.V}, {s.Channel, c.Channel.V}} {
		if f.pattern.Set() {
			out = append(out, f)
		}
	}
	return out
}

// Matches reports whether the scope holds for a cluster.
func (s Scope) Matches(c Cluster) bool {
	for _, f := range s.fields(c) {
		if !glob.Name(f.pattern.V, f.value) {
			return false
		}
	}
	for k, v := range s.Labels {
		have, given := c.Labels[k]
		if !given || !glob.Name(v, have) {
			return false
		}
	}
	return true
}

// check finds what no cluster can match.
func (s Scope) check(r *reader, clusters []Cluster) {
	if !s.sound(r) || s.IsZero() || slices.ContainsFunc(clusters, s.Matches) {
		return
	}
	s.unmatched(r)
}

// sound checks that the patterns are some.
func (s Scope) sound(r *reader) bool {
	for _, f := range s.fields(Cluster{}) {
		if err := glob.CheckName(f.pattern.V); err != nil {
			r.fail(f.pattern.Pos, "fleet/scope", "%q is not a pattern: %v", f.pattern.V, err)
			return false
		}
	}
	for _, k := range slices.Sorted(maps.Keys(s.Labels)) {
		if err := glob.CheckName(s.Labels[k]); err != nil {
			r.fail(s.Pos, "fleet/scope", "label %s: %q is not a pattern: %v", k, s.Labels[k], err)
			return false
		}
	}
	return true
}

func (s Scope) unmatched(r *reader) {
	r.warn(s.Pos, "fleet/scope", "no cluster matches this, so it holds for none")
}
