package report

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"treadmill/internal/diag"
)

// mostExcerpts is of how many findings the lines are shown: whoever has more fixes those first.
const mostExcerpts = 20

// FindingLines writes findings as file:line:col lines, each with the line that it speaks of and the place in it underlined, where the style
// knows the texts.
func FindingLines(fs []diag.Finding, s Style) string {
	var b strings.Builder
	shown := 0
	for _, f := range fs {
		for line := range strings.SplitSeq(hang(oneLine(f.String()), s.Width), "\n") {
			b.WriteString(s.paint(ToneOf(f.Severity), line) + "\n")
		}
		if f.Severity > diag.Info && shown < mostExcerpts {
			if text := s.excerpt(f); text != "" {
				b.WriteString(text)
				shown++
			}
		}
	}
	return b.String()
}

// excerpt is the line that a finding speaks of, with its place underlined; "" where it is not known.
func (s Style) excerpt(f diag.Finding) string {
	if s.Source == nil || f.Line == 0 || f.File == "" {
		return ""
	}
	line, ok := s.Source(f.File, f.Line)
	text := []rune(oneLine(line))
	if !ok || strings.TrimSpace(line) == "" || f.Column > len(text)+1 {
		return ""
	}
	from := max(f.Column, 1) - 1
	to := from + 1
	switch {
	case f.EndLine == f.Line && f.EndColumn > f.Column:
		to = min(f.EndColumn-1, len(text))
	case f.EndLine > f.Line:
		to = len(text)
	}
	number := fmt.Sprint(f.Line)
	text, from, to = window(text, from, max(to, from+1), s.Width-len(number)-len("   | "))
	margin := strings.Repeat(" ", len(number))
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s\n", s.paint(Muted, " "+number+" | "), string(text))
	if f.Column > 0 {
		fmt.Fprintf(&b, "%s%s%s\n", s.paint(Muted, " "+margin+" | "), strings.Repeat(" ", from),
			s.paint(ToneOf(f.Severity), strings.Repeat("^", to-from)))
	}
	return b.String()
}

// window cuts a line that is longer than a width around a span in it. A width of 0 or less cuts nothing.
func window(text []rune, from, to, width int) ([]rune, int, int) {
	if width < 20 || len(text) <= width {
		return text, from, to
	}
	start := min(max(0, from-width/3), len(text)-width)
	end := start + width
	out := append([]rune{}, text[start:end]...)
	if start > 0 {
		out[0] = '…'
	}
	if end < len(text) {
		out[len(out)-1] = '…'
	}
	return out, from - start, min(to-start, width)
}

// row lays the cells of a line out, those that are too long on several lines.
func (s Style) row(cells []string, columns []Column, widths []int) []string {
	parts, height := make([][]string, len(cells)), 1
	for i, cell := range cells {
		parts[i] = []string{oneLine(cell)}
		if s.Width > 0 {
			parts[i] = wrap(oneLine(cell), widths[i])
		}
		height = max(height, len(parts[i]))
	}
	out := make([]string, height)
	for n := range out {
		var b strings.Builder
		for i := range cells {
			cell := ""
			if n < len(parts[i]) {
				cell = parts[i][n]
			}
			pad := strings.Repeat(" ", max(0, widths[i]-utf8.RuneCountInString(cell)))
			if i > 0 {
				b.WriteString(gap)
			}
			if columns[i].Right {
				cell = pad + cell
			} else {
				cell += pad
			}
			b.WriteString(cell)
		}
		out[n] = strings.TrimRight(b.String(), " ")
	}
	return out
}
