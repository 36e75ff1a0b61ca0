// Package build says what this binary is: its version, the commit and day it was built from, and the tables of facts that it carries.
//
// It parses none of those tables: docgen writes their dates and sizes to tables.tsv, and a test of docgen holds the two together.
package build

import (
	_ "embed"
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// Info is where a binary comes from.
type Info struct {
	Version string // such as v1.2.0; devel for a build without a version
	Commit  string // of the sources, twelve digits; "unknown commit" for a build outside of a repository
	Date    string // of that commit, such as 2026-11-23; empty where the commit is unknown
	Go      string
	Home    string // where the sources are on the web, such as https://host/owner/name; empty where the module has no such path
}

// String is the Info in one line, without the name of the program.
func (i Info) String() string {
	commit := i.Commit
	if i.Date != "" {
		commit += " of " + i.Date
	}
	return i.Version + " (" + commit + ", " + i.Go + ")"
}

// Page is the address of a page of the documentation, such as findings/api/removed.md; empty where the sources have no home on the web.
func (i Info) Page(name string) string {
	if i.Home == "" {
		return ""
	}
	return i.Home + "/blob/HEAD/docs/" + name
}

// Read is the Info that the Go toolchain wrote into the binary.
func Read() Info {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return read(info)
}

func read(b *debug.BuildInfo) Info {
	out := Info{Version: "devel", Commit: "unknown commit", Go: runtime.Version()}
	if v := b.Main.Version; v != "" && v != "(devel)" {
		out.Version = v
	}
	if host, _, _ := strings.Cut(b.Main.Path, "/"); strings.Contains(host, ".") {
		out.Home = "https://" + b.Main.Path
	}
	for _, s := range b.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			out.Commit = s.Value[:12]
		case s.Key == "vcs.time" && len(s.Value) >= 10:
			out.Date = s.Value[:10]
		}
	}
	return out
}

// Table is one table of facts that the binary carries, and how fresh it is.
type Table struct {
	Name string `json:"name"`
	Date string `json:"date"` // newest day on which a source of the table was read
	Rows int    `json:"rows"`
	// Facts are the days and releases that the rows come to; SecondHand are those that no provider or project says itself. Both are zero
	// for a table that is derived from the projects' own sources.
	Facts      int `json:"facts,omitempty"`
	SecondHand int `json:"secondHand,omitempty"`
}

//go:embed tables.tsv
var tables string

const header = "table\tdate\trows\tfacts\tsecond-hand\n"

// Tables lists every embedded table.
func Tables() ([]Table, error) { return parse(tables) }

func parse(text string) ([]Table, error) {
	text, ok := strings.CutPrefix(text, header)
	if !ok {
		return nil, fmt.Errorf("tables.tsv has another header than %q", header)
	}
	out := []Table{}
	for line := range strings.Lines(text) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(cells) != 5 {
			return nil, fmt.Errorf("tables.tsv: %d columns in %q, want 5", len(cells), line)
		}
		var n [3]int
		for i, cell := range cells[2:] {
			var err error
			if n[i], err = strconv.Atoi(cell); err != nil {
				return nil, fmt.Errorf("tables.tsv: %w", err)
			}
		}
		out = append(out, Table{Name: cells[0], Date: cells[1], Rows: n[0], Facts: n[1], SecondHand: n[2]})
	}
	return out, nil
}

// Format is the text of tables.tsv.
func Format(list []Table) string {
	var b strings.Builder
	b.WriteString(header)
	for _, t := range list {
		fmt.Fprintf(&b, "%s\t%s\t%d\t%d\t%d\n", t.Name, t.Date, t.Rows, t.Facts, t.SecondHand)
	}
	return b.String()
}
