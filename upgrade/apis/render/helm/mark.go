package helm

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// markWord starts the comment that instrument leaves behind an apiVersion; the index of the file, the line and the column
// of the value follow it.
const markWord = "#~treadmill"

// insertion is a text to put into a template.
type insertion struct {
	at   int
	text string
}

// instrument puts a comment behind each "apiVersion:" of a template, which says where it stands and which rendering carries
// along, and a call of the budget into each loop and each definition. Without mark it leaves the comments out.
func instrument(text string, file int, mark bool) string {
	var out []insertion
	var open []block
	start := 0 // of the line; -1 when it begins inside an action
	if !mark {
		file = -1
	}
	line := 1
	for at := 0; at < len(text); {
		next := strings.Index(text[at:], "{{")
		end := len(text)
		if next >= 0 {
			end = at + next
		}
		for at < end {
			n := strings.IndexByte(text[at:end], '\n')
			if n < 0 {
				break
			}
			out = markLine(out, text, start, at+n, file, line)
			at += n + 1
			start, line = at, line+1
		}
		if next < 0 {
			break
		}
		at = action(text, end)
		word := keyword(text[end:at])
		switch word {
		case "if", "with", "range", "block", "define":
			open = append(open, block{word, at})
		case "end":
			if n := len(open); n > 0 {
				out = open[n-1].tick(out, text, end)
				open = open[:n-1]
			}
		}
		if n := strings.Count(text[end:at], "\n"); n > 0 {
			start, line = -1, line+n
		}
	}
	out = markLine(out, text, start, len(text), file, line)
	return insert(text, out)
}

// insert puts texts into another.
func insert(text string, these []insertion) string {
	slices.SortStableFunc(these, func(a, b insertion) int { return a.at - b.at })
	var b strings.Builder
	last := 0
	for _, i := range these {
		b.WriteString(text[last:i.at])
		b.WriteString(i.text)
		last = i.at
	}
	b.WriteString(text[last:])
	return b.String()
}

// markLine marks the line from start to end if it holds an apiVersion in block style.
func markLine(out []insertion, text string, start, end, file, line int) []insertion {
	if start < 0 || start > end || file < 0 {
		return out
	}
	whole := strings.TrimRight(text[start:end], " \t\r")
	value := strings.TrimLeft(whole, " -")
	rest, ok := strings.CutPrefix(value, "apiVersion:")
	bare, _, _ := strings.Cut(whole, " #")
	bare = strings.TrimRight(bare, " \t")
	if !ok || strings.HasSuffix(whole, "-}}") || strings.HasSuffix(bare, ",") || strings.HasSuffix(bare, "|") || strings.HasSuffix(bare, ">") {
		return out
	}
	column := len(whole) - len(strings.TrimLeft(rest, " ")) + 1
	return append(out, insertion{start + len(whole), fmt.Sprintf(" %s %d %d %d", markWord, file, line, column)})
}

// block is an action that is open.
type block struct {
	word string
	body int // where its body begins
}

// tick counts what a loop or a definition may write.
func (b block) tick(out []insertion, text string, end int) []insertion {
	if b.word != "range" && b.word != "define" && b.word != "block" || strings.TrimSpace(text[b.body:end]) == "" {
		return out
	}
	trim := ""
	if strings.HasSuffix(text[:b.body], "-}}") {
		trim = " -"
	}
	return append(out, insertion{b.body, fmt.Sprintf("{{%s %d%s}}", tickName, end-b.body, trim)})
}

// action returns where the action that begins at a place ends.
func action(text string, at int) int {
	inner := at + 2
	if strings.HasPrefix(text[inner:], "- ") {
		inner += 2
	}
	if strings.HasPrefix(text[inner:], "/*") {
		if n := strings.Index(text[inner:], "*/"); n >= 0 {
			inner += n + 2
		}
	}
	for i := inner; i < len(text); i++ {
		switch c := text[i]; c {
		case '}':
			if strings.HasPrefix(text[i:], "}}") {
				return i + 2
			}
		case '"', '\'', '`':
			for i++; i < len(text) && text[i] != c; i++ {
				if text[i] == '\\' && c != '`' {
					i++
				}
			}
		}
	}
	return len(text)
}

// keyword is the first word of an action.
func keyword(action string) string {
	action = strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(action, "{{"), "-"), " \t\r\n")
	n := 0
	for n < len(action) && 'a' <= action[n] && action[n] <= 'z' {
		n++
	}
	return action[:n]
}

