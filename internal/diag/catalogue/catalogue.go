// Package catalogue says of every finding what it means, why it matters, what input shows it, how to fix it and how to accept it.
//
// The way through it: data/*.yaml, one section a file and one row a finding → All, Find → pages in docs/findings, docs/findings.md,
// "treadmill explain" and the help texts of SARIF. Tests hold it to the IDs in the source, and run every example.
package catalogue

import (
	"embed"
	"errors"
	"slices"
	"strings"
	"sync"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// Section is findings about one subject.
type Section struct {
	Title    string  `yaml:"title,required"`
	Accept   string  `yaml:"accept,required"` // how findings of the section are accepted, where they say nothing else
	Findings []Entry `yaml:"findings,required"`
}

// Entry is what there is to say about one finding.
type Entry struct {
	ID        string            `yaml:"id,required"`
	Severity  string            `yaml:"severity,required"` // those that it comes with, such as "error, warning"
	Means     string            `yaml:"means,required"`    // one sentence without a capital letter and a full stop
	Why       string            `yaml:"why,required"`      // why it matters: sentences
	Fix       string            `yaml:"fix,required"`      // how to fix it: sentences
	Accept    string            `yaml:"accept"`            // how to accept it, where the section's way is not its own
	Before    []string          `yaml:"before"`            // commands to run first; "> FILE" keeps what they print
	Run       string            `yaml:"run"`               // arguments of treadmill that show it, in a folder that holds the files
	Files     map[string]string `yaml:"files"`             // their texts by name
	With      []string          `yaml:"with"`              // other findings that come with the example
	Elsewhere string            `yaml:"elsewhere"`         // instead of an example: what is needed to see it, such as a cluster
}

//go:embed data/*.yaml
var data embed.FS

// All returns every section in the order of the index. An error says that the build is broken.
var All = sync.OnceValues(func() ([]Section, error) { return yamlx.Embedded(data, read) })

func read(name string, text []byte) (Section, []diag.Finding) {
	var s Section
	docs, findings := yamlx.Documents(name, text)
	for _, d := range docs {
		findings = append(findings, yamlx.Decode(d, &s)...)
	}
	return s, findings
}

// ErrUnknown says that no finding has an ID.
var ErrUnknown = errors.New("no such finding")

// Find returns what there is to say about a finding. Its way to be accepted is filled in.
func Find(id string) (Entry, error) {
	sections, err := All()
	if err != nil {
		return Entry{}, err
	}
	for _, s := range sections {
		if i := slices.IndexFunc(s.Findings, func(e Entry) bool { return e.ID == id }); i >= 0 {
			e := s.Findings[i]
			if e.Accept == "" {
				e.Accept = s.Accept
			}
			e.Accept = strings.ReplaceAll(e.Accept, "{id}", e.ID)
			return e, nil
		}
	}
	return Entry{}, ErrUnknown
}

// IDs lists the IDs of all findings in the order of the index.
func IDs() ([]string, error) {
	sections, err := All()
	var out []string
	for _, s := range sections {
		for _, e := range s.Findings {
			out = append(out, e.ID)
		}
	}
	return out, err
}

// Names lists the files of an example in their order.
func (e Entry) Names() []string {
	var out []string
	for name := range e.Files {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Sentence is what a finding means, as a sentence.
func (e Entry) Sentence() string {
	return strings.ToUpper(e.Means[:1]) + e.Means[1:] + "."
}
