package scan

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"treadmill/internal/diag"
)

// The IDs of findings about comments that accept other findings.
const (
	IgnoreWrong   = "ignore/wrong"   // the comment says nothing that can be followed, or gives no reason
	IgnoreExpired = "ignore/expired" // its day has come, so that what it accepted counts again
	IgnoreUnused  = "ignore/unused"  // there is nothing that it accepts
)

// Ignore is a comment that accepts findings: "# treadmill:ignore api/deprecated until 2027-01-01 reason".
type Ignore struct {
	diag.Position
	Folder   string // that the file speaks for too, as a kustomization does for its folder; "" for none
	ID       string
	Until    time.Time // the first day on which it holds no longer; zero forever
	Reason   string
	from, to int // the lines that it speaks for
	used     bool
}

var ignoreComment = regexp.MustCompile(`(^|\s)#\s*treadmill:ignore\b(.*)$`)

// Ignores finds the comments of a file. One behind a value speaks for its line; one on a line of its own for the lines
// below that are indented as far as the next one, up to the next item; one in the first column for its document.
func Ignores(file, text string) ([]Ignore, []diag.Finding) {
	if !strings.Contains(text, "treadmill:ignore") {
		return nil, nil // as of nearly all files
	}
	lines := strings.Split(text, "\n")
	var found []Ignore
	var findings []diag.Finding
	for i, line := range lines {
		m := ignoreComment.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		at := m[0]
		if line[at] != '#' {
			at++
		}
		ignore, err := parseIgnore(strings.TrimSpace(line[m[4]:m[5]]))
		ignore.Position = diag.Position{File: file, Line: i + 1, Column: diag.Column(line, at)}
		if err != nil {
			findings = append(findings, diag.Finding{ID: IgnoreWrong, Severity: diag.Error, Position: ignore.Position, Message: err.Error()})
			continue
		}
		ignore.from, ignore.to = i+1, i+1
		if strings.TrimSpace(line[:at]) == "" {
			ignore.from, ignore.to = reach(lines, i, at)
		}
		found = append(found, ignore)
	}
	return found, findings
}

func parseIgnore(words string) (Ignore, error) {
	id, rest, _ := strings.Cut(words, " ")
	i := Ignore{ID: id, Reason: strings.TrimSpace(rest)}
	if area, word, ok := strings.Cut(id, "/"); !ok || area == "" || word == "" {
		return i, fmt.Errorf("treadmill:ignore names no finding: want \"treadmill:ignore api/deprecated until 2027-01-01 reason\"")
	}
	if day, after, _ := strings.Cut(strings.TrimPrefix(i.Reason, "until "), " "); strings.HasPrefix(i.Reason, "until ") {
		until, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return i, fmt.Errorf("treadmill:ignore: until %q is no day such as 2027-01-01", day)
		}
		i.Until, i.Reason = until, strings.TrimSpace(after)
	}
	if i.Reason == "" {
		return i, fmt.Errorf("treadmill:ignore %s gives no reason; write one behind it", id)
	}
	return i, nil
}

// reach returns the lines that a comment on a line of its own speaks for.
func reach(lines []string, at, indent int) (from, to int) {
	marker := func(i int) bool { return strings.HasPrefix(lines[i], "---") }
	if indent == 0 {
		for from = at; from > 0 && !marker(from); from-- {
			continue
		}
		for to = at + 1; to < len(lines) && !marker(to); to++ {
			continue
		}
		return from + 1, to
	}
	next := at + 1
	for next < len(lines) && (depth(lines[next]) < 0 || strings.HasPrefix(strings.TrimSpace(lines[next]), "#")) {
		next++
	}
	if next == len(lines) {
		return at + 1, at + 1
	}
	base := depth(lines[next])
	item := strings.HasPrefix(lines[next][base:], "-")
	for to = next + 1; to < len(lines) && !marker(to); to++ {
		d := depth(lines[to])
		if d >= 0 && (d < base || d == base && (item || strings.HasPrefix(lines[to][d:], "-"))) {
			break
		}
	}
	return at + 1, to
}

// depth is the indentation of a line, -1 for one without text.
func depth(line string) int {
	if strings.TrimSpace(line) == "" {
		return -1
	}
	return len(line) - len(strings.TrimLeft(line, " "))
}
