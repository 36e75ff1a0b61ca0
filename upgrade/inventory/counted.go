package inventory

import (
	"regexp"
	"strconv"
	"strings"

	"treadmill/internal/yamlx/edit"
	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
)

// findCounted returns the entry with a count: that makes a cluster of this name, or of this context in its labels; nil when there is none.
func findCounted(list *edit.Node, c Cluster) *edit.Node {
	for _, n := range list.List() {
		count := n.Get("count")
		if count == nil {
			continue
		}
		most, err := strconv.Atoi(count.Value)
		if err != nil {
			continue
		}
		for _, text := range []*edit.Node{n.Get("name"), n.Get("labels", "context")} {
			if text != nil && (makes(text.Value, most, c.Name) || makes(text.Value, most, c.Context)) {
				return n
			}
		}
	}
	return nil
}

var number = regexp.MustCompile(`\{n+\}`)

// makes reports whether a text with {n} is this name for one of the numbers from 1 to most.
func makes(text string, most int, name string) bool {
	at := number.FindStringIndex(text)
	if at == nil || !strings.HasPrefix(name, text[:at[0]]) {
		return false
	}
	for end := at[0] + 1; end <= len(name); end++ {
		n, err := strconv.Atoi(name[at[0]:end])
		if err != nil || n > most {
			return false
		}
		if n > 0 && fleet.Numbered(text, n) == name {
			return true
		}
	}
	return false
}

// left says where a cluster of an entry with a count runs another version: the entry speaks for all of its clusters, so that it is not
// changed for one.
func (m *merger) left(n *edit.Node, c Cluster) {
	v := n.Get("version")
	if v == nil {
		return
	}
	if had, err := upgrade.ParseMinor(v.Value); err != nil || had != c.Version {
		m.note(c, "left: it runs %s, and the entry with count in line %d says %s", c.Version, m.line(n), v.Value)
	}
}