var markPattern = regexp.MustCompile(markWord + ` (\d+) (\d+) (\d+)`)

// marked are the places of all marks in texts, without and with the values that stand there.
func marked(texts map[string]string) map[place]bool {
	out := map[place]bool{}
	for _, text := range texts {
		for _, m := range markPattern.FindAllStringSubmatchIndex(text, -1) {
			file, _ := strconv.Atoi(text[m[2]:m[3]])
			line, _ := strconv.Atoi(text[m[4]:m[5]])
			out[place{file: file, line: line}] = true
			before := text[strings.LastIndexByte(text[:m[0]], '\n')+1 : m[0]]
			if _, value, ok := strings.Cut(before, "apiVersion:"); ok {
				value, _, _ = strings.Cut(value, " #")
				out[place{file, line, strings.Trim(value, ` "'`)}] = true
			}
		}
	}
	return out
}

// Source says where the object was written whose apiVersion stands in a line of the document's text, 1 the first: the file,
// and the line and column, which are 0 when they are not known. A whole object that comes out of a value has no line.
func (d Document) Source(line int, apiVersion string) (file string, at, column int) {
	if file, at, column = d.mark(line); file != "" {
		return file, at, column
	}
	at, column = written(d.File.Data, apiVersion)
	return d.File.Path, at, column
}

// Near says where a line was written: the line of the same text below the apiVersion that stands closest above it in the same
// YAML document, the second one if the text is written twice, or else that apiVersion.
func (d Document) Near(line int) (file string, at, column int) {
	text := lineText(d.Text, line)
	again := 0
	for ; line > 0; line-- {
		here := lineText(d.Text, line)
		if bytes.Equal(here, text) {
			again++
		}
		if file, at, column = d.mark(line); file != "" {
			if l, c := nthLine(d.data(file), at, text, again); l > 0 {
				return file, l, c
			}
			return file, at, column
		}
		if bytes.HasPrefix(here, []byte("---")) {
			break
		}
	}
	return d.File.Path, 0, 0
}

// data is the text of a file of the chart.
func (d Document) data(path string) []byte {
	for _, f := range d.files {
		if f.Path == path {
			return f.Data
		}
	}
	return nil
}

// lineText is a line without the space around it.
func lineText(text []byte, line int) []byte {
	rest := text[lineStart(text, line):]
	if n := bytes.IndexByte(rest, '\n'); n >= 0 {
		rest = rest[:n]
	}
	return bytes.TrimSpace(rest)
}

// nthLine finds the nth line of a text behind a line; 0 for none.
func nthLine(data []byte, after int, text []byte, n int) (line, column int) {
	for l := range bytes.Lines(data) {
		if line++; line <= after || len(text) == 0 || !bytes.Equal(bytes.TrimSpace(l), text) {
			continue
		}
		if n--; n == 0 {
			return line, bytes.Index(l, text) + 1
		}
	}
	return 0, 0
}

// mark reads the mark in a line.
func (d Document) mark(line int) (file string, at, column int) {
	start := lineStart(d.Text, line)
	end := len(d.Text)
	if n := bytes.IndexByte(d.Text[start:], '\n'); n >= 0 {
		end = start + n
	}
	m := markPattern.FindSubmatch(d.Text[start:end])
	if m == nil {
		return "", 0, 0
	}
	i, err := strconv.Atoi(string(m[1]))
	if err != nil || i >= len(d.files) {
		return "", 0, 0
	}
	at, _ = strconv.Atoi(string(m[2]))
	column, _ = strconv.Atoi(string(m[3]))
	return d.files[i].Path, at, column
}

// written finds an apiVersion that a template writes where no mark can stand: in flow style or JSON. An object that is not
// written so and has no mark is from a value.
func written(template []byte, apiVersion string) (line, column int) {
	for text := range bytes.Lines(template) {
		line++
		n := bytes.Index(text, []byte(apiVersion))
		before, ok := bytes.CutSuffix(bytes.TrimRight(text[:max(n, 0)], ` "':`), []byte("apiVersion"))
		if n >= 0 && ok && len(bytes.Trim(before, " -")) > 0 {
			return line, n + 1
		}
	}
	return 0, 0
}

func lineStart(text []byte, line int) int {
	at := 0
	for ; line > 1; line-- {
		n := bytes.IndexByte(text[at:], '\n')
		if n < 0 {
			return len(text)
		}
		at += n + 1
	}
	return at
}
