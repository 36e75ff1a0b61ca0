package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
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
	if wide { // whole, whatever the terminal
		s.Width = 0
	}
	var parts []string
	if len(v.Lead) > 0 {
		parts = append(parts, s.lines(v.Lead))
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
		parts = append(parts, s.lines(v.Notes))
	}
	_, err := io.WriteString(w, strings.Join(parts, "\n"))
	return err
}

// lines writes sentences, each on lines of its own.
func (s Style) lines(ss []string) string {
	var b strings.Builder
	for _, sentence := range ss {
		b.WriteString(strings.Join(wrap(oneLine(sentence), s.Width), "\n") + "\n")
	}
	return b.String()
}

func textTable(t Table, s Style, wide bool) string {
	if !wide {
		t = t.narrow()
	}
	f, ok := s.fit(t)
	var b strings.Builder
	if t.Title != "" {
		b.WriteString(s.lines([]string{t.Title}))
	}
	if !ok {
		return b.String() + s.cellList(t)
	}
	names := make([]string, len(f.Columns))
	for i, c := range f.Columns {
		names[i] = strings.ToUpper(c.Name)
	}
	for _, line := range s.row(names, f.Columns, f.widths) {
		b.WriteString(s.paint(Muted, line) + "\n")
	}
	for _, r := range f.Rows {
		for _, line := range s.row(r.Cells, f.Columns, f.widths) {
			b.WriteString(s.paint(r.Tone, line) + "\n")
		}
	}
	if len(f.left) > 0 {
		b.WriteString(s.paint(Muted, strings.Join(wrap("Not shown: "+strings.Join(f.left, ", ")+" (-o wide).", s.Width), "\n")) + "\n")
	}
	return b.String()
}

// cellList writes a table that does not fit: each row as lines of names and cells.
func (s Style) cellList(t Table) string {
	var b strings.Builder
	for i, r := range t.Rows {
		if i > 0 {
			b.WriteString("\n")
		}
		for k, cell := range r.Cells {
			if cell != "" {
				b.WriteString(s.paint(r.Tone, hang(strings.ToUpper(t.Columns[k].Name)+gap+oneLine(cell), s.Width)) + "\n")
			}
		}
	}
	return b.String()
}

// narrow leaves out the wide columns.
func (t Table) narrow() Table {
	if !slices.ContainsFunc(t.Columns, func(c Column) bool { return c.Wide }) {
		return t
	}
	out := Table{Title: t.Title, Worst: t.Worst}
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
