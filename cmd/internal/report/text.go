package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"treadmill/internal/diag"
)

// writeText lays a view out for people: lead, tables, findings, notes, with a blank line between the parts.
func writeText(w io.Writer, v View, s Style, wide bool) error {
	if v.Stream != nil {
		return v.Stream(w)
	}
	if v.Document != nil {
		_, err := w.Write(v.Document)
		return err
	}
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
	_, err := io.WriteString(w, strings.Join(parts, "\n"))
	return err
}

func lines(ss []string) string {
	var b strings.Builder
	for _, s := range ss {
		b.WriteString(oneLine(s) + "\n")
	}
	return b.String()
}

// FindingLines writes findings as file:line:col lines.
func FindingLines(fs []diag.Finding, s Style) string {
	var b strings.Builder
	for _, f := range fs {
		b.WriteString(s.paint(ToneOf(f.Severity), oneLine(f.String())) + "\n")
	}
	return b.String()
}

// maxAligned is the length of a cell from which on other rows are not aligned to it.
const maxAligned = 120

func textTable(t Table, s Style, wide bool) string {
	if !wide {
		t = t.narrow()
	}
	widths := make([]int, len(t.Columns))
	for i, c := range t.Columns {
		widths[i] = utf8.RuneCountInString(c.Name)
		for _, r := range t.Rows {
			if n := utf8.RuneCountInString(oneLine(r.Cells[i])); n <= maxAligned {
				widths[i] = max(widths[i], n)
			}
		}
	}
	s.fit(widths)
	var b strings.Builder
	if t.Title != "" {
		b.WriteString(oneLine(t.Title) + "\n")
	}
	names := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		names[i] = strings.ToUpper(c.Name)
	}
	b.WriteString(s.paint(Muted, s.row(names, t.Columns, widths)) + "\n")
	for _, r := range t.Rows {
		b.WriteString(s.paint(r.Tone, s.row(r.Cells, t.Columns, widths)) + "\n")
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

// row lays the cells of a line out. Only a terminal cuts them: what goes into a file or a pipe is whole.
func (s Style) row(cells []string, columns []Column, widths []int) string {
	var b strings.Builder
	for i, cell := range cells {
		cell = oneLine(cell)
		if s.Width > 0 {
			cell = cut(cell, widths[i])
		}
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

// Safe shows control characters, and those that turn the direction of a text, as what they are, so that no input can
// steer a terminal or look like something else. Line breaks stay.
func Safe(s string) string {
	out := strings.Split(s, "\n")
	for i := range out {
		out[i] = oneLine(out[i])
	}
	return strings.Join(out, "\n")
}

// oneLine is Safe for a text that must stay on its line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r' || r == '\u2028' || r == '\u2029':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
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
