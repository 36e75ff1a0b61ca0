// Package diag holds the one type in which Treadmill reports a problem in what a user wrote.
//
// The way through it: an adapter or a domain function returns []Finding; the command line sorts them,
// shows them in any format and derives the exit status from them. It does not print and knows no format.
package diag

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Unread is the ID of a finding that says an input could not be seen at all: a file without permission, a folder
// that does not open, a part of a cluster hidden from the user. At severity Error the work counts as not done.
const Unread = "input/unread"

// Syntax is the ID of a finding that says an input was read but is not what it should be: YAML that does not parse.
const Syntax = "input/syntax"

// Severity orders findings. The zero value is Info.
type Severity uint8

// The severities, in rising order.
const (
	Info Severity = iota
	Warning
	Error
)

var severityNames = [...]string{Info: "info", Warning: "warning", Error: "error"}

// String returns "info", "warning" or "error".
func (s Severity) String() string { return severityNames[s] }

// MarshalText writes the severity as its name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads a severity from its name.
func (s *Severity) UnmarshalText(text []byte) error {
	v, err := ParseSeverity(string(text))
	*s = v
	return err
}

// ParseSeverity reads "info", "warning" or "error".
func ParseSeverity(name string) (Severity, error) {
	if i := slices.Index(severityNames[:], name); i >= 0 {
		return Severity(i), nil
	}
	return 0, fmt.Errorf("%q is not a severity: want info, warning or error", name)
}

// Position is a place in an input, or a span of it. Line and Column count from 1; 0 means unknown. Columns count Unicode code points, as
// YAML parsers do: a tab, an é and an emoji are one column each, and a byte order mark is none. EndLine and EndColumn are the place
// behind the last character of the span; 0 means that its end is not known. Inputs that are not files have a name in File too, such
// as "<stdin>" or "context prod-eu".
type Position struct {
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"endLine,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"`
}

// To is the span from a place up to another one.
func (p Position) To(end Position) Position {
	p.EndLine, p.EndColumn = end.Line, end.Column
	return p
}

// Wide is the span of so many columns from a place on, in its line.
func (p Position) Wide(columns int) Position {
	if p.Column > 0 && columns > 0 {
		p.EndLine, p.EndColumn = p.Line, p.Column+columns
	}
	return p
}

// Column is the column of an offset in a line.
func Column[T string | []byte](line T, offset int) int {
	return 1 + utf8.RuneCountInString(string(line[:min(max(offset, 0), len(line))]))
}

// Place is where an offset of a text is. The byte order mark of a text is no part of its first line.
func Place(file string, text []byte, offset int) Position {
	offset = min(max(offset, 0), len(text))
	start := bytes.LastIndexByte(text[:offset], '\n') + 1
	line := bytes.TrimPrefix(text[start:offset], []byte("\xef\xbb\xbf"))
	if start > 0 {
		line = text[start:offset]
	}
	return Position{File: file, Line: 1 + bytes.Count(text[:start], []byte("\n")), Column: Column(line, len(line))}
}

// String writes file:line:col, leaving out what is unknown.
func (p Position) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	default:
		return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
	}
}

// Finding is one problem in an input, or one thing about it that the user should know.
// Message is one sentence without a full stop that names the problem and, where there is one, the way out.
type Finding struct {
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	Position
	Cause string `json:"cause,omitempty"` // what it comes of, where findings in other places may come of the same
}

// Errorf is a finding of severity Error with a formatted message.
func Errorf(id string, at Position, format string, args ...any) Finding {
	return Finding{ID: id, Severity: Error, Position: at, Message: fmt.Sprintf(format, args...)}
}

// String writes the finding as one line: place, severity, message, ID.
func (f Finding) String() string {
	var b strings.Builder
	if at := f.Position.String(); at != "" {
		b.WriteString(at + ": ")
	}
	fmt.Fprintf(&b, "%s: %s [%s]", f.Severity, f.Message, f.ID)
	return b.String()
}

// Compare orders findings by place, then ID, message and severity: a total order, so that equal inputs give equal output.
func Compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.File, b.File),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
		cmp.Compare(
			a.EndLine,
			b.EndLine,
		),
		cmp.Compare(a.EndColumn, b.EndColumn),
		cmp.Compare(a.ID, b.ID),
		cmp.Compare(a.Message, b.Message),
		cmp.Compare(a.Severity, b.Severity),
	)
}

// Sort orders findings by Compare, in place, and returns them.
func Sort(fs []Finding) []Finding {
	slices.SortFunc(fs, Compare)
	return fs
}

// Any reports whether one of the findings is at or above the severity.
func Any(fs []Finding, at Severity) bool {
	return slices.ContainsFunc(fs, func(f Finding) bool { return f.Severity >= at })
}
