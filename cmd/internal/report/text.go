package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"treadmill/internal/diag"
)

// writeText lays a view out for people: lead, tables, findings, notes, with a blank line between the parts.
func writeText(w io.Writer, v View, s Style, wide bool) error {
	if v.Document != nil {
		_, err := w.Write(v.Document)
		return err
	}
	b := bufio.NewWriter(w)
	var parts []string
	if len(v.Lead) > 0 {
		parts = append(parts, lines(v.Lead))
	}
	for _, t := range v.Tables {
		if len(t.Rows) > 0 {
			parts = append(parts, textTable(t, s, wide))
		}
	}
	if len(v.Findings) > 0 && !v.Tabled {
		parts = append(parts, FindingLines(v.Findings, s))
	}
	if len(v.Notes) > 0 {
		parts = append(parts, lines(v.Notes))
	}
	b.WriteString(strings.Join(parts, "\n"))
	return b.Flush()
}

func lines(ss []string) string { return strings.Join(ss, "\n") + "\n" }

// FindingLines writes findings as file:line:col lines.
func FindingLines(fs []diag.Finding, s Style) string {
	var b strings.Builder
	for _, f := range fs {
		b.WriteString(s.paint(ToneOf(f.Severity), f.String()) + "\n")
	}
	return b.String()
}

func textTable(t Table, s Style, wide bool) string {
	if !wide {
		t = t.narrow()
	}
	widths := make([]int, len(t.Columns))
	for i, c := range t.Columns {
		widths[i] = utf8.RuneCountInString(c.Name)
		for _, r := range t.Rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(oneLine(r.Cells[i])))
		}
	}
	s.fit(widths)
	var b strings.Builder
	if t.Title != "" {
		b.WriteString(t.Title + "\n")
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = strings.ToUpper(c.Name)
	}
	b.WriteString(s.paint(Muted, textRow(names, t.Columns, widths)) + "\n")
	for _, r := range t.Rows {
		b.WriteString(s.paint(r.Tone, textRow(r.Cells, t.Columns, widths)) + "\n")
	}
	return b.String()
}

// narrow leaves out the wide columns.
func (t Table) narrow() Table {
	if !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Wide }) {
		return t
	}
	out := Table{Title: t.Title}
	for _, c := range t.Columns {
		if !c.Wide {
			out.Columns = append(out.Columns, c)
		}
	}
	for _, r := range t.Rows {
		row := Row{Tone: r.Tone}
		for i, c := range t.Columns {
			if !c.Wide {
				row.Cells = append(row.Cells, r.Cells[i])
			}
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// fit narrows the last column to the width of the terminal, as long as it stays readable.
func (s Style) fit(widths []int) {
	if s.Width == 0 || len(widths) == 0 {
		return
	}
	over := 2*(len(widths)-1) - s.Width
	for _, w := range widths {
		over += w
	}
	last := &widths[len(widths)-1]
	if over > 0 && *last-over >= 20 {
		*last -= over
	}
}

func textRow(cells []string, columns []Column, widths []int) string {
	var b strings.Builder
	for i, cell := range cells {
		cell = cut(oneLine(cell), widths[i])
		pad := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(cell)))
		if i > 0 {
			b.WriteString("  ")
		}
		if columns[i].Right {
			cell = pad + cell
		} else {
			cell += pad
		}
		b.WriteString(cell)
	}
	return strings.TrimRight(b.String(), " ")
}

func cut(cell string, width int) string {
	if r := []rune(cell); len(r) > width {
		return string(r[:max(0, width-1)]) + "…"
	}
	return cell
}

// oneLine folds white space and shows control characters as what they are, so that no input can steer a terminal.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0):
			return '\uFFFD'
		}
		return r
	}, s)
}

// paint colours a line: 8-colour codes, which every terminal theme maps to something readable.
func (s Style) paint(t Tone, line string) string {
	code := map[Tone]string{Good: "32", Warn: "33", Bad: "31", Muted: "2"}[t]
	if !s.Color || code == "" {
		return line
	}
	return fmt.Sprintf("\x1b[%sm%s\x1b[0m", code, line)
}
