package warn_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"treadmill/upgrade/apis/warn"
)

func load(t testing.TB) *warn.Table {
	t.Helper()
	table, err := warn.Load()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// objects parses the documents of testdata/warnings.
func objects(t testing.TB) map[string][]*yaml.Node {
	t.Helper()
	files, err := filepath.Glob("../../../testdata/warnings/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal("no files", err)
	}
	all := map[string][]*yaml.Node{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for d := yaml.NewDecoder(strings.NewReader(string(text))); ; {
			var doc yaml.Node
			if d.Decode(&doc) != nil {
				break
			}
			all[filepath.Base(file)] = append(all[filepath.Base(file)], doc.Content[0])
		}
	}
	return all
}

func kindOf(n *yaml.Node) string {
	var o struct{ Kind string }
	_ = n.Decode(&o) // objects without one are none
	return o.Kind
}

// TestEveryRule wants each rule to warn of one of the objects that the end-to-end test gives to a real server. Each that is
// warned of must look so at first sight.
func TestEveryRule(t *testing.T) {
	table := load(t)
	hit := map[*warn.Rule]bool{}
	var got []string
	for file, docs := range objects(t) {
		for _, doc := range docs {
			found := table.Object(doc, kindOf(doc))
			text, err := yaml.Marshal(doc)
			if err != nil {
				t.Fatal(err)
			}
			var o struct{ Metadata struct{ Name string } }
			if err := doc.Decode(&o); err != nil {
				t.Fatal(err)
			}
			if len(found) > 0 && !table.May(kindOf(doc), text) && !warn.MayName(kindOf(doc), []byte(o.Metadata.Name)) {
				t.Errorf("%s has %d warnings at the second sight only:\n%s", file, len(found), text)
			}
			for _, w := range found {
				hit[w.Rule] = true
				got = append(got, fmt.Sprintf("%s:%d:%d: %s", file, w.Line, w.Column, w.Text))
			}
		}
	}
	for _, r := range table.Rules() {
		if !hit[r] {
			t.Errorf("no object for rule %s of %v", r.Name, r.Kinds)
		}
	}
	slices.Sort(got)
	golden(t, "../../../testdata/warnings/want.txt", strings.Join(got, "\n")+"\n")
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestMayMissesNothing changes objects at random and writes them anew: whatever is warned of looks so at first sight.
func TestMayMissesNothing(t *testing.T) {
	table := load(t)
	var all []*yaml.Node
	for _, file := range []string{"objects.yaml", "pods.yaml", "refused.yaml"} {
		all = append(all, objects(t)[file]...)
	}
	rapid.Check(t, func(rt *rapid.T) {
		doc := thin(rt, rapid.SampledFrom(all).Draw(rt, "object"), 0)
		kind := kindOf(doc)
		text, err := yaml.Marshal(doc)
		if err != nil {
			rt.Skip()
		}
		var o struct{ Metadata struct{ Name string } }
		_ = doc.Decode(&o)
		if found := table.Object(doc, kind); len(found) > 0 && !table.May(kind, text) && !warn.MayName(kind, []byte(o.Metadata.Name)) {
			rt.Fatalf("%s\n%s", found[0].Text, text)
		}
	})
}

// thin copies a tree, leaving out parts and changing styles at random.
func thin(t *rapid.T, n *yaml.Node, depth int) *yaml.Node {
	out := *n
	out.Content, out.Anchor = nil, ""
	if n.Kind == yaml.AliasNode {
		return thin(t, n.Alias, depth)
	}
	if rapid.Bool().Draw(t, "block") {
		out.Style &^= yaml.FlowStyle
	}
	step := 1
	if n.Kind == yaml.MappingNode {
		step = 2
	}
	for i := 0; i+step <= len(n.Content); i += step {
		if depth > 1 && rapid.IntRange(0, 9).Draw(t, "leave out") == 0 {
			continue
		}
		for _, c := range n.Content[i : i+step] {
			out.Content = append(out.Content, thin(t, c, depth+1))
		}
	}
	return &out
}
