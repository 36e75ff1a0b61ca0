package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/gomodule"
)

// read returns the rows of one document. A document in which it finds none is an error: it has another form now.
func read(s spec, m gomodule.Module) ([]row, error) {
	text, err := os.ReadFile(filepath.Join(m.Dir, filepath.FromSlash(s.File)))
	if err != nil {
		return nil, err
	}
	rows, err := parse(s, m.Version, string(text))
	if err != nil {
		return nil, err
	}
	if rows = slices.DeleteFunc(rows, func(r row) bool { return less(r.version, s.Since) }); len(rows) == 0 {
		return nil, fmt.Errorf("no release of it says what Kubernetes it goes with: the document has another form now")
	}
	return rows, nil
}

func parse(s spec, version, text string) ([]row, error) {
	switch s.Read {
	case "lines":
		return lines(s, text)
	case "kubernetes":
		return byKubernetes(s, version, text)
	case "columns":
		return columns(s, text)
	case "pairs":
		return pairs(text)
	case "matrix", "minimum":
		return matrix(s, version, text)
	}
	return nil, fmt.Errorf("%q is no way to read a document", s.Read)
}

var (
	minorForm   = regexp.MustCompile(`\bv?1\.(\d{1,2})\b`)
	releaseForm = regexp.MustCompile(`v?(\d+\.\d+(?:\.\d+)?)`)
)

// minors are the Kubernetes minors in a cell: all those it names, and those between the two of "1.19 → 1.31".
func minors(cell string) []int {
	var out []int
	for _, f := range minorForm.FindAllStringSubmatch(cell, -1) {
		n, _ := strconv.Atoi(f[1]) // the expression matched digits
		out = append(out, n)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// span writes the range of some minors, "" for none.
func span(s spec, found []int) string {
	switch {
	case len(found) == 0:
		return ""
	case s.Semantics == "minimum":
		return fmt.Sprintf("1.%d+", found[0])
	}
	from, to := found[0]-s.Before, found[len(found)-1]
	if from == to {
		return fmt.Sprintf("1.%d", to)
	}
	return fmt.Sprintf("1.%d-1.%d", from, to)
}

// lines reads a table with a row for each release. Several patches of one line give one row, that of the newest: the first in the table.
func lines(s spec, text string) ([]row, error) {
	t, err := find(text, s.Of, s.Column)
	if err != nil {
		return nil, err
	}
	var rows []row
	for _, cells := range t.rows {
		release := releaseForm.FindStringSubmatch(cells[t.of])
		if release == nil || cells[t.column] == "" {
			continue
		}
		line := lineOf(release[1])
		kubernetes := span(s, minors(cells[t.column]))
		if kubernetes == "" || slices.ContainsFunc(rows, func(r row) bool { return r.version == line }) {
			continue
		}
		rows = append(rows, row{version: line, kubernetes: kubernetes})
	}
	return rows, nil
}

// byKubernetes reads a table with a row, or a column, for each Kubernetes version: the oldest patch of each release line that goes with it.
func byKubernetes(s spec, version, text string) ([]row, error) {
	t, err := find(text, s.Of, s.Column)
	if err != nil {
		if t, err = turned(text, s.Of, s.Column); err != nil {
			return nil, err
		}
	}
	newest := map[string]int{} // by release: the newest Kubernetes that it goes with
	for _, cells := range t.rows {
		k := minors(cells[t.of])
		if len(k) == 0 {
			continue
		}
		for _, f := range releaseForm.FindAllStringSubmatch(cells[t.column], -1) {
			newest[f[1]] = max(newest[f[1]], k[len(k)-1])
		}
	}
	var rows []row
	for _, release := range slices.SortedFunc(keys(newest), compare) {
		rows = append(rows, row{version: trimZero(release), kubernetes: fmt.Sprintf("-1.%d", newest[release])})
	}
	if s.Later && len(rows) > 0 {
		rows = append(rows, later(rows[len(rows)-1], version)...)
	}
	return rows, nil
}

// later are the lines after the last that a document names up to that of its own release. It is expected of them that they go with no less.
func later(last row, version string) []row {
	var from, to, major int
	if _, err := fmt.Sscanf(last.version, "%d.%d", &major, &from); err != nil {
		return nil
	}
	if _, err := fmt.Sscanf(version, "v%d.%d", &major, &to); err != nil {
		return nil
	}
	var rows []row
	for n := from + 1; n <= to; n++ {
		rows = append(rows, row{version: fmt.Sprintf("%d.%d", major, n), kubernetes: last.kubernetes, semantics: "expected"})
	}
	return rows
}

// columns reads a table whose columns are release lines: a cell is empty, or says from which patch on the release goes with the row's
// version.
func columns(s spec, text string) ([]row, error) {
	_, part, ok := strings.Cut(text, s.Of)
	if !ok {
		return nil, fmt.Errorf("it has no part %q", s.Of)
	}
	t, err := find(part, "", s.Column)
	if err != nil {
		return nil, err
	}
	var rows []row
	for c := t.column; c < len(t.head); c++ {
		line := releaseForm.FindStringSubmatch(t.head[c])
		if line == nil {
			continue
		}
		from, first, reach := lineOf(line[1]), 0, map[string]int{}
		for _, cells := range t.rows {
			k := minors(cells[0])
			if len(k) == 0 || !strings.Contains(cells[c], "✓") || strings.Contains(cells[c], "only workload") {
				continue
			}
			if first == 0 {
				first = k[0]
			}
			patch := from
			if f := releaseForm.FindStringSubmatch(cells[c]); f != nil {
				patch = trimZero(f[1])
			}
			reach[patch] = max(reach[patch], k[len(k)-1])
		}
		for _, patch := range slices.SortedFunc(keys(reach), compare) {
			rows = append(rows, row{version: patch, kubernetes: fmt.Sprintf("1.%d-1.%d", first, reach[patch])})
		}
	}
	return rows, nil
}

// pairs reads a YAML list of releases with the lowest and the highest version of each. A release that is given twice counts once.
func pairs(text string) ([]row, error) {
	var doc struct {
		Compatibility []struct {
			App string `yaml:"appVersion"`
			Min string `yaml:"minK8sVersion"`
			Max string `yaml:"maxK8sVersion"`
		} `yaml:"compatibility"`
	}
	if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
		return nil, err
	}
	var rows []row
	for _, c := range doc.Compatibility {
		version := strings.TrimSuffix(c.App, ".x")
		r := row{version: version, kubernetes: c.Min + "-" + c.Max}
		if i := slices.IndexFunc(rows, func(o row) bool { return o.version == version }); i >= 0 {
			rows[i] = r
			continue
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// matrix reads what one release says of itself: all versions in the places that the expression matches.
func matrix(s spec, version, text string) ([]row, error) {
	match, err := regexp.Compile("(?m)" + s.Match)
	if err != nil {
		return nil, err
	}
	var found []int
	for _, f := range match.FindAllStringSubmatch(text, -1) {
		cell := f[1]
		if strings.HasPrefix(cell, "1") && !strings.Contains(cell, ".") { // 136 for 1.36
			cell = "1." + cell[1:]
		}
		found = append(found, minors(cell)...)
	}
	slices.Sort(found)
	kubernetes := span(s, slices.Compact(found))
	if kubernetes == "" {
		return nil, nil
	}
	return []row{{version: lineOf(strings.TrimPrefix(version, "v")), kubernetes: kubernetes}}, nil
}
