package yamlx_test

import (
	"fmt"
	"math/big"
	"strings"
	"testing"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

type exact struct{ big.Rat }

func (e *exact) UnmarshalText(b []byte) error { e.SetString(string(b)); return nil }

type thing struct {
	Name  yamlx.At[string]  `yaml:"name,required"`
	Count int               `yaml:"count"`
	Share exact             `yaml:"share"`
	Items []thing           `yaml:"items"`
	Tags  map[string]string `yaml:"tags"`
	On    *bool             `yaml:"on"`
	Pos   diag.Position
}

func decode(t *testing.T, text string) ([]thing, string) {
	t.Helper()
	docs, findings := yamlx.Documents("f.yaml", []byte(text))
	var out []thing
	for _, d := range docs {
		var v thing
		findings = append(findings, yamlx.Decode(d, &v)...)
		out = append(out, v)
	}
	var lines []string
	for _, f := range findings {
		lines = append(lines, f.String())
	}
	return out, strings.Join(lines, "\n")
}

func TestDecodeKeepsPositionsAndExactTexts(t *testing.T) {
	got, problems := decode(t, "# c\n---\nname: a\nshare: 99.9\ncount: 3\nitems:\n- {name: b, on: true}\ntags: {v: 1.30}\n")
	if problems != "" {
		t.Fatal(problems)
	}
	v := got[0]
	if v.Name.V != "a" || v.Name.Pos.String() != "f.yaml:3:7" || v.Pos.Line != 3 {
		t.Errorf("name = %+v, pos = %v", v.Name, v.Pos)
	}
	if v.Share.Cmp(big.NewRat(999, 10)) != 0 {
		t.Errorf("share = %v", v.Share.String())
	}
	if !*v.Items[0].On || v.Items[0].Pos.Line != 7 || v.Tags["v"] != "1.30" {
		t.Errorf("items = %+v, tags = %v", v.Items, v.Tags)
	}
}

func TestDecodeFindsEveryProblemAtOnce(t *testing.T) {
	_, got := decode(t, "naem: a\ncount: many\ncount: 4\nitems: {}\n---\n: [\n---\nname: [x]\n---\nname:\n")
	for _, want := range []string{
		`f.yaml:1:1: error: document: there is no field "naem"; did you mean "name"? [input/unknown-field]`,
		`f.yaml:2:8: error: count: want a whole number, found "many" [input/type]`,
		`f.yaml:3:1: error: "count" is written twice; the first is in line 2 [input/duplicate]`,
		`f.yaml:4:8: error: items: want a list, found a map [input/type]`,
		`f.yaml:1:1: error: document: "name" is missing [input/required]`,
		`f.yaml:8:7: error: name: want text, found a list [input/type]`,
		`f.yaml:10:1: error: document: "name" is missing [input/required]`,
		`error: not valid YAML: `,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("missing: %s\nin:\n%s", want, got)
		}
	}
}

// TestDirectives belong to the document after them.
func TestDirectives(t *testing.T) {
	for text, want := range map[string]string{
		"%YAML 1.1\n---\nname: a\n": "3:a",
		"# c\n\n%YAML 1.2\n%TAG !e! tag:example.com,2026:\n--- # d\nname: a\n": "6:a",
		"name: a\n...\n%YAML 1.1\n---\nname: b\n---\nname: c\n":                "1:a 5:b 7:c",
		"\xef\xbb\xbf%YAML 1.1\r\n---\r\nname: a\r\n":                          "3:a",
		"name: |\n  x\n# %c\n---\nname: b\n":                                   "1:x\n 5:b",
		"name: \"a\n% b\"\n---\nname: c\n":                                     "1:a % b 4:c",
	} {
		got, problems := decode(t, text)
		var out []string
		for _, v := range got {
			out = append(out, fmt.Sprintf("%d:%s", v.Pos.Line, v.Name.V))
		}
		if s := strings.Join(out, " "); s != want || problems != "" {
			t.Errorf("%q: got %q %s, want %q", text, s, problems, want)
		}
	}
}

func TestMergeKeysAndAliases(t *testing.T) {
	got, problems := decode(t, "name: a\nitems:\n- &base {name: b, count: 1}\n- {<<: *base, count: 2}\n- *base\n")
	if problems != "" {
		t.Fatal(problems)
	}
	if got[0].Items[1].Name.V != "b" || got[0].Items[1].Count != 2 || got[0].Items[2].Count != 1 {
		t.Errorf("items = %+v", got[0].Items)
	}
}

func TestAliasBombIsRefused(t *testing.T) {
	var b strings.Builder
	b.WriteString("name: x\nitems:\n- &a0 {name: a, items: []}\n")
	for i := 1; i < 9; i++ {
		prev := "*a" + string(rune('0'+i-1))
		b.WriteString("- &a" + string(rune('0'+i)) + " {name: a, items: [" + strings.TrimSuffix(strings.Repeat(prev+",", 10), ",") + "]}\n")
	}
	_, got := decode(t, b.String())
	if strings.Count(got, "aliases expand") != 1 {
		t.Errorf("got %s", got)
	}
}

func TestSyntaxSaysWhatToDo(t *testing.T) {
	for text, want := range map[string]string{
		"name: a\n---\nname: caf\xe9\n":        "f:3: error: not valid YAML: the byte 0xe9 is not UTF-8: save the file as UTF-8 [input/syntax]",
		"\xff\xfen\x00a\x00":                   "f:1: error: not valid YAML: the text is in UTF-16: save it as UTF-8 [input/syntax]",
		"name: a\nb\x00: c\n":                  "f:2: error: not valid YAML: a NUL byte is not allowed in YAML [input/syntax]",
		"a: 1\n---\nname: a\nitems:\n \t- b\n": "f:5: error: not valid YAML: a tab cannot indent in YAML: use spaces [input/syntax]",
	} {
		_, findings := yamlx.Documents("f", []byte(text))
		if len(findings) != 1 || findings[0].String() != want {
			t.Errorf("%q: got %v, want %s", text, findings, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"name: a", "\xef\xbb\xbfname: a\r\n", "a: &a [*a]", "items: &a\n- name: x\n  items: *a", "<<: [*x]", "\x00",
		"%YAML 1.1\n---\nname: a\n...\n%X\n---\n", "--- \n---", "? {a: b} : c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		docs, _ := yamlx.Documents("f", []byte(text))
		for _, d := range docs {
			var v thing
			for _, p := range yamlx.Decode(d, &v) {
				most := 2 + strings.Count(text, "\n") + strings.Count(text, "\r") + strings.Count(text, "\u2028") +
					strings.Count(text, "\u2029") + strings.Count(text, "\u0085")
				if p.Line < 1 || p.Line > most {
					t.Errorf("line %d is outside of the text: %v", p.Line, p)
				}
			}
		}
	})
}

// A file without the version of its format is told the line to write; one whose version is a version of something else is not.
func TestDecodeSaysHowAFormatBegins(t *testing.T) {
	type format struct {
		Version yamlx.At[int] `yaml:"version,required"`
	}
	type chart struct {
		Version yamlx.At[string] `yaml:"version,required"`
	}
	docs, _ := yamlx.Documents("f.yaml", []byte("{}\n"))
	for want, v := range map[string]any{
		`f.yaml:1:1: error: document: "version" is missing; begin with the line "version: 1" [input/required]`: &format{},
		`f.yaml:1:1: error: document: "version" is missing [input/required]`:                                   &chart{},
	} {
		if got := yamlx.Decode(docs[0], v); len(got) != 1 || got[0].String() != want {
			t.Errorf("%v, want %s", got, want)
		}
	}
}
