package read

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"go.yaml.in/yaml/v3"
)

// plainSeeds are documents that sit on the edges of what plain accepts.
var plainSeeds = []string{
	"apiVersion: v1\nkind: Pod\n", "---\napiVersion: 'v1' # c\nkind: \"Pod\"\nmetadata:\n  name: x\n  namespace: y\nspec:\n  a: [1, {b: c}]\n",
	"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n-\n  kind: Pod\n- x\n",
	"kind: PodList\napiVersion: v1\nitems:\n  - metadata: {name: a}\n", "a: |\n    x\n  y\n",
	"a: |-\n  x\n\n   \n  y\n# c\nb: >+ # c\n\n  d\n",
	"a: b\n  c\n", "a: b # c\n  d\n", "a: b\n# c\n  d\n", "a: b\n  c: d\n", "a:\n- b\n-  c\nd: e\n", "a:\n - b\n- c\n", "a:\n  b: c\n d: e\n",
	"a: \"b\\q\"\n", "0: \"\\/\"", "a: 'b''c' d\n", "a: - b\n", "a: b: c\n", "a: b:\n", "- a\n", "a\n", "? a\n: b\n", "a: &x b\nc: *x\n",
	"<<: {a: b}\n", "a: {{ b }}\n",
	"apiVersion: v1\napiVersion: v2\n", "apiVersion: a\n  b\nkind: c\n", "a:\n\n\n   \n  - b\n  -\n    c: d\n", "a: [\n", "a: }\n",
	"\"a\": b\n'c': d\n", "a : b\n",
	"a: -1\nb: --x\nc: -\n", "a: |\n\tx\n", "a:\tb\n", "a: b\tc\n", "a: b\rc: d\n", "a: b\r\nc: |\r\n  d\r\n", "...\n", "--- x\n",
	"%YAML 1.1\n---\na: b\n",
	"a: |\n   \n  b\n", "- - a: |\n     x\n", "a:\n  - |\n   x\n  - b\n", "a: []\nb: {}\nc: [a, 'b', \"c\"]\nd: {a: b, c: [d]}\ne: [a,]\n",
	"a: {b:c}\n", "a: [b c]\n",
	"metadata:\n  name:\n    x: y\n", "kind:\n", "items: []\nkind: PodList\n", "a: #b\n", "a: 'x'#y\n", "a: {}#y\n", "a: x#y\n", "a: |#y\n",
	"a: @b\n", "a: =\n", "a: <b>\n", "a: \"\n",
	"kind: PodList\napiVersion: v1\nitems:\n- - i\n  - kind: Pod\n-\n  - kind: Node\n",
}

// FuzzPlain holds plain to its promise: what it accepts, the parser accepts too and sees the same objects in the same places.
func FuzzPlain(f *testing.F) {
	for _, s := range plainSeeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if at := marker(doc, 1, true); at > 0 {
			doc = doc[:at]
		}
		var fast plain
		got, ok := fast.read(doc, 1)
		if !ok {
			return
		}
		var n yaml.Node
		if err := yaml.NewDecoder(bytes.NewReader(doc)).Decode(&n); err != nil && len(got) > 0 {
			t.Fatalf("accepted what the parser refuses: %v\n%q", err, doc)
		}
		slow := parser{file: "f"}
		if len(n.Content) > 0 {
			slow.node(n.Content[0], -1, 0)
		}
		if a, b := show(got), show(slow.objects); a != b || len(slow.findings) > 0 {
			t.Fatalf("got\n%swant\n%s%v\n%q", a, b, slow.findings, doc)
		}
	})
}

// show writes what resolves, with places.
func show(l Heads) string {
	var b bytes.Buffer
	for r := range l.Objects() {
		fmt.Fprintf(&b, "%s %s %s/%s %d:%d\n", r.APIVersion, r.Kind, r.Namespace, r.Name, r.Line, r.Column)
	}
	return b.String()
}

// TestPlainAccepts makes sure that ordinary documents take the fast way.
func TestPlainAccepts(t *testing.T) {
	for i, doc := range plainSeeds[:4] {
		var p plain
		if _, ok := p.read([]byte(doc), 1); ok == (i == 3) {
			t.Errorf("%q: accepted = %v", doc, ok)
		}
	}
	files, _ := filepath.Glob("../../../testdata/example/manifests/*.yaml")
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var p plain
		if _, ok := p.read(data, 1); !ok && marker(data, 1, true) == 0 {
			t.Logf("%s is parsed", name)
		}
	}
}
