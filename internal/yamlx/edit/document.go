// Package edit changes YAML and JSON texts and leaves every byte as it is that no change asked for: comments, order, quotes, indentation
// and line ends.
//
// The way through it: a parsed document and its text → New → Document, a tree of Nodes that know where they stand → Find, Set, Add, Drop,
// Nest … → Write or Text, which copy what did not change and read what they wrote again: it must mean what was asked for. A text that
// is laid out in a way that cannot be followed is an error, never a guess.
package edit

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/yamlx"
)

// Document is one document of a text: its values with their places, to be changed and written anew.
type Document struct {
	Root     *Node
	mark     []byte // the byte order mark in front of the text
	src      []byte
	original *Node           // Root before any change
	used     map[string]bool // the anchors that aliases name
}

// New reads where the values of a document stand in its text, whose first line has a number. The error says what in the text is laid
// out in a way that cannot be rewritten.
func New(src []byte, y *yaml.Node, line int) (*Document, error) {
	if yamlx.OddBreaks(src) {
		return nil, errors.New("it has line ends that text editors do not show")
	}
	root, err := newReader(src, line).node(y, 0, -1, true)
	if err != nil {
		return nil, err
	}
	d := &Document{Root: root, src: src, original: root.Clone(), used: map[string]bool{}}
	d.aliases(root)
	return d, nil
}

// Only reads a file that is one document.
func Only(name string, data []byte) (*Document, error) {
	src := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	docs, problems := yamlx.Documents(name, ForYAML(src))
	switch {
	case len(problems) > 0:
		return nil, errors.New(problems[0].String())
	case len(docs) != 1:
		return nil, fmt.Errorf("it has %d documents: want one", len(docs))
	}
	d, err := New(src, docs[0].Root, 1)
	if err == nil {
		d.mark = data[:len(data)-len(src)]
	}
	return d, err
}

// Repeated is a value that changed though an alias repeats it elsewhere; nil when there is none.
func (d *Document) Repeated() *Node {
	if len(d.used) == 0 {
		return nil
	}
	return d.repeated(d.Root)
}

// aliases notes the anchors that are used.
func (d *Document) aliases(n *Node) {
	if n.Kind == Alias {
		d.used[n.Anchor] = true
	}
	for _, e := range n.All() {
		d.aliases(e.Value)
	}
}

func (d *Document) repeated(n *Node) *Node {
	if n == nil || n.New {
		return nil
	}
	if n.Kind != Alias && n.Anchor != "" && d.used[n.Anchor] && n.Altered() {
		return n
	}
	for _, e := range n.All() {
		if found := d.repeated(e.Value); found != nil {
			return found
		}
	}
	return nil
}

// Write puts the document out and makes sure that what was written is what was meant: it is read again and must be the tree as it was
// changed, with all comments. It gives the new text of the root, and the span of the old one.
func (d *Document) Write() (text []byte, from, to int, err error) {
	w := newWriter(d.src, d.original)
	w.value(d.Root, d.Root.column, 0, d.Root.Flow)
	from, to = d.Root.at.from, d.Root.tail
	if err := d.same(slices.Concat(d.src[:from], w.out.Bytes(), d.src[to:])); err != nil {
		return nil, 0, 0, err
	}
	return w.out.Bytes(), from, to, nil
}

// Text is the whole text with the changes; nothing else in it differs.
func (d *Document) Text() ([]byte, error) {
	if !d.Root.Altered() {
		return slices.Concat(d.mark, d.src), nil
	}
	if n := d.Repeated(); n != nil {
		return nil, fmt.Errorf("the anchor &%s repeats a value that has to change elsewhere; write it out", n.Anchor)
	}
	text, from, to, err := d.Write()
	if err != nil {
		return nil, err
	}
	return slices.Concat(d.mark, d.src[:from], text, d.src[to:]), nil
}

func (d *Document) same(text []byte) error {
	docs, problems := yamlx.Parse("", ForYAML(text), 1)
	if len(problems) > 0 {
		return fmt.Errorf("the text is laid out in a way that fix does not rewrite (%s)", problems[0].Message)
	}
	for _, doc := range docs {
		root, err := newReader(text, 1).node(doc.Root, 0, -1, true)
		if err != nil {
			return fmt.Errorf("the text is laid out in a way that fix does not rewrite (%w)", err)
		}
		if root.at.from != d.Root.at.from {
			continue
		}
		if shape(root) != shape(d.Root) {
			return fmt.Errorf("the text is laid out in a way that fix does not rewrite (it would read differently)")
		}
		if !contains(comments(text, root), comments(d.src, d.original)) {
			return fmt.Errorf("a comment stands where fix cannot keep it")
		}
		return nil
	}
	return fmt.Errorf("the text is laid out in a way that fix does not rewrite")
}

// shape writes a value in a form that is the same for values that mean the same, aliases and merges left as they are.
func shape(n *Node) string {
	var b strings.Builder
	writeShape(&b, n)
	return b.String()
}

func writeShape(b *strings.Builder, n *Node) {
	if n.Kind == Alias {
		fmt.Fprintf(b, "*%s ", n.Anchor)
		return
	}
	if n.Anchor != "" {
		fmt.Fprintf(b, "&%s ", n.Anchor)
	}
	switch n.Kind {
	case Scalar:
		fmt.Fprintf(b, "%s %q ", n.Tag, n.Value)
	case Mapping:
		b.WriteString("{")
	default:
		b.WriteString("[")
	}
	for _, e := range n.All() {
		if e.gone {
			continue
		}
		if e.Key != nil {
			fmt.Fprintf(b, "%s %q: ", e.Key.Tag, e.Key.Value)
		}
		writeShape(b, e.Value)
	}
	if n.Kind != Scalar {
		b.WriteString("}")
	}
}

// contains reports whether a sorted list has all of another one, as often.
func contains(all, some []string) bool {
	for _, s := range some {
		i, ok := slices.BinarySearch(all, s)
		if !ok {
			return false
		}
		all = all[i+1:]
	}
	return true
}

// comments lists the comments in a value of a text, sorted.
func comments(src []byte, n *Node) []string {
	var out []string
	for _, g := range n.gaps() {
		for line := range bytes.Lines(src[g.from:g.to]) {
			if i := bytes.IndexByte(line, '#'); i >= 0 {
				out = append(out, string(bytes.TrimRight(line[i:], " \t\r\n")))
			}
		}
	}
	slices.Sort(out)
	return out
}
