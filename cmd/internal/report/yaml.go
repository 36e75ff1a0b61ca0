package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// writeYAML writes what writeJSON writes, in the same order of fields.
func writeYAML(w io.Writer, v View) error {
	text, err := json.Marshal(v.data())
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	doc, err := yamlValue(d)
	if err != nil {
		return fmt.Errorf("as yaml: %w", err)
	}
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(doc); err != nil {
		return err
	}
	return e.Close()
}

// yamlValue reads the next JSON value as a YAML node. The YAML parser itself would do, JSON being YAML, but for characters
// that break lines in YAML and not in JSON.
func yamlValue(d *json.Decoder) (*yaml.Node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := token.(type) {
	case json.Delim:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		if t == '{' {
			n.Kind = yaml.MappingNode
		}
		for d.More() {
			item, err := yamlValue(d)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, item)
		}
		_, err := d.Token() // the closing bracket
		return n, err
	case string:
		return yamlString(t), nil
	case nil:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
	default: // a number or a truth value, which YAML writes as JSON does
		return &yaml.Node{Kind: yaml.ScalarNode, Value: fmt.Sprint(t)}, nil
	}
}

// yamlString quotes a text that a reader could take for something else. The encoder quotes what YAML 1.2 reads as another
// type, but many readers still follow YAML 1.1, to which on, y and 1:30 are no texts.
func yamlString(s string) *yaml.Node {
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	words := []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"}
	hidden := func(r rune) bool {
		return r != '\n' && unicode.IsControl(r) || r == '\u2028' || r == '\u2029' || r == '\uFEFF'
	}
	if s == "" || strings.ContainsRune("0123456789+-.", rune(s[0])) || slices.Contains(words, strings.ToLower(s)) ||
		strings.ContainsFunc(s, hidden) {
		n.Style = yaml.DoubleQuotedStyle
	}
	return n
}
