package edit_test

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"treadmill/internal/yamlx/edit"
)

const sample = `# fleet, büro 😀
version: 1	# a tab before this
%sclusters: # by team
  - name: one # first
    notes: |
      name: not this one
        # nor this

    tags: [a, "b, c", 'it''s', {k: v}] # flow
  - {name: two, tags: [], notes: "folded
      text"
    }
base: &base {region: "eu"}
other: *base
`

func TestText(t *testing.T) {
	for name, c := range map[string]struct {
		change        func(root *edit.Node)
		before, after string
	}{
		"a text":       {func(n *edit.Node) { n.Get("clusters").List()[0].Get("name").SetText("uno") }, "name: one #", "name: uno #"},
		"one to quote": {func(n *edit.Node) { n.Get("version").SetText("1.34") }, "version: 1\t#", "version: \"1.34\"\t#"},
		"an item":      {func(n *edit.Node) { n.Get("clusters").List()[0].Get("tags").Append(edit.Text("x y")) }, "{k: v}] #", `{k: v}, "x y"] #`},
		"in nothing":   {func(n *edit.Node) { n.Get("clusters").List()[1].Get("tags").Append(edit.Text("x")) }, "tags: [],", "tags: [x],"},
		"a field": {func(n *edit.Node) { n.Get("clusters").List()[0].Add("team", edit.Text("pay"), nil) }, "# flow\n",
			"# flow\n    team: pay\n"},
		"in flow":       {func(n *edit.Node) { n.Get("base").Add("zone", edit.Text("a"), nil) }, "", ""},
		"a key":         {func(n *edit.Node) { n.Get("clusters").List()[0].Find("notes").Rename("words") }, "    notes: |", "    words: |"},
		"a first field": {func(n *edit.Node) { n.Before("kind", edit.Text("Fleet"), n.Find("version")) }, "büro 😀\n", "büro 😀\nkind: Fleet\n"},
		"a whole list": {func(n *edit.Node) {
			n.Find("other").Replace(edit.NewList(edit.Text("a"), edit.NewMap(edit.Field("b", edit.Text("")))).InFlow())
		}, "other: *base", `other: [a, {b: ""}]`},
		"behind a block": {func(n *edit.Node) {
			n.Get("clusters").Append(edit.NewMap(edit.Field("name", edit.Text("three")), edit.Field("live", edit.Literal("!!bool", "true"))))
		}, "    }\n", "    }\n  - name: three\n    live: true\n"},
		"a line less": {func(n *edit.Node) { n.Drop(n.Find("other")) }, "other: *base\n", ""},
	} {
		for _, ending := range []string{"\n", "\r\n"} {
			for _, start := range []string{"", "\xef\xbb\xbf", "%YAML 1.1\n---\n"} {
				src := strings.ReplaceAll(start+strings.Replace(sample, "%s", "", 1), "\n", ending)
				doc, err := edit.Only("f", []byte(src))
				if err != nil {
					t.Fatal(err)
				}
				c.change(doc.Root)
				got, err := doc.Text()
				if c.before == "" { // what an alias repeats is not changed for all
					if err == nil || !strings.Contains(err.Error(), "the anchor &base repeats") {
						t.Errorf("%s: %v\n%s", name, err, got)
					}
					continue
				}
				want := strings.Replace(src, strings.ReplaceAll(c.before, "\n", ending), strings.ReplaceAll(c.after, "\n", ending), 1)
				if err != nil || string(got) != want {
					t.Errorf("%s: %v\ngot\n%q\nwant\n%q", name, err, got, want)
				}
			}
		}
	}
}

