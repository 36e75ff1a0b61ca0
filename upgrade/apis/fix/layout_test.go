package fix_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"treadmill/upgrade/apis/lifecycle"
)

// TestLayouts writes objects of old APIs in random layouts: indents, flow and block style, quotes, comments, anchors, blank lines,
// line ends, byte order marks. Whatever the layout, the new object means the same, each comment is there, a second run
// changes nothing, and where only the version changes, no other byte does.
func TestLayouts(t *testing.T) {
	table := load(t)
	docs := fixtures(t)
	rapid.Check(t, func(rt *rapid.T) {
		doc := rapid.SampledFrom(docs).Draw(rt, "object")
		w := &layout{t: rt}
		text := w.document(doc)
		api := apiOf(table, doc)
		got := run(t, table, "f", text)
		promises(t, table, "f", text, got)
		if t.Failed() {
			rt.Fatalf("of\n%s", text)
		}
		if want, have := marks(text), marks(got.Text); !reflect.DeepEqual(want, have) {
			rt.Fatalf("comments %v became %v in\n%s\nof\n%s", want, have, got.Text, text)
		}
		if len(got.Changes) == 0 {
			return // it was refused, which promises has seen to
		}
		if want := plainResult(t, table, doc); !reflect.DeepEqual(decoded(rt, got.Text), want) {
			rt.Fatalf("\n%s\nbecame\n%s\nwhich does not mean %v", text, got.Text, want)
		}
		if api.Rewrite == lifecycle.Same {
			old, now := api.APIVersion(), got.Changes[0].To
			if bytes.Count(text, []byte(old)) == 1 && !bytes.Equal(got.Text, bytes.Replace(text, []byte(old), []byte(now), 1)) {
				rt.Fatalf("\n%s\nbecame\n%s", text, got.Text)
			}
		}
	})
}

// TestEveryRuleHasAnObject wants an object in testdata/fix for each API that fix rewrites, so that a real server sees them all.
func TestEveryRuleHasAnObject(t *testing.T) {
	table := load(t)
	have := map[lifecycle.GVK]bool{}
	for _, doc := range fixtures(t) {
		have[apiOf(table, doc).GVK] = true
	}
	for _, api := range table.APIs {
		// A request for a certificate proves that it has the key of a pod that exists.
		if (api.Rewrite == lifecycle.Same || api.Rewrite == lifecycle.Moved) && !have[api.GVK] && api.Kind != "PodCertificateRequest" {
			t.Errorf("testdata/fix has no %s", api.GVK)
		}
	}
}

// fixtures are the objects of testdata/fix, which a real server takes once they are rewritten.
func fixtures(t *testing.T) []*yaml.Node {
	t.Helper()
	files, err := filepath.Glob("../../../testdata/fix/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	var out []*yaml.Node
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
			var doc yaml.Node
			if d.Decode(&doc) != nil {
				break
			}
			if doc.Content[0].Kind == yaml.MappingNode {
				out = append(out, doc.Content[0])
			}
		}
	}
	return out
}

func apiOf(table *lifecycle.Table, doc *yaml.Node) lifecycle.API {
	var o struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
	}
	_ = doc.Decode(&o) // objects without them are not found
	api, _ := table.Find(lifecycle.ParseGVK(o.APIVersion, o.Kind))
	return api
}

