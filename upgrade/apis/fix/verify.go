package fix

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/yamlx"
)

// collectAliases notes the anchors that are used.
func (d *document) collectAliases(n *node) {
	if n.kind == alias {
		d.aliases[n.anchor] = true
	}
	for _, e := range n.all() {
		d.collectAliases(e.value)
	}
}

// shared refuses a change to a value that an alias repeats elsewhere.
func (d *document) shared() error {
	if len(d.aliases) == 0 {
		return nil
	}
	return d.sharedBelow(d.root)
}

func (d *document) sharedBelow(n *node) error {
	if n == nil || n.new {
		return nil
	}
	if n.kind != alias && n.anchor != "" && d.aliases[n.anchor] && n.altered() {
		return refuse(n, "the anchor &%s repeats a value that has to change elsewhere; write it out", n.anchor)
	}
	for _, e := range n.all() {
		if err := d.sharedBelow(e.value); err != nil {
			return err
		}
	}
	return nil
}

// write puts the document out and makes sure that what was written is what was meant: it is decoded again and must be
// the tree that the rules made, with all comments.
func (d *document) write() ([]byte, error) {
	w := newWriter(d.src, d.original)
	w.value(d.root, d.root.column, 0, d.root.flow)
	text := slices.Concat(d.src[:d.root.at.from], w.out.Bytes(), d.src[d.root.tail:])
	if err := d.same(text); err != nil {
		return nil, fmt.Errorf("%w; rewrite it by hand", err)
	}
	return w.out.Bytes(), nil
}

func (d *document) same(text []byte) error {
	docs, problems := yamlx.Parse(d.name, forYAML(text), 1)
	if len(problems) > 0 {
		return fmt.Errorf("the text is laid out in a way that fix does not rewrite (%s)", problems[0].Message)
	}
	for _, doc := range docs {
		root, err := newReader(text, 1).node(doc.Root, 0, -1, true)
		if err != nil {
			return fmt.Errorf("the text is laid out in a way that fix does not rewrite (%w)", err)
		}
		if root.at.from != d.root.at.from {
			continue
		}
		if shape(root) != shape(d.root) {
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
func shape(n *node) string {
	var b strings.Builder
	writeShape(&b, n)
	return b.String()
}

func writeShape(b *strings.Builder, n *node) {
	if n.kind == alias {
		fmt.Fprintf(b, "*%s ", n.anchor)
		return
	}
	if n.anchor != "" {
		fmt.Fprintf(b, "&%s ", n.anchor)
	}
	switch n.kind {
	case scalar:
		fmt.Fprintf(b, "%s %q ", n.tag, n.value)
	case mapping:
		b.WriteString("{")
	default:
		b.WriteString("[")
	}
	for _, e := range n.all() {
		if e.gone {
			continue
		}
		if e.key != nil {
			fmt.Fprintf(b, "%s %q: ", e.key.tag, e.key.value)
		}
		writeShape(b, e.value)
	}
	if n.kind != scalar {
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
func comments(src []byte, n *node) []string {
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