// TestRefused are texts that the editor does not follow: it says so and guesses nothing.
func TestRefused(t *testing.T) {
	for text, want := range map[string]string{
		"? a\n: b\n": "a key that is not under the others", "a: 1\n---\nb: 2\n": "it has 2 documents", "": "it has 0 documents",
		"a: [":                "not valid YAML",
		"a: \"x\ry\"\nb: 1\n": "line ends that text editors do not show", "[a: b]": "a short form of a mapping",
	} {
		if _, err := edit.Only("f", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
}

// nodes are all values of a document.
func nodes(n *edit.Node) []*edit.Node {
	out := []*edit.Node{n}
	for _, e := range n.All() {
		if e.Value != nil {
			out = append(out, nodes(e.Value)...)
		}
	}
	return out
}

// FuzzEdit makes one change anywhere in any text. What comes out means what was asked for, and outside of the one place no byte differs.
func FuzzEdit(f *testing.F) {
	for _, s := range []string{strings.Replace(sample, "%s", "", 1), "%YAML 1.2\n---\na: {b: 'ü'}\r\n", "- &x |+\n  y\n\n- *x\n",
		"{\"a\":\t[1,2],\"b\":\"\\u00e9\"}", "a: !!str x # c\nb:\n- c:\n\n# d\n", "\xef\xbb\xbf- a\n-\n - b\n"} {
		for which := range 4 {
			f.Add([]byte(s), which, 3*which)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte, which, at int) {
		doc, err := edit.Only("f", src)
		if err != nil {
			return
		}
		all := nodes(doc.Root)
		n := all[abs(at)%len(all)]
		switch {
		case n.Kind == edit.Scalar && n.Tag == "!!str":
			n.SetText("changed")
		case n.Kind == edit.Mapping && abs(which)%2 == 0 && n.Find("an added key") == nil:
			n.Add("an added key", edit.Quoted("x"), nil)
		case n.Kind == edit.Mapping && len(n.Entries) > 1:
			n.Drop(n.Entries[abs(which)%len(n.Entries)])
		case n.Kind == edit.Sequence:
			n.Append(edit.Text("x"))
		default:
			return
		}
		got, err := doc.Text()
		if err != nil {
			return // it is refused
		}
		before, ok := meaning(src)
		after, again := meaning(got)
		if ok && !again {
			t.Errorf("%q became %q, which is no YAML", src, got)
		}
		if ok && reflect.DeepEqual(before, after) && len(got) > len(src) && n.Value != "changed" {
			t.Errorf("%q became %q, which means the same", src, got)
		}
		prefix, suffix := common(src, got)
		if n.Kind == edit.Sequence || n.Kind == edit.Mapping && abs(which)%2 == 0 {
			if lost := bytes.TrimSpace(src[prefix : len(src)-suffix]); len(lost) > 0 && string(lost) != "[]" && string(lost) != "{}" &&
				string(lost) != "," {
				t.Errorf("%q is lost of\n%q\nin\n%q", lost, src, got)
			}
		}
	})
}

func abs(n int) int { return max(n, -n) & 0xffff }

// common is how much two texts have in common from their starts and from their ends.
func common(a, b []byte) (prefix, suffix int) {
	for prefix < min(len(a), len(b)) && a[prefix] == b[prefix] {
		prefix++
	}
	for suffix < min(len(a), len(b))-prefix && a[len(a)-1-suffix] == b[len(b)-1-suffix] {
		suffix++
	}
	return prefix, suffix
}

func meaning(text []byte) (v any, ok bool) {
	text = bytes.Replace(text, []byte("%YAML 1.2"), []byte("%YAML 1.1"), 1)
	err := yaml.Unmarshal(text, &v)
	return v, err == nil
}

// TestSetKeepsEverythingElse sets any scalar of generated documents: exactly its own bytes change.
func TestSetKeepsEverythingElse(t *testing.T) {
	words := rapid.SampledFrom([]string{"a", "b c", "ü", "it's", "x: y", "#", "1.30", "", "two\nlines\n", "😀"})
	styles := rapid.SampledFrom([]yaml.Style{0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle, yaml.LiteralStyle})
	rapid.Check(t, func(rt *rapid.T) {
		var build func(depth int) *yaml.Node
		build = func(depth int) *yaml.Node {
			kind := rapid.IntRange(0, 3).Draw(rt, "kind")
			if depth > 3 || kind < 2 {
				return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: words.Draw(rt, "text"), Style: styles.Draw(rt, "style")}
			}
			n := &yaml.Node{Kind: yaml.SequenceNode, LineComment: rapid.SampledFrom([]string{"", "# ö"}).Draw(rt, "comment")}
			if rapid.Bool().Draw(rt, "flow?") {
				n.Style = yaml.FlowStyle
			}
			for i := range rapid.IntRange(1, 3).Draw(rt, "length") {
				if kind == 3 {
					n.Kind = yaml.MappingNode
					n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: string(rune('k' + i))})
				}
				n.Content = append(n.Content, build(depth+1))
			}
			return n
		}
		src, err := yaml.Marshal(build(0))
		if err != nil {
			return
		}
		doc, err := edit.Only("f", src)
		if err != nil {
			return // the library writes some texts that it does not read
		}
		texts := slices.DeleteFunc(nodes(doc.Root), func(n *edit.Node) bool { return n.Kind != edit.Scalar })
		n := rapid.SampledFrom(texts).Draw(rt, "which")
		at := n.Offset()
		n.SetText("changed to this")
		got, err := doc.Text()
		if err != nil {
			return
		}
		prefix, suffix := common(src, got)
		if prefix < at || prefix > at+len("'changed to this'") || len(src)-suffix < at {
			rt.Fatalf("a change at %d of\n%s\nmade\n%s", at, src, got)
		}
		again, err := edit.Only("f", got)
		if err != nil {
			rt.Fatal(err)
		}
		after := slices.DeleteFunc(nodes(again.Root), func(n *edit.Node) bool { return n.Kind != edit.Scalar })
		for i := range after {
			if want := texts[i].Value; after[i].Value != want {
				rt.Fatalf("scalar %d is %q, want %q, in\n%s", i, after[i].Value, want, got)
			}
		}
	})
}
