package addons

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"treadmill/internal/yamlx"
	"treadmill/upgrade/windows"
)

//go:generate go run ./gen

//go:embed data/*.yaml
var data embed.FS

// Files are the files of the table that comes with Treadmill.
func Files() fs.FS { return data }

// Embedded is the table that comes with Treadmill, parsed anew on every call. An error says that the build is broken.
func Embedded() (Table, error) { return In(nil) }

// In is the table in files of the form of Files, or the embedded one for nil.
func In(files fs.FS) (Table, error) {
	if files == nil {
		files = data
	}
	tables, err := yamlx.Embedded(files, Read)
	if err != nil {
		return Table{}, fmt.Errorf("read the add-ons: %w", err)
	}
	var all []entry
	for _, t := range tables {
		all = append(all, t.entries...)
	}
	return Table{}.with(all), nil
}

// Table is what is known of add-ons. The zero value is empty.
type Table struct{ entries []entry } // by name

// entry is an add-on, and which of its properties the file gave, for Merge.
type entry struct {
	Addon
	has struct{ step, chart bool }
}

// Addons returns all add-ons by name.
func (t Table) Addons() []Addon {
	out := make([]Addon, 0, len(t.entries))
	for _, e := range t.entries {
		out = append(out, e.Addon)
	}
	return out
}

// Names returns the names of all add-ons, in order.
func (t Table) Names() []string {
	var out []string
	for _, e := range t.entries {
		out = append(out, e.Name)
	}
	return out
}

// Addon returns the add-on with a name or alias, in any case.
func (t Table) Addon(name string) (Addon, bool) {
	i := t.index(name)
	if i < 0 {
		return Addon{}, false
	}
	return t.entries[i].Addon, true
}

func (t Table) index(name string) int {
	name = strings.ToLower(name)
	if i := slices.IndexFunc(t.entries, func(e entry) bool { return e.Name == name }); i >= 0 {
		return i
	}
	return slices.IndexFunc(t.entries, func(e entry) bool { return slices.Contains(e.Aliases, name) })
}

// Rows is how many rows the table holds.
func (t Table) Rows() int {
	n := 0
	for _, e := range t.entries {
		n += len(e.Releases)
	}
	return n
}

// SecondHand is how many rows a project does not say itself.
func (t Table) SecondHand() int {
	n := 0
	for _, e := range t.entries {
		for _, r := range e.Releases {
			if s, ok := e.Source(r.Source); !ok || s.SecondHand() {
				n++
			}
		}
	}
	return n
}

// Read is the day the newest source of the table was read; 0 for an empty table.
func (t Table) Read() windows.Day {
	var newest windows.Day
	for _, e := range t.entries {
		newest = max(newest, e.Read())
	}
	return newest
}

// Merge is t with another table laid over it: an add-on that t does not have is added; for one that it has, by name or alias, the
// rows of over replace those of the same release line, others are added, and the properties that over gives replace t's.
func (t Table) Merge(over Table) Table { return t.with(over.entries) }

func (t Table) with(more []entry) Table {
	out := Table{slices.Clone(t.entries)}
	for _, e := range more {
		if i := out.index(e.Name); i >= 0 {
			out.entries[i] = out.entries[i].merge(e)
			continue
		}
		out.entries = append(out.entries, e)
	}
	slices.SortFunc(out.entries, func(a, b entry) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

func (e entry) merge(over entry) entry {
	e.Title, e.Page = cmp.Or(over.Title, e.Title), cmp.Or(over.Page, e.Page)
	if over.has.step {
		e.MinorStep, e.has.step = over.MinorStep, true
	}
	if over.has.chart {
		e.ChartVersion, e.has.chart = over.ChartVersion, true
	}
	e.Retired = cmp.Or(over.Retired, e.Retired)
	e.Aliases, e.Notes = union(e.Aliases, over.Aliases), union(over.Notes, e.Notes)
	e.Images, e.Charts = union(e.Images, over.Images), union(e.Charts, over.Charts)
	e.Sources = overlay(e.Sources, over.Sources, func(o, b windows.Source) bool { return o.Key == b.Key })
	slices.SortFunc(e.Sources, func(a, b windows.Source) int { return cmp.Compare(a.Key, b.Key) })
	e.Releases = overlay(e.Releases, over.Releases, func(o, b Release) bool { // a row for a whole line stands instead of all of its patches
		return o.line == b.line || o.line.patch == 0 && o.line.holds(b.line)
	})
	slices.SortFunc(e.Releases, func(a, b Release) int { return a.line.compare(b.line) })
	return e
}

// overlay is over, and those of base that nothing in over replaces.
func overlay[T any](base, over []T, replaces func(o, b T) bool) []T {
	out := slices.Clone(over)
	for _, b := range base {
		if !slices.ContainsFunc(over, func(o T) bool { return replaces(o, b) }) {
			out = append(out, b)
		}
	}
	return out
}

func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
