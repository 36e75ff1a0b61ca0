package helm

import (
	"regexp"
	"strconv"
	"strings"
)

var (
	placePattern = regexp.MustCompile(`([^\s():"<>]+):(\d+)(?::(\d+))?`)
	tickPattern  = regexp.MustCompile(`\{\{` + tickName + `[^}]*\}\}`)
)

// locate finds the template and the line in an error of Helm's engine. The last place is the one where it went wrong; those
// before it are where that was called.
func locate(err error, templates map[string]int, files []File) *Error {
	text := tickPattern.ReplaceAllString(err.Error(), "")
	out := &Error{Message: brief(text)}
	for _, m := range placePattern.FindAllStringSubmatch(text, -1) {
		if i, ok := templates[m[1]]; ok {
			out.File = files[i].Path
			out.Line, _ = strconv.Atoi(m[2])
			out.Column = 0
		}
	}
	return out
}

// brief is the part of an engine's error that says what is wrong.
func brief(text string) string {
	if _, after, ok := strings.Cut(text, "): "); ok && (strings.HasPrefix(text, "execution error") || strings.HasPrefix(text, "parse error")) {
		text = after
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	last := strings.TrimSpace(lines[len(lines)-1])
	if n := strings.LastIndex(last, ">: "); n >= 0 && strings.HasPrefix(last, "template: ") {
		last = last[n+3:]
	}
	if len(last) > 300 {
		last = last[:300] + "…"
	}
	return last
}
