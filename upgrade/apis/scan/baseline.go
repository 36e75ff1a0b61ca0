package scan

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// Baseline is the findings that are accepted as they are, each once, by what they are about: see diag.Again. A finding about a file stays
// what it is when it is told in other words.
type Baseline struct {
	left   []diag.Mark
	causes map[string]bool // each with whether it came up again
}

// ReadBaseline reads what "upgrade scan -o json" wrote.
func ReadBaseline(data []byte) (*Baseline, error) {
	var saved struct {
		Version  int        `json:"version"`
		Findings *[]Finding `json:"findings"`
	}
	if err := json.Unmarshal(yamlx.UTF8(data), &saved); err != nil {
		return nil, fmt.Errorf("not the JSON of a scan: %w", err)
	}
	if saved.Version != 1 || saved.Findings == nil {
		return nil, fmt.Errorf("not the JSON of a scan: want version 1 and findings, as \"upgrade scan -o json\" writes them")
	}
	b := Baseline{causes: map[string]bool{}}
	var rest []Finding
	for _, f := range *saved.Findings {
		if f.Cause == "" {
			rest = append(rest, f)
		} else {
			b.causes[f.Cause] = false
		}
	}
	b.left = marks(rest, true)
	return &b, nil
}

// marks are what findings are known by, with or without what they say.
func marks(fs []Finding, said bool) []diag.Mark {
	out := make([]diag.Mark, len(fs))
	for i, f := range fs {
		out[i] = diag.Mark{Position: f.Position, ID: f.ID}
		if f.Kind != "" {
			out[i].Object = strings.Join([]string{f.APIVersion, f.Kind, f.Namespace, f.Name}, "\x00")
		} else if said {
			out[i].Message = diag.Said(f.Message)
		}
	}
	return out
}

// take takes findings out of the baseline, and says of each whether it had it.
func (b *Baseline) take(fs []Finding) []bool {
	known := make([]bool, len(fs))
	for i, f := range fs {
		if _, ok := b.causes[f.Cause]; ok {
			known[i], b.causes[f.Cause] = true, true
		}
	}
	b.pair(b.left, marks(fs, true), known)
	bare := slices.Clone(b.left)
	for i := range bare {
		bare[i].Message = ""
	}
	b.pair(bare, marks(fs, false), known)
	return known
}

// pair finds those that are not known yet among marks of what is left.
func (b *Baseline) pair(left, fs []diag.Mark, known []bool) {
	var asked []diag.Mark
	var of []int
	for i, m := range fs {
		if !known[i] {
			asked, of = append(asked, m), append(of, i)
		}
	}
	taken := make([]bool, len(left))
	for i, j := range diag.Again(left, asked) {
		if j >= 0 {
			known[of[i]], taken[j] = true, true
		}
	}
	var rest []diag.Mark
	for j, m := range b.left {
		if !taken[j] {
			rest = append(rest, m)
		}
	}
	b.left = rest
}

// Gone is how many findings of the baseline came up no more.
func (b *Baseline) Gone() int {
	n := len(b.left)
	for _, again := range b.causes {
		if !again {
			n++
		}
	}
	return n
}
