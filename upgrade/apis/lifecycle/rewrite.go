package lifecycle

import (
	"fmt"
	"strings"
)

// Rewrite is what can be done to a manifest that uses an API, so that it uses the replacement.
type Rewrite string

// The kinds of rewriting. An API that is neither deprecated nor removed has none.
const (
	Same  Rewrite = "same"  // only apiVersion changes: both versions have the same fields
	Moved Rewrite = "moved" // fields differ, and there is a rule for them, which may refuse a single object
	Never Rewrite = "never" // it has to be written by hand
)

// rewrite reads a table of what can be rewritten: group, version, kind, rewrite, reason and source, between tabs.
func (t *Table) rewrite(name, text string) error {
	n := 0
	for line := range strings.Lines(text) {
		n++
		c := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if line[0] == '#' || c[0] == "group" {
			continue
		}
		if len(c) != 6 {
			return fmt.Errorf("%s:%d: %d columns, want 6", name, n, len(c))
		}
		k := GVK{empty(c[0], "core"), c[1], c[2]}
		i, ok := t.byKind[k]
		how := Rewrite(c[3])
		if !ok || how != Same && how != Moved && how != Never {
			return fmt.Errorf("%s:%d: %s, %q: want a known API and one of same, moved, never", name, n, k, how)
		}
		t.APIs[i].Rewrite, t.APIs[i].RewriteReason = how, c[4]
	}
	return nil
}
