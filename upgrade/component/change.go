package component

import (
	"maps"
	"slices"
	"strings"

	"treadmill/upgrade"
)

// Changes are the flags that the releases after from, up to to, take away, bring and deprecate. Releases that the table does not reach
// are left out.
func (t Flags) Changes(from, to upgrade.Minor) []upgrade.Change {
	var out []upgrade.Change
	for _, m := range reached(from, to, t.oldest, t.newest) {
		source := "declarations in the sources of Kubernetes " + m.String()
		if m == t.preview {
			source = "declarations in the sources of a pre-release of Kubernetes " + m.String()
		}
		for _, key := range slices.Sorted(maps.Keys(t.runs)) {
			component, flag, _ := strings.Cut(key, " ")
			before, after := t.at(key, m.Add(-1)), t.at(key, m)
			c := upgrade.Change{In: m, Kind: "flag", Name: component + " --" + flag, Source: source}
			switch {
			case before != nil && after == nil:
				c.Change = "removed"
			case before == nil && after != nil:
				c.Change = "added"
			case before != nil && !before.deprecated && after.deprecated:
				c.Change = "deprecated"
			default:
				continue
			}
			out = append(out, c)
		}
	}
	return out
}

// at is what a release has of a flag; nil where it does not have it.
func (t Flags) at(key string, m upgrade.Minor) *run {
	for i, r := range t.runs[key] {
		if !m.Less(r.from) && !r.to.Less(m) {
			return &t.runs[key][i]
		}
	}
	return nil
}

// reached are the releases after from, up to to, that a table reaches together with the release before.
func reached(from, to, oldest, newest upgrade.Minor) []upgrade.Minor {
	return slices.DeleteFunc(upgrade.Hops(from, to), func(m upgrade.Minor) bool { return !oldest.Less(m) || newest.Less(m) })
}

// Oldest is the first release of whose gates the table says something.
func (g Gates) Oldest() upgrade.Minor { return g.oldest }

// Changes are the feature gates that the releases after from, up to to, take away, bring, lock and turn over. Releases that the table
// does not reach are left out.
func (g Gates) Changes(from, to upgrade.Minor) []upgrade.Change {
	var out []upgrade.Change
	for _, m := range reached(from, to, g.oldest, g.newest) {
		source := "list of versioned features of Kubernetes " + m.String()
		if m == g.preview {
			source = "list of versioned features of a pre-release of Kubernetes " + m.String()
		}
		for _, name := range slices.Sorted(maps.Keys(g.stages)) {
			before, had := g.at(name, m.Add(-1))
			after, has := g.at(name, m)
			if word := turn(before, after, had, has); word != "" {
				out = append(out, upgrade.Change{In: m, Kind: "gate", Name: name, Change: word, Source: source})
			}
		}
	}
	return out
}

// turn says in a word what becomes of a gate from one release to the next; "" where nothing that matters changes.
func turn(before, after stage, had, has bool) string {
	on := map[bool]string{true: "on", false: "off"}[after.enabled]
	switch {
	case had && !has:
		return "removed"
	case !had && has:
		return "added"
	case has && after.locked && !before.locked:
		return "locked " + on
	case has && after.enabled != before.enabled:
		return on + " by default"
	}
	return ""
}

// Oldest is the first release of whose flags the table says something.
func (t Flags) Oldest() upgrade.Minor { return t.oldest }

// Rows is how many rows the table has.
func (t Flags) Rows() int { return rowsOf(t.runs) + rowsOf(t.plugins) }

// Rows is how many rows the table has.
func (g Gates) Rows() int { return rowsOf(g.stages) }

func rowsOf[T any](by map[string][]T) int {
	n := 0
	for _, rows := range by {
		n += len(rows)
	}
	return n
}
