package app

import (
	"bytes"
	"io"
	"regexp"
	"strings"
)

// maxSource is the largest file of which lines are shown beside findings.
const maxSource = 4 << 20

// sources gives lines of the files that findings speak of; each file is read once.
type sources struct {
	app   *App
	lines map[string][][]byte
}

// private is what a line looks like that may hold a secret, which no output shows.
var private = regexp.MustCompile(`(?i)passw|secret|token|credential|authorization|bearer|api[-_]?key|private|\bdata:`)

// line is a line of a file, without its end; false for what cannot be read, is no text, or may hold a secret.
func (s *sources) line(file string, n int) (string, bool) {
	lines, known := s.lines[file]
	if !known {
		lines = s.read(file)
		s.lines[file] = lines
	}
	if n < 1 || n > len(lines) {
		return "", false
	}
	text := strings.TrimRight(strings.TrimPrefix(string(lines[n-1]), "\ufeff"), "\r\n")
	return text, !private.MatchString(text) && longestWord(text) < 200 // longer ones are keys and certificates
}

func longestWord(text string) int {
	longest := 0
	for word := range strings.FieldsSeq(text) {
		longest = max(longest, len(word))
	}
	return longest
}

func (s *sources) read(file string) [][]byte {
	f, err := s.app.guard.met(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxSource {
		return nil
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSource))
	if err != nil || bytes.IndexByte(data, 0) >= 0 || bytes.Contains(data, []byte("kind: Secret")) ||
		bytes.Contains(data, []byte(`"kind":"Secret"`)) {
		return nil
	}
	return bytes.SplitAfter(data, []byte("\n"))
}
