package scan

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
)

// Baseline is the findings that are accepted as they are, each once, by what they are about and not by line, so that a file may be
// edited around them; and by the end of their path, so that it does not matter from where the tree was scanned.
type Baseline struct {
	left map[baselineKey][]string // paths
}

type baselineKey struct{ id, apiVersion, kind, namespace, name string }

func keyOf(f Finding) baselineKey {
	return baselineKey{f.ID, f.APIVersion, f.Kind, f.Namespace, f.Name}
}

// ReadBaseline reads what "upgrade scan -o json" wrote.
func ReadBaseline(data []byte) (*Baseline, error) {
	var saved struct {
		Version  int        `json:"version"`
		Findings *[]Finding `json:"findings"`
	}
	if err := json.Unmarshal(data, &saved); err != nil {
		return nil, fmt.Errorf("not the JSON of a scan: %w", err)
	}
	if saved.Version != 1 || saved.Findings == nil {
		return nil, fmt.Errorf("not the JSON of a scan: want version 1 and findings, as \"upgrade scan -o json\" writes them")
	}
	b := Baseline{left: map[baselineKey][]string{}}
	for _, f := range *saved.Findings {
		b.left[keyOf(f)] = append(b.left[keyOf(f)], clean(f.File))
	}
	return &b, nil
}

func clean(path string) string { return filepath.ToSlash(filepath.Clean(path)) }

// take takes a finding out of the baseline, if it has it: that of the same path first, else that of the path which agrees with its own
// for the most folders, up to the beginning of the shorter of the two.
func (b *Baseline) take(f Finding) bool {
	paths := b.left[keyOf(f)]
	file, best, most := clean(f.File), -1, -1
	for i, p := range paths {
		if n, ok := agree(file, p); ok && n > most {
			best, most = i, n
		}
	}
	if best < 0 {
		return false
	}
	b.left[keyOf(f)] = append(paths[:best:best], paths[best+1:]...)
	return true
}

// agree counts the last parts that two paths have in common; ok is false unless these are the whole of one of them.
func agree(a, b string) (n int, ok bool) {
	if a == b {
		return 1 << 20, true
	}
	as, bs := parts(a), parts(b)
	for n < len(as) && n < len(bs) && as[len(as)-1-n] == bs[len(bs)-1-n] {
		n++
	}
	return n, n > 0 && (n == len(as) || n == len(bs))
}

// parts are the folders and the file of a path, without those that lead up.
func parts(path string) []string {
	for strings.HasPrefix(path, "../") {
		path = path[3:]
	}
	return strings.Split(strings.TrimPrefix(path, "/"), "/")
}

// Gone is how many findings of the baseline came up no more.
func (b *Baseline) Gone() int {
	n := 0
	for _, paths := range b.left {
		n += len(paths)
	}
	return n
}
