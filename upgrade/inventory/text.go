package inventory

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// text finds places in the text of a YAML document.
type text struct{ data []byte }

// offset is where a line and column are, both from 1, columns in characters.
func (t text) offset(line, column int) int {
	at := 0
	for ; line > 1; line-- {
		i := bytes.IndexByte(t.data[at:], '\n')
		if i < 0 {
			return len(t.data)
		}
		at += i + 1
	}
	for ; column > 1 && at < len(t.data); column-- {
		_, size := utf8.DecodeRune(t.data[at:])
		at += size
	}
	return at
}

// lineEnd is the end of the line that a place is in, without its line ending, so that a comment there stays in front.
func (t text) lineEnd(at int) int {
	if at >= len(t.data) {
		return len(bytes.TrimRight(t.data, "\r\n"))
	}
	i := bytes.IndexByte(t.data[at:], '\n')
	if i < 0 {
		return len(t.data)
	}
	if i > 0 && t.data[at+i-1] == '\r' {
		i--
	}
	return at + i
}

// end is the first place behind a node.
func (t text) end(n *yaml.Node) int {
	at := t.offset(n.Line, n.Column)
	switch {
	case n.Kind == yaml.ScalarNode && n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		lines := strings.Count(strings.TrimRight(n.Value, "\n"), "\n") + 1
		return t.lineEnd(t.offset(n.Line+lines, 1))
	case n.Kind == yaml.ScalarNode && n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		return t.quoteEnd(at)
	case n.Kind == yaml.ScalarNode:
		return at + len(n.Value)
	case n.Style&yaml.FlowStyle != 0:
		return t.closing(n) + 1
	case len(n.Content) == 0:
		return at
	}
	return t.end(n.Content[len(n.Content)-1])
}

// quoteEnd is the first place behind a quoted scalar.
func (t text) quoteEnd(at int) int {
	quote := t.data[at]
	for i := at + 1; i < len(t.data); i++ {
		switch {
		case t.data[i] == '\\' && quote == '"':
			i++
		case t.data[i] == quote && quote == '\'' && i+1 < len(t.data) && t.data[i+1] == quote:
			i++
		case t.data[i] == quote:
			return i + 1
		}
	}
	return len(t.data)
}

// closing is where the bracket that ends a flow collection stands.
func (t text) closing(n *yaml.Node) int {
	depth := 0
	for i := t.offset(n.Line, n.Column); i < len(t.data); i++ {
		switch c := t.data[i]; {
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			if depth--; depth == 0 {
				return i
			}
		case (c == '"' || c == '\'') && bytes.IndexByte([]byte(" ,[{:\n"), t.data[max(0, i-1)]) >= 0:
			i = t.quoteEnd(i) - 1
		case c == '#' && i > 0 && bytes.IndexByte([]byte(" \t\n"), t.data[i-1]) >= 0:
			i = t.lineEnd(i)
		}
	}
	return len(t.data)
}

func spaces(n int) string { return strings.Repeat(" ", max(0, n)) }

// bare matches texts that YAML takes as text without quotes, apart from a few words.
var bare = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9._/-]*|[0-9]+\.[0-9]+\.[0-9][A-Za-z0-9.-]*)$`)

// quoted writes a text as a YAML scalar.
func quoted(s string) string {
	switch strings.ToLower(s) {
	case "true", "false", "null", "yes", "no", "on", "off", "y", "n":
	default:
		if bare.MatchString(s) {
			return s
		}
	}
	data, err := json.Marshal(s)
	if err != nil {
		return `""` // cannot happen for a string
	}
	return string(data)
}

func flowItem(i Item) string {
	return "{name: " + quoted(i.Name) + ", version: " + quoted(i.Version) + "}"
}

func flowItems(items []Item) string {
	var parts []string
	for _, i := range items {
		parts = append(parts, flowItem(i))
	}
	return strings.Join(parts, ", ")
}

func flowList(items []Item) string { return "[" + flowItems(items) + "]" }

// entry writes a new cluster, each line after a line ending.
func (c Cluster) entry(indent int) string {
	lines := []string{"name: " + quoted(c.Name), "provider: " + c.Provider, "version: " + quoted(c.Version.String())}
	if c.Region != "" {
		lines = append(lines, "region: "+quoted(c.Region))
	}
	if c.Name != c.Context {
		lines = append(lines, "labels: {context: "+quoted(c.Context)+"}")
	}
	if len(c.Nodes) > 0 {
		lines = append(lines, "nodes: "+flowList(c.Nodes))
	}
	if len(c.Addons) > 0 {
		lines = append(lines, "addons: "+flowList(c.Addons))
	}
	return "\n" + spaces(indent) + "- " + strings.Join(lines, "\n"+spaces(indent+2))
}
