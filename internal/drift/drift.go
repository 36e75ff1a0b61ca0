// Package drift holds the one type in which a difference is reported between what files say and what runs.
//
// The way through it: a package that compares returns []Finding → Baseline.Accept takes out those that somebody knows already → a
// command shows the rest. It compares nothing itself.
package drift

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/textdiff"
	"treadmill/internal/yamlx"
)

// Kind says what was compared.
type Kind string

// The kinds.
const (
	Fleet Kind = "fleet" // the fleet file with clusters
	Plan  Kind = "plan"  // a plan with what was done of it
	APIs  Kind = "apis"  // manifests with the objects of clusters, and definitions of clusters with each other
	Rules Kind = "rules" // specs and rule files with what clusters have and servers have loaded
)

// Kinds are all kinds, in the order in which they are shown.
func Kinds() []Kind { return []Kind{Fleet, Plan, APIs, Rules} }

// Finding is one difference. Its position is the place in a file, or, where no file has it, where it runs. A finding without a kind is
// about an input.
type Finding struct {
	diag.Finding
	Kind    Kind   `json:"kind"`
	Cluster string `json:"cluster"` // by its name in the fleet file, else by its context; "" for a server of rules
	Subject string `json:"subject"` // what is apart: "control plane", "node pool gpu"
	Owner   string `json:"owner"`   // who it is for, or who changed it; "" where that is not known
	Live    string `json:"live"`    // where it runs: "context prod-eu"
	Want    string `json:"want"`    // what the file says; "" for none
	Have    string `json:"have"`    // what runs; "" for none
	Diff    string `json:"diff"`    // from the file to what runs, of the part that matters
	Fix     string `json:"fix"`     // the command that ends it; "" where none does alone

	Since time.Time `json:"since,omitzero"` // when it was last written, where that is known
}

// Differ is the difference between two texts without the head of a patch: lines that begin with -, + or a space.
func Differ(want, have string) string {
	patch := string(textdiff.Unified("x", []byte(ended(want)), []byte(ended(have))))
	var out []string
	for i, line := range strings.Split(strings.TrimSuffix(patch, "\n"), "\n") {
		if i > 1 && !strings.HasPrefix(line, "@@ ") { // the head has two lines, and each part one
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func ended(text string) string {
	if text == "" || strings.HasSuffix(text, "\n") {
		return text
	}
	return text + "\n"
}

// Quoted is a word as a shell takes it.
func Quoted(word string) string {
	if word == "" || strings.ContainsFunc(word, func(r rune) bool { return strings.ContainsRune(" \t'\"$&|;<>()*?[]{}~`\\!#", r) }) {
		return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
	}
	return word
}

// Compare is a total order: by kind, cluster, subject, and then as findings are ordered.
func Compare(a, b Finding) int {
	return cmp.Or(
		cmp.Compare(a.Kind, b.Kind),
		cmp.Compare(a.Cluster, b.Cluster),
		cmp.Compare(a.Subject, b.Subject),
		cmp.Compare(a.Live, b.Live),
		diag.Compare(a.Finding, b.Finding),
		cmp.Compare(a.Want, b.Want),
		cmp.Compare(a.Have, b.Have),
		cmp.Compare(a.Diff, b.Diff),
	)
}

// Sort orders findings by Compare, in place, and returns them.
func Sort(fs []Finding) []Finding {
	slices.SortFunc(fs, Compare)
	return fs
}

// About makes findings of those about inputs.
func About(fs []diag.Finding) []Finding {
	out := make([]Finding, len(fs))
	for i, f := range fs {
		out[i].Finding = f
	}
	return out
}

// Baseline is the findings that are accepted as they are. A difference that has changed since is another one; a finding about an input is
// known again as diag.Again says.
type Baseline struct {
	differences map[string]bool
	inputs      []diag.Mark
}

func (f Finding) key() string {
	return strings.Join([]string{f.ID, f.Cluster, f.Subject, f.Want, f.Have, f.Diff}, "\x00")
}

// ReadBaseline reads what "drift -o json" wrote.
func ReadBaseline(data []byte) (Baseline, error) {
	var saved struct {
		Version  int        `json:"version"`
		Findings *[]Finding `json:"findings"`
	}
	if err := json.Unmarshal(yamlx.UTF8(data), &saved); err != nil {
		return Baseline{}, fmt.Errorf("not the JSON of treadmill drift: %w", err)
	}
	if saved.Version != 1 || saved.Findings == nil {
		return Baseline{}, errors.New("not the JSON of treadmill drift: want version 1 and findings, as \"treadmill drift -o json\" writes them")
	}
	b := Baseline{differences: map[string]bool{}}
	for _, f := range *saved.Findings {
		if f.Kind != "" {
			b.differences[f.key()] = true
		} else {
			b.inputs = append(b.inputs, mark(f.Finding))
		}
	}
	return b, nil
}

func mark(f diag.Finding) diag.Mark {
	return diag.Mark{Position: f.Position, ID: f.ID, Message: diag.Said(f.Message)}
}

// Report is what a run of "drift -o json" wrote, as far as it sums up.
type Report struct {
	Now      time.Time `json:"now"` // when it was made; zero where an old version wrote it
	Clusters []Row     `json:"clusters"`
}

// ReadReport reads what "drift -o json" wrote.
func ReadReport(data []byte) (Report, error) {
	var saved struct {
		Version int `json:"version"`
		Report
	}
	if err := json.Unmarshal(yamlx.UTF8(data), &saved); err != nil {
		return Report{}, fmt.Errorf("not the JSON of treadmill drift: %w", err)
	}
	if saved.Version != 1 || saved.Clusters == nil {
		return Report{}, errors.New("not the JSON of treadmill drift: want version 1 and clusters, as \"treadmill drift -o json\" writes them")
	}
	return saved.Report, nil
}

// Inputs are the findings about inputs that the baseline does not have.
func (b Baseline) Inputs(found []diag.Finding) (left []diag.Finding) {
	marks := make([]diag.Mark, len(found))
	for i, f := range found {
		marks[i] = mark(f)
	}
	for i, j := range diag.Again(b.inputs, marks) {
		if j < 0 {
			left = append(left, found[i])
		}
	}
	return left
}

// Accept takes out the differences that the baseline has. gone counts those of the baseline that are no more.
func (b Baseline) Accept(found []Finding) (left []Finding, accepted, gone int) {
	met := map[string]bool{}
	left = slices.DeleteFunc(slices.Clone(found), func(f Finding) bool {
		if f.Kind == "" || !b.differences[f.key()] {
			return false
		}
		met[f.key()] = true
		accepted++
		return true
	})
	return left, accepted, len(b.differences) - len(met)
}
