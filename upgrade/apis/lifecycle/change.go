package lifecycle

import "treadmill/upgrade"

// Changes are the APIs that the releases after from, up to to, remove, deprecate and bring; kind is that of the changes, such as "api".
func (t *Table) Changes(kind string, from, to upgrade.Minor) []upgrade.Change {
	var out []upgrade.Change
	for _, a := range t.APIs {
		add := func(in upgrade.Minor, word, source string) {
			if in.IsZero() || !from.Less(in) || to.Less(in) {
				return
			}
			c := upgrade.Change{In: in, Kind: kind, Name: a.String(), Change: word, Source: source}
			if a.Replacement.Kind != "" && word != "added" {
				c.Use = a.Replacement.String()
			}
			out = append(out, c)
		}
		why := a.Source
		if a.Evidence != "" {
			why += " (" + string(a.Evidence) + ")"
		}
		add(a.Removed, "removed", why)
		add(a.Deprecated, "deprecated", a.Source)
		add(a.Introduced, "added", a.Source)
	}
	return out
}
