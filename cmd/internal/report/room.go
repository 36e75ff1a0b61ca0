package report

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Room is how long the text of a view may be, such as a comment on a pull request. The zero value is as long as it takes.
type Room struct {
	Bytes int
	Rest  string // a sentence that says how to see what was left out
}

// Comment is how long a comment on a pull request may be: GitHub takes 65,536 characters, of which a pipeline needs some for its own words.
const Comment = 64_000

// cellRoom is how much of a cell is shown where not all of a view is.
const cellRoom = 400

// fit writes a view, with as many rows of its tables as there is room for, the first of each, and says how many are left out.
func (r Room) fit(v View, write func(View) ([]byte, error)) ([]byte, error) {
	text, err := write(v)
	if err != nil || r.Bytes == 0 || len(text) <= r.Bytes {
		return text, err
	}
	if len(v.Findings) > 0 && !v.Tabled {
		v.Tables, v.Tabled = append(slices.Clip(v.Tables), findingTable(v.Findings)), true
	}
	most := 0
	for _, t := range v.Tables {
		most = max(most, len(t.Rows))
	}
	// The smallest number of rows that is too many: all of them may be few enough once long cells are cut.
	rows := sort.Search(most+1, func(n int) bool {
		text, err := write(r.shortened(v, n))
		return err != nil || len(text) > r.Bytes
	})
	return write(r.shortened(v, max(rows-1, 0)))
}

// shortened is a view with at most so many rows of each table, and cells of some length.
func (r Room) shortened(v View, rows int) View {
	tables := slices.Clone(v.Tables)
	var left []string
	for i := range tables {
		t := &tables[i]
		if n := len(t.Rows) - rows; n > 0 {
			t.Rows = t.Rows[:rows]
			left = append(left, fmt.Sprintf("%d of %q", n, t.Title))
		}
		short := slices.Clone(t.Rows)
		for k := range short {
			short[k].Cells = slices.Clone(short[k].Cells)
			for c, cell := range short[k].Cells {
				short[k].Cells[c] = clip(cell)
			}
		}
		t.Rows = short
	}
	said := "Long texts are cut, as this would be too long. " + r.Rest
	if len(left) > 0 {
		said = "Rows are left out, as this would be too long: " + strings.Join(left, ", ") + ". " + r.Rest
	}
	v.Tables, v.Notes = tables, append(slices.Clip(v.Notes), said)
	return v
}

func clip(cell string) string {
	if runes := []rune(cell); len(runes) > cellRoom {
		return string(runes[:cellRoom]) + "…"
	}
	return cell
}
