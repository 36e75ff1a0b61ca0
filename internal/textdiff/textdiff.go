// Package textdiff writes the difference of two texts as a patch.
package textdiff

import (
	"bytes"
	"fmt"
	"strings"
)

// Unified writes the difference of two texts of a file in the unified format, with three lines of context, as patch and
// "git apply" read it. It is empty for equal texts.
func Unified(name string, a, b []byte) []byte {
	if bytes.Equal(a, b) {
		return nil
	}
	x, y := textLines(a), textLines(b)
	var out bytes.Buffer
	name = strings.TrimPrefix(name, "/")
	out.WriteString("--- " + header("a/"+name) + "\n+++ " + header("b/"+name) + "\n")
	edits := compareLines(x, y)
	const context = 3
	for i := 0; i < len(edits); {
		j := i + 1
		for j < len(edits) && edits[j].from-edits[j-1].to <= 2*context {
			j++
		}
		hunk(&out, x, y, edits[i:j], context)
		i = j
	}
	return out.Bytes()
}

// Range is lines from the first to the last, counted from 1.
type Range struct{ First, Last int }

// Added are the lines of b that are not in a, in order.
func Added(a, b []byte) []Range {
	var out []Range
	for _, e := range compareLines(textLines(a), textLines(b)) {
		if e.as < e.until {
			out = append(out, Range{e.as + 1, e.until})
		}
	}
	return out
}

// header writes a name as git does: one that has control characters, quotes or backslashes in quotes, and one that has spaces with a tab
// behind it, as what follows a tab is a date.
func header(name string) string {
	switch {
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == 0x7f }):
		var b strings.Builder
		for _, c := range []byte(name) {
			switch {
			case c == '"' || c == '\\':
				b.WriteByte('\\')
				b.WriteByte(c)
			case c < ' ' || c == 0x7f:
				fmt.Fprintf(&b, `\%03o`, c)
			default:
				b.WriteByte(c)
			}
		}
		return `"` + b.String() + `"`
	case strings.Contains(name, " "):
		return name + "\t"
	}
	return name
}

func textLines(text []byte) []string {
	lines := strings.SplitAfter(string(text), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// edit says that lines [from, to) of one text are lines [as, until) of the other.
type edit struct{ from, to, as, until int }

func hunk(out *bytes.Buffer, x, y []string, edits []edit, context int) {
	first, last := edits[0], edits[len(edits)-1]
	before := min(context, first.from)
	after := min(context, len(x)-last.to)
	start, end := first.from-before, last.to+after
	fmt.Fprintf(out, "@@ -%s +%s @@\n", count(start, end-start), count(first.as-before, last.until+after-first.as+before))
	at := start
	for _, e := range edits {
		put(out, " ", x[at:e.from])
		put(out, "-", x[e.from:e.to])
		put(out, "+", y[e.as:e.until])
		at = e.to
	}
	put(out, " ", x[at:end])
}

// count is a range of lines as a hunk names it.
func count(start, n int) string {
	if n == 0 {
		return fmt.Sprintf("%d,0", start)
	}
	return fmt.Sprintf("%d,%d", start+1, n)
}

func put(out *bytes.Buffer, sign string, lines []string) {
	for _, l := range lines {
		out.WriteString(sign + l)
		if !strings.HasSuffix(l, "\n") {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// maxEffort bounds the search for the shortest difference: the lines that differ between two texts.
const maxEffort = 2000

// compareLines finds the shortest difference of two texts by the algorithm of Myers ("An O(ND) difference algorithm",
// 1986). Texts that differ in more lines than maxEffort are taken to differ from the first such line to the last.
func compareLines(x, y []string) []edit {
	head := 0
	for head < len(x) && head < len(y) && x[head] == y[head] {
		head++
	}
	tail := 0
	for tail < len(x)-head && tail < len(y)-head && x[len(x)-1-tail] == y[len(y)-1-tail] {
		tail++
	}
	n, m := len(x)-head-tail, len(y)-head-tail
	whole := []edit{{head, head + n, head, head + m}}
	size := min(n+m, maxEffort)
	v := make([]int, 2*size+2)
	var trace [][]int
	for d := 0; d <= size; d++ {
		trace = append(trace, append([]int(nil), v[size-d:size+d+1]...))
		for k := -d; k <= d; k += 2 {
			i := step(v, size, k, d)
			for i < n && i-k < m && x[head+i] == y[head+i-k] {
				i++
			}
			v[size+k] = i
			if i >= n && i-k >= m {
				return backtrack(trace, n, m, head)
			}
		}
	}
	return whole
}

// step is how far the path on diagonal k gets with one more line taken out or put in.
func step(v []int, size, k, d int) int {
	switch {
	case d == 0:
		return 0
	case k == -d || k != d && v[size+k-1] < v[size+k+1]:
		return v[size+k+1]
	default:
		return v[size+k-1] + 1
	}
}

// backtrack reads the edits off the path that was found, joining those that touch.
func backtrack(trace [][]int, n, m, head int) []edit {
	var edits []edit
	i, j := n, m
	for d := len(trace) - 1; d > 0; d-- {
		v := func(k int) int { return trace[d][d+k] }
		k := i - j
		down := k == -d || k != d && v(k-1) < v(k+1)
		from := k + 1
		if !down {
			from = k - 1
		}
		fromI := v(from)
		fromJ := fromI - from
		e := edit{head + fromI, head + fromI, head + fromJ, head + fromJ + 1}
		if !down {
			e = edit{head + fromI, head + fromI + 1, head + fromJ, head + fromJ}
		}
		if len(edits) > 0 && edits[0].from == e.to && edits[0].as == e.until {
			edits[0].from, edits[0].as = e.from, e.as
		} else {
			edits = append([]edit{e}, edits...)
		}
		i, j = fromI, fromJ
	}
	return edits
}
