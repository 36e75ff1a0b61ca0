package yamlx_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"treadmill/internal/yamlx"
)

// written is what stands in a text at a place, in one line.
func written(text string, line, column, end int) string {
	runes := []rune(strings.TrimPrefix(strings.Split(text, "\n")[line-1], "\ufeff"))
	return string(runes[column-1 : end-1])
}

func TestNodesHaveSpans(t *testing.T) {
	text := "\ufeff# ü\n---\nü: &a plain text # c\n\"k\\\"\": 'it''s é😀'\nlist: [a, \"b c\", *a, !!str 7]\nlong: two\n  lines\nblock: |\n  x\nnone:\n"
	docs, problems := yamlx.Documents("f", []byte(text))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var got []string
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		if p := docs[0].Source.Node("f", n); p.EndLine > 0 {
			got = append(got, written(text, p.Line, p.Column, p.EndColumn))
		} else if n.Kind == yaml.ScalarNode {
			got = append(got, "?")
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(docs[0].Root)
	want := `ü|&a plain text|"k\""|'it''s é😀'|list|a|"b c"|*a|!!str 7|long|?|block|?|none|?`
	if s := strings.Join(got, "|"); s != want {
		t.Errorf("got  %s\nwant %s", s, want)
	}
}

// TestFindingsHaveSpans: what a finding of the decoder speaks of is what its span covers.
func TestFindingsHaveSpans(t *testing.T) {
	text := "naem: ä\ncount: \"many ü\"\nitems: {}\n"
	docs, _ := yamlx.Documents("f", []byte(text))
	var v thing
	var got []string
	for _, f := range yamlx.Decode(docs[0], &v) {
		if f.EndLine > 0 {
			got = append(got, written(text, f.Line, f.Column, f.EndColumn))
		}
	}
	if s := strings.Join(got, "|"); s != `naem|"many ü"` {
		t.Errorf("got %s", s)
	}
}

func TestWithin(t *testing.T) {
	for _, c := range []struct{ text, find, want string }{
		{`a: {ort: "Zürich", e: "sum((x)"}`, "x", "1:29"}, {`e: 'it''s ok'`, "o", "1:11"}, {`e: "\tq \"ü\" \u00e9 \U0001F600 x"`, "x", "1:33"},
		{"e: |\n  é x\n   y\n", "y", "3:4"}, {"e: >- # c\n\n  é x\n  y\n", "y", "4:3"}, {"e: one\n  two ü\n  x\n", "x", "3:3"},
		{"e: \"a \\\n  x\"\n", "x", "2:3"}, {"e: &n !!str xy\n", "y", "1:14"}, {"\ufeffe: éx", "x", "1:5"}, {"- \"\\x41b\"", "b", "1:8"},
		{"e: \"\\\n   \\  x\"", "x", "2:7"},
	} {
		docs, problems := yamlx.Documents("f", []byte(c.text))
		if len(problems) > 0 {
			t.Fatal(c.text, problems)
		}
		n := docs[0].Root.Content[len(docs[0].Root.Content)-1]
		for n.Kind == yaml.MappingNode {
			n = n.Content[len(n.Content)-1]
		}
		at := docs[0].Source.Within("f", n)(strings.Index(n.Value, c.find))
		if got := fmt.Sprintf("%d:%d", at.Line, at.Column); got != c.want {
			t.Errorf("%q: %s of %q is at %s, want %s", c.text, c.find, n.Value, got, c.want)
		}
	}
}

// TestWithinAnyScalar writes texts with the library in every style; each character of the value is found where it stands.
func TestWithinAnyScalar(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.StringOfN(rapid.RuneFrom([]rune("ab'\"\\é😀 \n#:{")), 1, 30, -1).Draw(rt, "value")
		style := rapid.SampledFrom([]yaml.Style{0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle}).
			Draw(rt, "style")
		out, err := yaml.Marshal(map[string]any{"k": []*yaml.Node{{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Style: style}}})
		if err != nil {
			rt.Skip(err)
		}
		docs, problems := yamlx.Documents("f", out)
		if len(problems) > 0 {
			return // the library writes some texts in a way that it does not read
		}
		n := yamlx.Child(docs[0].Root, "k").Content[0]
		lines := strings.Split(string(out), "\n")
		for i, r := range n.Value {
			if r == ' ' || r == '\n' {
				continue
			}
			at := docs[0].Source.Within("f", n)(i)
			line := []rune(lines[at.Line-1])
			if got := line[at.Column-1]; got != r && got != '\\' {
				rt.Fatalf("%q: character %d of %q is %q, and at %s stands %q", out, i, n.Value, r, at, got)
			}
		}
	})
}

// FuzzSource: places of any document are inside it, and offsets and places are each other's inverse.
func FuzzSource(f *testing.F) {
	for _, s := range []string{"a: 'é'\r\n", "\ufeff- &x |\n  y\n", "\"\\u00e9\\\n  b\": [*a]", "a: \u2028b", "a\rb"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		source := yamlx.NewSource([]byte(text), 5)
		for i := range text {
			if i < 3 && strings.HasPrefix(text, "\ufeff") || !utf8.ValidString(text) {
				continue
			}
			p := source.Position("", i)
			if at, ok := source.Offset(p.Line, p.Column); !ok || at != i {
				t.Fatalf("offset %d of %q is at %s, which is offset %d", i, text, p, at)
			}
		}
		docs, _ := yamlx.Documents("f", []byte(text))
		for _, d := range docs {
			inside(t, d, d.Root, text, 0)
		}
	})
}

func inside(t *testing.T, d yamlx.Document, n *yaml.Node, text string, depth int) {
	if depth > 50 {
		return
	}
	p := d.Source.Node("f", n)
	if p.EndLine > 0 {
		written(text, p.Line, p.Column, p.EndColumn)
	}
	if n.Kind == yaml.ScalarNode {
		d.Source.Within("f", n)(len(n.Value) / 2)
	}
	for _, c := range n.Content {
		inside(t, d, c, text, depth+1)
	}
}
