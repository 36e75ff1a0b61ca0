package warn

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/upgrade"
)

// Load reads the embedded tables.
func Load() (*Table, error) {
	t := &Table{labels: map[string]label{}, byKind: map[string][]*Rule{}, finders: map[string]*finder{}}
	err := lines("labels.tsv", labels, 5, func(c []string) error {
		l := label{says: c[3]}
		t.labels[c[0]] = l
		err := minors(c[1:3], &l.deprecated, &l.removed)
		t.labels[c[0]] = l
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := lines("rules.tsv", rules, 10, t.rule); err != nil {
		return nil, err
	}
	t.index()
	return t, nil
}

// rule takes one row.
func (t *Table) rule(c []string) error {
	r := &Rule{Name: c[0], Kinds: strings.Split(c[1], ","), Finding: c[4], says: c[8]}
	if c[2] != "-" {
		r.path = strings.Split(c[2], ".")
	}
	if r.Refused = r.Finding == "refused"; r.Refused {
		r.Finding = Field
	}
	r.test, r.arg, _ = strings.Cut(c[3], " ")
	if c[9] != "-" {
		r.Use = c[9]
	}
	t.rules = append(t.rules, r)
	return minors(c[5:8], &r.Deprecated, &r.Removed, &r.Since)
}

// index sorts rules by kind and says which words to look for: those about a kind, about its pod and about any kind.
func (t *Table) index() {
	words := map[string][]string{}
	for _, r := range t.rules {
		for _, kind := range r.Kinds {
			t.byKind[kind] = append(t.byKind[kind], r)
			words[kind] = append(words[kind], look(r)...)
		}
	}
	of := func(kinds ...string) *finder {
		f := &finder{}
		for _, kind := range kinds {
			for _, w := range words[kind] {
				f.add(w)
			}
		}
		return f
	}
	t.any = of("*")
	for kind := range words {
		t.finders[kind] = of("*", kind)
	}
	for _, kind := range podKinds() {
		t.finders[kind] = of("*", kind, "pod")
	}
}

// lines reads rows of columns between tabs; "#" starts a comment and the first row is a header.
func lines(name, text string, columns int, row func(c []string) error) error {
	n, header := 0, false
	for line := range strings.Lines(text) {
		n++
		if strings.HasPrefix(line, "#") {
			continue
		}
		c := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(c) != columns {
			return fmt.Errorf("%s:%d: %d columns, want %d", name, n, len(c), columns)
		}
		if !header {
			header = true
			continue
		}
		if err := row(c); err != nil {
			return fmt.Errorf("%s:%d: %w", name, n, err)
		}
	}
	return nil
}

func minors(c []string, into ...*upgrade.Minor) error {
	for i, m := range into {
		if c[i] == "-" {
			continue
		}
		if err := m.UnmarshalText([]byte(c[i])); err != nil {
			return err
		}
	}
	return nil
}

// Rules lists the rules in the order of their table.
func (t *Table) Rules() []*Rule { return slices.Clone(t.rules) }
