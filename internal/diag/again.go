package diag

import (
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// Mark is what a finding of one run is known by in another: its ID, and what it is about. Where that has no name, as an input has none, it
// is known by its message too; "" stands for any.
type Mark struct {
	Position
	ID      string
	Object  string // what the finding is about, by its name, wherever its file is; "" for a finding about the file
	Message string
}

// placeWord is a place that a message names: it moves with the lines and the folders of a tree.
var placeWord = regexp.MustCompile(`[^\s"'(]+\.[A-Za-z]+:\d+(:\d+)?`)

// Said is a message without the places that it names.
func Said(message string) string { return placeWord.ReplaceAllString(message, "·") }

// Again pairs the findings of a run with those of an earlier one, each once, and gives for each the index of the earlier one, -1 for one
// that is new. Lines do not count, so that files may be edited. Files are the same by their path, else by the end of it, so that it does
// not matter from where a tree was read, and in which folder it is; and a file that has another name or place is found again by the
// object that the finding is about, or, where it is about none, by its own name, or by the line and column.
func Again(before, after []Mark) []int {
	p := pairs{left: map[string][]int{}, before: before, files: make([]string, len(before)), out: slices.Repeat([]int{-1}, len(after))}
	for i, m := range before {
		p.left[m.key()] = append(p.left[m.key()], i)
		p.files[i] = tidy(m.File)
	}
	for _, same := range []func(m, old Mark, file, was string) int{samePath, sameEnd, moved} {
		p.pass(after, same)
	}
	return p.out
}

// pairs are the findings that have found each other, and those of the earlier run that have not.
type pairs struct {
	left   map[string][]int // indices into before, by key
	before []Mark
	files  []string
	out    []int
}

// pass pairs each finding with the earlier one that is most like it; same gives no more than zero for those that are another.
func (p *pairs) pass(after []Mark, same func(m, old Mark, file, was string) int) {
	for i, m := range after {
		key := m.key()
		if p.out[i] >= 0 || len(p.left[key]) == 0 {
			continue
		}
		file, best, most := tidy(m.File), -1, 0
		for at, j := range p.left[key] {
			if n := same(m, p.before[j], file, p.files[j]); n > most {
				best, most = at, n
			}
		}
		if best >= 0 {
			p.out[i] = p.left[key][best]
			p.left[key] = slices.Delete(p.left[key], best, best+1)
		}
	}
}

func (m Mark) key() string {
	if m.Object == "" {
		return m.ID + "\x00\x00" + m.Message
	}
	return m.ID + "\x00" + m.Object
}

func tidy(file string) string {
	if file == "" {
		return ""
	}
	return filepath.ToSlash(filepath.Clean(file))
}

func samePath(_, _ Mark, file, was string) int {
	if file == was {
		return 1
	}
	return 0
}

// sameEnd counts the last parts that two paths have in common, where these are the whole of one of them.
func sameEnd(_, _ Mark, file, was string) int {
	as, bs := parts(file), parts(was)
	if n := common(as, bs); n == len(as) || n == len(bs) {
		return n
	}
	return 0
}

// moved is how alike two places in files of different paths are. What is no file, such as a context, does not move.
func moved(m, old Mark, file, was string) int {
	n := common(parts(file), parts(was))
	line := m.Line > 0 && m.Line == old.Line && m.Column == old.Column
	switch {
	case m.Object != "" && (m.Line == 0 || old.Line == 0):
		return 0
	case m.Object != "":
		n++
	case m.Message == "" || file == "" || was == "" || n == 0 && !line:
		return 0
	}
	if n *= 2; line {
		n++
	}
	return n
}

func common(as, bs []string) int {
	n := 0
	for n < len(as) && n < len(bs) && as[len(as)-1-n] == bs[len(bs)-1-n] {
		n++
	}
	return n
}

// parts are the folders and the file of a path, without those that lead up.
func parts(file string) []string {
	for strings.HasPrefix(file, "../") {
		file = file[3:]
	}
	return strings.Split(strings.TrimPrefix(path.Clean("/"+file), "/"), "/")
}
