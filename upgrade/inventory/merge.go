package inventory

import (
	"bytes"
	"errors"
	"fmt"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/internal/yamlx/edit"
	"treadmill/upgrade"
)

// Change is one thing that Merge wrote, or that it left to people.
type Change struct {
	Cluster string `json:"cluster"`
	What    string `json:"what"` // one phrase: "version 1.33 → 1.34"
}

// Merge writes clusters into a fleet file and says what it changed. It edits the text: versions are replaced where they stand, new
// pools, add-ons and clusters are put behind the last of their kind, and all else stays byte for byte. A cluster of the
// file is the one of the same name, or whose label "context" names the context. A cluster of an entry with a count is left to people when
// it runs another version than the entry says. What the file has and the clusters do not is kept. An empty file becomes a new one. The
// error says that the file is no fleet file that can be edited so.
func Merge(file []byte, clusters []Cluster) ([]byte, []Change, error) {
	if len(bytes.TrimSpace(file)) == 0 {
		file = []byte("version: 1\nclusters:\n")
	}
	if _, problems := yamlx.Documents("", file); len(problems) > 0 {
		return nil, nil, fmt.Errorf("line %d: %s", problems[0].Line, problems[0].Message)
	}
	doc, err := edit.Only("", file)
	if err != nil {
		return nil, nil, err
	}
	list := doc.Root.Get("clusters")
	switch {
	case doc.Root.Kind != edit.Mapping:
		return nil, nil, errors.New("it is no fleet file: want version and clusters")
	case !list.Null() && list.Kind != edit.Sequence:
		return nil, nil, errors.New("clusters is no list of its own: write each cluster after a dash")
	case !list.Null() && list.Flow && len(list.Items) > 0:
		return nil, nil, errors.New("clusters is written in one line; write each in a line of its own, after a dash")
	}
	m := merger{file: file}
	var fresh []Cluster
	for _, c := range clusters {
		if n := find(list, c); n != nil {
			err = errors.Join(err, m.update(n, c))
		} else if n := findCounted(list, c); n != nil {
			m.left(n, c)
		} else {
			fresh = append(fresh, c)
		}
	}
	if err = errors.Join(err, m.add(doc.Root, list, fresh)); err != nil {
		return nil, nil, err
	}
	out, err := doc.Text()
	if err != nil {
		return nil, nil, fmt.Errorf("the file is written in a way that cannot be edited: %w", err)
	}
	if !bytes.HasSuffix(out, []byte("\n")) {
		out = append(out, '\n')
	}
	return out, m.changes, nil
}

// find returns the entry of a cluster, nil when there is none.
func find(list *edit.Node, c Cluster) *edit.Node {
	for _, n := range list.List() {
		if name := n.Get("name"); name != nil && (name.Value == c.Name || name.Value == c.Context) {
			return n
		}
		if context := n.Get("labels", "context"); context != nil && context.Value == c.Context {
			return n
		}
	}
	return nil
}

// merger notes what is changed in a file.
type merger struct {
	file    []byte
	changes []Change
}

func (m *merger) note(c Cluster, format string, args ...any) {
	m.changes = append(m.changes, Change{c.Name, fmt.Sprintf(format, args...)})
}

// line is the line that a value stands in.
func (m *merger) line(n *edit.Node) int { return diag.Place("", m.file, n.Offset()).Line }

// update edits the entry of a cluster that the file has.
func (m *merger) update(n *edit.Node, c Cluster) error {
	switch v := n.Get("version"); {
	case n.Kind != edit.Mapping:
		return fmt.Errorf("line %d: the cluster %s is an alias; write it out", m.line(n), c.Name)
	case v == nil || v.Null():
		m.put(n, "version", edit.Text(c.Version.String()))
		m.note(c, "version %s", c.Version)
	case v.Kind != edit.Scalar:
		return fmt.Errorf("line %d: the version of %s is no text; write it out", m.line(v), c.Name)
	default:
		if had, err := upgrade.ParseMinor(v.Value); err != nil || had != c.Version {
			m.note(c, "version %s → %s", v.Value, c.Version)
			v.SetText(c.Version.String())
		}
	}
	if err := m.items(n, c, "nodes", "node pool", c.Nodes); err != nil {
		return err
	}
	return m.items(n, c, "addons", "add-on", c.Addons)
}