// plainResult is what an object becomes that the library has written.
func plainResult(t *testing.T, table *lifecycle.Table, doc *yaml.Node) any {
	t.Helper()
	text, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := yaml.Unmarshal(run(t, table, "f", text).Text, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func decoded(t *rapid.T, text []byte) any {
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return v
}

var mark = regexp.MustCompile(`# c\d+`)

// marks are the comments of a text. They may stand in another order or twice, as they go with the fields that move or are copied.
func marks(text []byte) []string {
	return slices.Compact(slices.Sorted(slices.Values(mark.FindAllString(string(text), -1))))
}

// layout writes a tree as a person might.
type layout struct {
	t        *rapid.T
	b        strings.Builder
	comments int
	anchors  int
}

func (w *layout) chance(n int) bool { return rapid.IntRange(0, n-1).Draw(w.t, "chance") == 0 }

func (w *layout) document(doc *yaml.Node) []byte {
	if w.chance(3) {
		w.line("# c%d", w.comment())
	}
	if w.chance(2) {
		w.line("---")
	}
	w.block(doc, 0)
	text := w.b.String()
	if w.chance(4) {
		text = strings.TrimRight(text, "\n")
	}
	if w.chance(3) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	if w.chance(6) {
		text = "\ufeff" + text
	}
	return []byte(text)
}

func (w *layout) comment() int { w.comments++; return w.comments }

func (w *layout) line(format string, args ...any) { fmt.Fprintf(&w.b, format+"\n", args...) }

// tail ends a line, at times with a comment, and may add lines that mean nothing.
func (w *layout) tail(indent int) {
	if w.chance(6) {
		fmt.Fprintf(&w.b, " # c%d", w.comment())
	}
	w.b.WriteString("\n")
	if w.chance(12) {
		w.b.WriteString("\n")
	}
	if w.chance(12) {
		w.line("%s# c%d", strings.Repeat(" ", indent), w.comment())
	}
}

// block writes a map or a list in block style at an indent.
func (w *layout) block(n *yaml.Node, indent int) {
	pad := strings.Repeat(" ", indent)
	step := rapid.SampledFrom([]int{2, 2, 4, 3}).Draw(w.t, "indent")
	for i := 0; i < len(n.Content); i++ {
		child := n.Content[i]
		if n.Kind == yaml.MappingNode {
			w.b.WriteString(pad + w.scalar(child) + ":")
			i++
			child = n.Content[i]
		} else {
			w.b.WriteString(pad + "-")
		}
		if child.Kind == yaml.ScalarNode || len(child.Content) == 0 || w.chance(4) {
			w.b.WriteString(" " + w.flow(child))
			w.tail(indent)
			continue
		}
		if n.Kind == yaml.SequenceNode && child.Kind == yaml.MappingNode && w.chance(2) { // its first key stands behind the dash
			var inner layout
			inner.t, inner.comments = w.t, w.comments
			inner.block(child, indent+2)
			w.comments = inner.comments
			w.b.WriteString(" " + strings.TrimLeft(inner.b.String(), " "))
			continue
		}
		deeper := indent + step
		if n.Kind == yaml.MappingNode && child.Kind == yaml.SequenceNode && w.chance(2) {
			deeper = indent
		}
		w.tail(deeper)
		w.block(child, deeper)
	}
}

// flow writes a node on one line.
func (w *layout) flow(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode {
		return w.anchor() + w.scalar(n)
	}
	var parts []string
	gap := strings.Repeat(" ", rapid.IntRange(0, 1).Draw(w.t, "gap"))
	for i := 0; i < len(n.Content); i++ {
		if n.Kind == yaml.MappingNode {
			parts = append(parts, w.scalar(n.Content[i])+": "+w.flow(n.Content[i+1]))
			i++
			continue
		}
		parts = append(parts, w.flow(n.Content[i]))
	}
	if n.Kind == yaml.MappingNode {
		return "{" + gap + strings.Join(parts, ", ") + gap + "}"
	}
	return "[" + gap + strings.Join(parts, ", ") + gap + "]"
}

// anchor names a value at times, though nothing refers to it.
func (w *layout) anchor() string {
	if !w.chance(25) {
		return ""
	}
	w.anchors++
	return fmt.Sprintf("&a%d ", w.anchors)
}

var plainText = regexp.MustCompile(`^[A-Za-z/][A-Za-z0-9/.-]*$`)

// scalar writes a text with or without quotes, where that means the same.
func (w *layout) scalar(n *yaml.Node) string {
	if n.ShortTag() != "!!str" {
		return n.Value
	}
	var plain yaml.Node
	plainly := plainText.MatchString(n.Value) && yaml.Unmarshal([]byte(n.Value), &plain) == nil && plain.Content[0].ShortTag() == "!!str"
	switch {
	case plainly && !w.chance(3):
		return n.Value
	case !strings.ContainsAny(n.Value, "\n\\\t") && w.chance(2):
		return "'" + strings.ReplaceAll(n.Value, "'", "''") + "'"
	}
	return fmt.Sprintf("%q", n.Value)
}

// TestOtherEncodings leaves texts alone that are not UTF-8, which package read reports.
func TestOtherEncodings(t *testing.T) {
	table := load(t)
	text := "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\n"
	var little, big []byte
	for _, c := range "\ufeff" + text {
		little, big = append(little, byte(c), byte(c>>8)), append(big, byte(c>>8), byte(c))
	}
	for _, data := range [][]byte{little, big, []byte("\xff\xfe\x00"), []byte("apiVersion: policy/v1beta1\rkind: PodSecurityPolicy\r")} {
		if got := run(t, table, "f", data); !bytes.Equal(got.Text, data) {
			t.Errorf("%q became %q", data, got.Text)
		}
	}
}
