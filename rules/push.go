package rules

import (
	"bytes"
	"slices"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// State is what becomes of a group when it is loaded into a server.
type State string

// The states.
const (
	New       State = "new"
	Changed   State = "changed"
	Unchanged State = "unchanged"
	Left      State = "left" // the server has it and the files do not: it stays
)

// Move is one group before and after, each as the file that Mimir reads, with this group alone; "" for none.
type Move struct {
	Group         string
	State         State
	Before, After string
}

// Moves compares what a server has with what it is to have, group by group, by name.
func Moves(has, want []Group) []Move {
	text := func(groups []Group, name string) string {
		i := slices.IndexFunc(groups, func(g Group) bool { return g.Name == name })
		if i < 0 {
			return ""
		}
		return string(Mimir.Append(nil, Set{Groups: groups[i : i+1]}))
	}
	var names []string
	for _, g := range slices.Concat(has, want) {
		names = append(names, g.Name)
	}
	slices.Sort(names)
	var out []Move
	for _, name := range slices.Compact(names) {
		m := Move{Group: name, Before: text(has, name), After: text(want, name), State: Changed}
		switch {
		case m.Before == "":
			m.State = New
		case m.After == "":
			m.State, m.After = Left, m.Before
		case m.Before == m.After:
			m.State = Unchanged
		}
		out = append(out, m)
	}
	return out
}

// One is the text of the group alone, without the list around it, as the API of a ruler takes it.
func (m Move) One() []byte {
	_, list, _ := bytes.Cut([]byte(m.After), []byte("groups:\n"))
	lines := bytes.SplitAfter(list, []byte("\n"))
	var out []byte
	for _, line := range lines {
		if len(line) > 1 { // empty lines of a block have no indentation
			line = line[2:]
		}
		out = append(out, line...)
	}
	return out
}

// ReadNamespace reads the groups of a namespace as a ruler answers them: a map from its name to a list.
func ReadNamespace(name string, data []byte) ([]Group, []diag.Finding) {
	docs, findings := yamlx.Documents(name, data)
	for _, doc := range docs {
		if doc.Root.Kind != yaml.MappingNode || len(doc.Root.Content) != 2 {
			return nil, append(
				findings,
				diag.Finding{
					ID:       FindingNotRules,
					Severity: diag.Error,
					Position: diag.Position{File: name},
					Message:  "the answer is no map from a namespace to its groups",
				},
			)
		}
		text, err := yaml.Marshal(map[string]*yaml.Node{"groups": doc.Root.Content[1]})
		if err != nil {
			return nil, append(findings, diag.Errorf(diag.Syntax, diag.Position{File: name}, "the answer cannot be read: %v", err))
		}
		files, problems := Read(name, text)
		findings = append(findings, problems...)
		for _, f := range files {
			return f.Groups, findings
		}
	}
	return nil, findings
}