// put gives a mapping a field that it does not have, or that has no value yet.
func (m *merger) put(n *edit.Node, key string, v *edit.Node) {
	if e := n.Find(key); e != nil {
		e.Replace(v)
	} else {
		n.Add(key, v, nil)
	}
}

// items edits a list of node pools or add-ons.
func (m *merger) items(n *edit.Node, c Cluster, key, what string, items []Item) error {
	list := n.Get(key)
	if !list.Null() && list.Kind != edit.Sequence {
		return fmt.Errorf("line %d: %s of %s is no list of its own; write it out", m.line(list), key, c.Name)
	}
	var missing []Item
	for _, item := range items {
		entry := named(list, item.Name)
		switch v := entry.Get("version"); {
		case entry == nil:
			missing = append(missing, item)
			m.note(c, "%s %s %s", what, item.Name, item.Version)
		case v != nil && v.Kind == edit.Scalar && !SameVersion(v.Value, item.Version):
			m.note(c, "%s %s %s → %s", what, item.Name, v.Value, item.Version)
			v.SetText(item.Version)
		}
	}
	switch {
	case len(missing) == 0:
	case list.Null():
		m.put(n, key, flowList(missing))
	default:
		for _, item := range missing {
			list.Append(item.node())
		}
	}
	return nil
}

func named(list *edit.Node, name string) *edit.Node {
	for _, n := range list.List() {
		if v := n.Get("name"); v != nil && v.Value == name {
			return n
		}
	}
	return nil
}

// add puts new clusters behind the last one.
func (m *merger) add(root, list *edit.Node, fresh []Cluster) error {
	if len(fresh) == 0 {
		return nil
	}
	if root.Flow {
		return errors.New("the file is written in one line; write each field in a line of its own")
	}
	var nodes []*edit.Node
	for _, c := range fresh {
		nodes = append(nodes, c.node())
		m.note(c, "new: %s %s", c.Provider, c.Version)
	}
	if list.Null() || len(list.Items) == 0 {
		m.put(root, "clusters", edit.NewList(nodes...))
		return nil
	}
	for _, n := range nodes {
		list.Append(n)
	}
	return nil
}

// node is the item as an entry of a list.
func (i Item) node() *edit.Node {
	return edit.NewMap(edit.Field("name", edit.Text(i.Name)), edit.Field("version", edit.Text(i.Version))).InFlow()
}

func flowList(items []Item) *edit.Node {
	var nodes []*edit.Node
	for _, i := range items {
		nodes = append(nodes, i.node())
	}
	return edit.NewList(nodes...).InFlow()
}

// node is the cluster as an entry of the fleet file.
func (c Cluster) node() *edit.Node {
	n := edit.NewMap(edit.Field("name", edit.Text(c.Name)), edit.Field("provider", edit.Text(c.Provider)),
		edit.Field("version", edit.Text(c.Version.String())))
	for _, said := range []struct{ key, value string }{{"region", c.Region}, {"environment", c.Environment}, {"team", c.Team}} {
		if said.value != "" {
			n.Add(said.key, edit.Text(said.value), nil)
		}
	}
	if c.Name != c.Context {
		n.Add("labels", edit.NewMap(edit.Field("context", edit.Text(c.Context))).InFlow(), nil)
	}
	if len(c.Nodes) > 0 {
		n.Add("nodes", flowList(c.Nodes), nil)
	}
	if len(c.Addons) > 0 {
		n.Add("addons", flowList(c.Addons), nil)
	}
	return n
}
