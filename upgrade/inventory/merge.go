package inventory

import (
	"bytes"
	"errors"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
	"treadmill/upgrade"
)

// Change is one thing that Merge wrote, or that it left to people.
type Change struct {
	Cluster string `json:"cluster"`
	What    string `json:"what"` // one phrase: "version 1.33 → 1.34"
}

// Merge writes clusters into a fleet file and says what it changed. It edits the text: versions are replaced where they stand, new
// pools, add-ons and clusters are put behind the last of their kind, and all else stays byte for byte. A cluster of the
// file is the one of the same name, or whose label "context" names the context. A cluster of an entry with a count is left to people when it runs
// another version than the entry says. What the file has and the clusters do not is kept. An empty file becomes a new one. The error says that the file is no fleet file that can be edited so.
func Merge(file []byte, clusters []Cluster) ([]byte, []Change, error) {
	if len(bytes.TrimSpace(file)) == 0 {
		file = []byte("version: 1\nclusters:\n")
	}
	if _, problems := yamlx.Documents("", file); len(problems) > 0 {
		return nil, nil, fmt.Errorf("line %d: %s", problems[0].Line, problems[0].Message)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(file, &doc); err != nil {
		return nil, nil, fmt.Errorf("not valid YAML: %w", err)
	}
	if doc.Kind != yaml.DocumentNode || doc.Content[0].Kind != yaml.MappingNode {
		return nil, nil, errors.New("it is no fleet file: want version and clusters")
	}
	m := merger{text: text{file}}
	list := value(doc.Content[0], "clusters")
	if list != nil && list.Kind == yaml.SequenceNode && list.Style&yaml.FlowStyle != 0 && len(list.Content) > 0 {
		return nil, nil, errors.New("clusters is written in one line; write each in a line of its own, after a dash")
	}
	var fresh []Cluster
	for _, c := range clusters {
		if n := find(list, c); n != nil {
			m.update(n, c)
		} else if n := findCounted(list, c); n != nil {
			m.left(n, c)
		} else {
			fresh = append(fresh, c)
		}
	}
	if err := m.add(doc.Content[0], list, fresh); err != nil {
		return nil, nil, err
	}
	out := m.apply()
	var check yaml.Node
	if err := yaml.Unmarshal(out, &check); err != nil {
		return nil, nil, fmt.Errorf("the file is written in a way that cannot be edited: %w", err)
	}
	return out, m.changes, nil
}

// find returns the entry of a cluster, nil when there is none.
func find(list *yaml.Node, c Cluster) *yaml.Node {
	if list == nil {
		return nil
	}
	for _, n := range list.Content {
		name, labels := value(n, "name"), value(n, "labels")
		if name != nil && (name.Value == c.Name || name.Value == c.Context) {
			return n
		}
		if context := value(labels, "context"); context != nil && context.Value == c.Context {
			return n
		}
	}
	return nil
}

// value returns the value of a key of a mapping, nil when there is none.
func value(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// merger collects edits of one text.
type merger struct {
	text
	edits   []edit
	changes []Change
}

// edit replaces the bytes from at to end.
type edit struct {
	at, end int
	with    string
}

func (m *merger) note(c Cluster, format string, args ...any) {
	m.changes = append(m.changes, Change{c.Name, fmt.Sprintf(format, args...)})
}

// update edits the entry of a cluster that the file has.
func (m *merger) update(n *yaml.Node, c Cluster) {
	if v := value(n, "version"); v != nil && v.Kind == yaml.ScalarNode {
		if had, err := upgrade.ParseMinor(v.Value); err != nil || had != c.Version {
			m.note(c, "version %s → %s", v.Value, c.Version)
			m.replace(v, c.Version.String())
		}
	} else {
		m.insert(n, "version: "+quoted(c.Version.String()))
		m.note(c, "version %s", c.Version)
	}
	m.items(n, c, "nodes", "node pool", c.Nodes)
	m.items(n, c, "addons", "add-on", c.Addons)
}

// items edits a list of node pools or add-ons.
func (m *merger) items(n *yaml.Node, c Cluster, key, what string, items []Item) {
	list := value(n, key)
	var missing []Item
	for _, item := range items {
		entry := named(list, item.Name)
		switch v := value(entry, "version"); {
		case entry == nil:
			missing = append(missing, item)
			m.note(c, "%s %s %s", what, item.Name, item.Version)
		case v != nil && v.Value != item.Version:
			m.note(c, "%s %s %s → %s", what, item.Name, v.Value, item.Version)
			m.replace(v, item.Version)
		}
	}
	switch {
	case len(missing) == 0:
	case list == nil:
		m.insert(n, key+": "+flowList(missing))
	case list.Kind == yaml.SequenceNode && list.Style&yaml.FlowStyle != 0:
		closing := m.closing(list)
		with := flowItems(missing)
		if len(list.Content) > 0 {
			with = ", " + with
		}
		m.edits = append(m.edits, edit{closing, closing, with})
	case list.Kind == yaml.SequenceNode:
		at := m.lineEnd(m.end(list))
		for _, item := range missing {
			m.edits = append(m.edits, edit{at, at, "\n" + spaces(list.Column-1) + "- " + flowItem(item)})
		}
	default: // the key without a value
		at := m.offset(list.Line, list.Column)
		m.edits = append(m.edits, edit{at, at, " " + flowList(missing)})
	}
}

func named(list *yaml.Node, name string) *yaml.Node {
	if list == nil || list.Kind != yaml.SequenceNode {
		return nil
	}
	for _, n := range list.Content {
		if v := value(n, "name"); v != nil && v.Value == name {
			return n
		}
	}
	return nil
}

// insert adds a field to a mapping, in its own style.
func (m *merger) insert(n *yaml.Node, field string) {
	if n.Style&yaml.FlowStyle != 0 {
		closing := m.closing(n)
		m.edits = append(m.edits, edit{closing, closing, ", " + field})
		return
	}
	at := m.lineEnd(m.end(n))
	m.edits = append(m.edits, edit{at, at, "\n" + spaces(n.Column-1) + field})
}

// replace writes another text in place of a scalar, in the quotes that it has; a plain one gets quotes when it needs them.
func (m *merger) replace(n *yaml.Node, with string) {
	at := m.offset(n.Line, n.Column)
	end := m.end(n)
	switch {
	case n.Style&yaml.SingleQuotedStyle != 0:
		with = "'" + with + "'"
	case n.Style&yaml.DoubleQuotedStyle != 0:
		with = `"` + with + `"`
	default:
		with = quoted(with)
	}
	m.edits = append(m.edits, edit{at, end, with})
}

// add puts new clusters behind the last one.
func (m *merger) add(root, list *yaml.Node, fresh []Cluster) error {
	if len(fresh) == 0 {
		return nil
	}
	at, indent, lead := m.lineEnd(len(m.data)), 2, ""
	switch {
	case list == nil:
		if root.Style&yaml.FlowStyle != 0 {
			return errors.New("the file is written in one line; write each field in a line of its own")
		}
		lead = "\nclusters:"
	case list.Kind == yaml.SequenceNode && len(list.Content) > 0:
		at, indent = m.lineEnd(m.end(list)), list.Column-1
	case list.Kind == yaml.SequenceNode: // "[]"
		m.edits = append(m.edits, edit{m.offset(list.Line, list.Column), m.closing(list) + 1, ""})
		at = m.lineEnd(m.closing(list))
	default: // no value
		at = m.lineEnd(m.offset(list.Line, list.Column))
	}
	text := lead
	for _, c := range fresh {
		text += c.entry(indent)
		m.note(c, "new: %s %s", c.Provider, c.Version)
	}
	m.edits = append(m.edits, edit{at, at, text})
	return nil
}

// apply makes the new text. Edits at one place keep their order.
func (m *merger) apply() []byte {
	slices.SortStableFunc(m.edits, func(a, b edit) int { return a.at - b.at })
	var out bytes.Buffer
	from := 0
	for _, e := range m.edits {
		out.Write(m.data[from:e.at])
		out.WriteString(e.with)
		from = e.end
	}
	out.Write(m.data[from:])
	if !bytes.HasSuffix(out.Bytes(), []byte("\n")) {
		out.WriteByte('\n')
	}
	return out.Bytes()
}
