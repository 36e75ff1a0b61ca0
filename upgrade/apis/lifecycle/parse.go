package lifecycle

import (
	"fmt"
	"strings"

	"treadmill/upgrade"
)

const header = "group\tversion\tkind\tresource\tintroduced\tdeprecated\tremoved\tevidence\treplacement\tsource"

// Parse reads a table: lines of columns between tabs, "#" starts a comment, "-" is an empty column and "core" the core
// group. "newest", "preview" and "date" come first, then the header, then one API a line. The name is for errors only.
func Parse(name, text string) (*Table, error) {
	t := &Table{APIs: make([]API, 0, 256), byKind: make(map[GVK]int, 256), fading: map[string]map[string]bool{}}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\r\n")
		if line == "" || line[0] == '#' || line == header {
			continue
		}
		if err := t.line(line); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	if t.Newest.IsZero() {
		return nil, fmt.Errorf("%s: has no \"newest\" line", name)
	}
	return t, nil
}

func (t *Table) line(line string) error {
	c := strings.Split(line, "\t")
	switch {
	case len(c) == 2 && c[0] == "newest":
		return version(&t.Newest, c[1])
	case len(c) == 2 && c[0] == "date":
		t.Date = c[1]
		return nil
	case len(c) == 3 && c[0] == "preview":
		t.PreviewVersion = c[2]
		return version(&t.Preview, c[1])
	case len(c) != 10:
		return fmt.Errorf("%d columns, want 10", len(c))
	}
	a := API{GVK: GVK{empty(c[0], "core"), c[1], c[2]}, Resource: c[3], Evidence: Evidence(empty(c[7], "-")), Source: c[9]}
	for i, into := range []*upgrade.Minor{&a.Introduced, &a.Deprecated, &a.Removed} {
		if err := version(into, c[4+i]); err != nil {
			return err
		}
	}
	if apiVersion, kind, ok := strings.Cut(c[8], " "); ok {
		a.Replacement = ParseGVK(apiVersion, kind)
	}
	if _, twice := t.byKind[a.GVK]; twice {
		return fmt.Errorf("%s has a line already", a.GVK)
	}
	t.byKind[a.GVK] = len(t.APIs)
	t.APIs = append(t.APIs, a)
	if !a.Deprecated.IsZero() || !a.Removed.IsZero() {
		if t.fading[a.APIVersion()] == nil {
			t.fading[a.APIVersion()] = map[string]bool{}
		}
		t.fading[a.APIVersion()][a.Kind] = true
	}
	return nil
}

func empty(s, none string) string {
	if s == none {
		return ""
	}
	return s
}

func version(into *upgrade.Minor, s string) error {
	if s == "-" {
		return nil
	}
	return into.UnmarshalText([]byte(s))
}
