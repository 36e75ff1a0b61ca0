package diag

import (
	"fmt"
	"slices"
	"strings"
)

// maxElsewhere bounds the files that a finding names besides its own.
const maxElsewhere = 5

// Together makes one finding of those that come of one cause, at the first of their places; it names the other files.
func Together(fs []Finding) []Finding {
	Sort(fs)
	type cause struct {
		text     string
		severity Severity
	}
	first, files := map[cause]int{}, map[int][]string{}
	out := []Finding{}
	for _, f := range fs {
		key := cause{f.Cause, f.Severity}
		at, known := first[key]
		switch {
		case f.Cause == "" || !known:
			first[key] = len(out)
			out = append(out, f)
		case f.File != out[at].File && !slices.Contains(files[at], f.File):
			files[at] = append(files[at], f.File)
		}
	}
	for at, more := range files {
		word, rest := "files", ""
		if len(more) == 1 {
			word = "file"
		}
		if len(more) > maxElsewhere {
			rest = ", …"
		}
		out[at].Message += fmt.Sprintf("; the same in %d more %s: %s%s", len(more), word, strings.Join(more[:min(len(more), maxElsewhere)], ", "), rest)
	}
	return out
}
