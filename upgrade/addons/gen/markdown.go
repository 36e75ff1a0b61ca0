package main

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"strconv"
	"strings"
)

// grid is a table of a document, with the two columns that were looked for.
type grid struct {
	head       []string
	rows       [][]string // all as long as head
	of, column int
}

// find returns the first table whose heading has a cell that begins with of and one that begins with column; of may be "".
func find(text, of, column string) (grid, error) {
	for _, g := range grids(text) {
		g.of, g.column = place(g.head, of), place(g.head, column)
		if g.of >= 0 && g.column >= 0 && len(g.rows) > 0 {
			return g, nil
		}
	}
	return grid{}, fmt.Errorf("it has no table with columns %q and %q", of, column)
}

// turned is a table that lies on its side: its rows begin with of and column.
func turned(text, of, column string) (grid, error) {
	for _, g := range grids(text) {
		all := append([][]string{g.head}, g.rows...)
		a, b := -1, -1
		for i, r := range all {
			if strings.HasPrefix(r[0], of) {
				a = i
			}
			if strings.HasPrefix(r[0], column) {
				b = i
			}
		}
		if a < 0 || b < 0 {
			continue
		}
		t := grid{of: 0, column: 1}
		for c := 1; c < len(g.head); c++ {
			t.rows = append(t.rows, []string{all[a][c], all[b][c]})
		}
		return t, nil
	}
	return grid{}, fmt.Errorf("it has no table with rows %q and %q", of, column)
}

func place(head []string, want string) int {
	for i, h := range head {
		if strings.HasPrefix(strings.ToLower(h), strings.ToLower(want)) && (want != "" || i == 0) {
			return i
		}
	}
	return -1
}

// grids are the tables of a Markdown document, with or without bars at the ends of lines.
func grids(text string) []grid {
	var out []grid
	lines := strings.Split(text, "\n")
	for i := 1; i < len(lines); i++ {
		if rule := strings.Trim(lines[i], " |:-\r"); rule != "" || !strings.Contains(lines[i], "--") || !strings.Contains(lines[i], "|") {
			continue
		}
		g := grid{head: cells(lines[i-1])}
		for _, l := range lines[i+1:] {
			if !strings.Contains(l, "|") {
				break
			}
			c := cells(l)
			for len(c) < len(g.head) {
				c = append(c, "")
			}
			g.rows = append(g.rows, c)
		}
		out = append(out, g)
	}
	return out
}

func cells(line string) []string {
	line = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "|"), "|")
	var out []string
	for c := range strings.SplitSeq(line, "|") {
		out = append(out, strings.TrimSpace(c))
	}
	return out
}

// lineOf is the release line of a version: 3.6 of 3.6.1.
func lineOf(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

// trimZero writes the first patch of a line as the line itself: 2.1 for 2.1.0.
func trimZero(version string) string { return strings.TrimSuffix(version, patchZero(version)) }

func patchZero(version string) string {
	if strings.Count(version, ".") == 2 && strings.HasSuffix(version, ".0") {
		return ".0"
	}
	return ""
}

// compare orders versions by their numbers.
func compare(a, b string) int {
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		if c := cmp.Compare(number(x, i), number(y, i)); c != 0 {
			return c
		}
	}
	return 0
}

func less(version, since string) bool { return since != "" && compare(version, since) < 0 }

func number(parts []string, i int) int {
	if i >= len(parts) {
		return 0
	}
	n, err := strconv.Atoi(parts[i])
	if err != nil {
		return -1
	}
	return n
}

func keys[V any](m map[string]V) iter.Seq[string] { return maps.Keys(m) }
