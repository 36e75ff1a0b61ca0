package report

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// readable is the width below which a column of text is folded only when nothing else is left to do.
const readable = 24

// fitted is a table as it is laid out: which columns are shown, and how wide.
type fitted struct {
	Table
	widths []int
	left   []string // names of columns that did not fit
}

// fit lays a table out for a terminal: columns of text fold, then those columns go that matter least, then all fold as far as they can.
// A table that does not fit even so becomes a list of its cells, and ok is false. What goes into a file or a pipe is whole.
func (s Style) fit(t Table) (f fitted, ok bool) {
	f = fitted{Table: t, widths: t.widths(maxAligned)}
	if s.Width == 0 {
		return f, true
	}
	if f.widths = t.widths(0); f.total() <= s.Width {
		return f, true
	}
	f.Table = f.withoutEmpty()
	f.widths = f.Table.widths(0)
	for {
		if f.shrink(s.Width, readable) {
			return f, true
		}
		i := f.least()
		if i < 0 {
			return f, f.shrink(s.Width, 0)
		}
		f.left = append([]string{f.Columns[i].Name}, f.left...)
		f.Table = f.without(i)
		f.widths = f.Table.widths(0)
	}
}

// maxAligned is the length of a cell from which on other rows are not aligned to it.
const maxAligned = 120

// widths are those of the widest cells, those left aside that are longer than most; 0 takes all.
func (t Table) widths(most int) []int {
	out := make([]int, len(t.Columns))
	for i, c := range t.Columns {
		out[i] = utf8.RuneCountInString(c.Name)
		for _, r := range t.Rows {
			if n := utf8.RuneCountInString(oneLine(r.Cells[i])); most == 0 || n <= most {
				out[i] = max(out[i], n)
			}
		}
	}
	return out
}

// gap is what stands between two columns.
const gap = "  "

func (f fitted) total() int {
	sum := len(gap) * (len(f.widths) - 1)
	for _, w := range f.widths {
		sum += w
	}
	return sum
}

// shrink narrows the widest columns until the table fits, none below its longest word, nor below a width that is given.
func (f *fitted) shrink(width, floor int) bool {
	natural, least := f.Table.widths(0), make([]int, len(f.widths))
	for i := range natural {
		least[i] = min(natural[i], max(floor, f.longestWord(i)))
	}
	for level := min(width, slices.Max(natural)); level > 0; level-- {
		for i := range natural {
			f.widths[i] = max(least[i], min(natural[i], level))
		}
		if f.total() <= width {
			return true
		}
	}
	f.widths = natural
	return false
}

// longestWord is how narrow a column may become: numbers and dates stay on their line, and words are broken only where they are very long.
func (f fitted) longestWord(i int) int {
	const most = 16
	longest := 0
	for _, word := range strings.Fields(f.Columns[i].Name) {
		longest = max(longest, utf8.RuneCountInString(word))
	}
	for _, r := range f.Rows {
		cell := oneLine(r.Cells[i])
		if f.Columns[i].Right || f.Columns[i].Keep {
			longest = max(longest, utf8.RuneCountInString(cell))
			continue
		}
		for _, word := range strings.Fields(cell) {
			longest = max(longest, min(most, utf8.RuneCountInString(word)))
		}
	}
	return longest
}

// least is the column that matters least, the last one of several; -1 when all must stay.
func (f fitted) least() int {
	at, most := -1, uint8(0)
	for i, c := range f.Columns {
		if c.Rank > 0 && c.Rank >= most {
			at, most = i, c.Rank
		}
	}
	return at
}

// withoutEmpty leaves out the columns that say nothing.
func (t Table) withoutEmpty() Table {
	for i := len(t.Columns) - 1; i >= 0 && len(t.Columns) > 1; i-- {
		if !slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Cells[i] != "" }) {
			t = t.without(i)
		}
	}
	return t
}

// without leaves out a column.
func (t Table) without(i int) Table {
	out := Table{Title: t.Title, Worst: t.Worst, Columns: slices.Delete(slices.Clone(t.Columns), i, i+1)}
	for _, r := range t.Rows {
		out.Rows = append(out.Rows, Row{Tone: r.Tone, Cells: slices.Delete(slices.Clone(r.Cells), i, i+1)})
	}
	return out
}

// hang wraps a text whose lines after the first are set in.
func hang(text string, width int) string {
	if width > 2*len(gap) && utf8.RuneCountInString(text) > width {
		return strings.Join(wrap(text, width-len(gap)), "\n"+gap)
	}
	return text
}

// wrap breaks a text into lines of at most so many columns, between words where it can.
func wrap(text string, width int) []string {
	if width <= 0 || utf8.RuneCountInString(text) <= width {
		return []string{text}
	}
	var out []string
	line := ""
	for _, word := range strings.Fields(text) {
		for {
			room := width - utf8.RuneCountInString(line)
			if line != "" {
				room--
			}
			n := utf8.RuneCountInString(word)
			if n <= room {
				line = strings.TrimPrefix(line+" "+word, " ")
				break
			}
			if line != "" {
				out, line = append(out, line), ""
				continue
			}
			at := breakAt([]rune(word), width)
			out, word = append(out, string([]rune(word)[:at])), string([]rune(word)[at:])
		}
	}
	return append(out, line)
}

// breakAt is where a word that is longer than a line is broken: behind a sign that divides it, such as that of a path.
func breakAt(word []rune, width int) int {
	for i := width; i > width/2; i-- {
		if strings.ContainsRune("/:,;._-=", word[i-1]) {
			return i
		}
	}
	return width
}
