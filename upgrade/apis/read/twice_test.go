package read

import (
	"fmt"
	"strings"
	"testing"

	"treadmill/internal/diag"
)

// TestTwice: a key that an object has twice is told where it stands again, in every style and at any depth, and nothing else is.
func TestTwice(t *testing.T) {
	many := ""
	for i := range 200 {
		many += fmt.Sprintf("  k%d: v\n", i)
	}
	const head = "apiVersion: v1\nkind: ConfigMap\n"
	for name, c := range map[string]struct{ text, want string }{
		"block":           {head + "metadata:\n  labels:\n    a: b\n    c: d\n    a: e\n", "7:5"},
		"quoted":          {head + "data:\n  a: b\n  \"a\": c\n", "5:3"},
		"at the top":      {head + "data: {}\ndata: {}\n", "4:1"},
		"what names it":   {head + "kind: Secret\n", "3:1"},
		"flow":            {head + "data: {a: b, c: {d: e, d: f}}\n", "3:24"},
		"in a list":       {head + "x:\n- a: b\n  a: c\n- a: d\n", "5:3"},
		"an item":         {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  spec:\n    a: b\n    a: c\n", "8:5"},
		"many keys":       {head + "data:\n" + many + "  k7: again\n", "204:3"},
		"many keys once":  {head + "data:\n" + many + "x:\n  k7: v\n", ""},
		"siblings":        {head + "x:\n  a: b\ny:\n  a: b\nz: [{a: b}, {a: b}]\n", ""},
		"merged":          {head + "x: &x {a: b}\ny:\n  <<: *x\n  a: c\n", ""},
		"in a text":       {head + "data:\n  x: |\n    a: b\n    a: c\n", ""},
		"no object":       {"a: b\na: c\n", ""},
		"JSON":            {`{"apiVersion":"v1","kind":"Pod","spec":{"a":[1,{"b":2}],"a":"x"}}`, "1:57"},
		"JSON, escaped":   {`{"apiVersion":"v1","kind":"Pod","spec":{"a":"{","\u0061":"}"}}`, "1:49"},
		"JSON, second":    {"{\"a\":1,\"a\":2}\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\n\"kind\":\"Pod\"}", "3:1"},
		"JSON, no object": {`{"a":1,"a":2}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var p Parser
			_, findings := p.Read(Document{Text: []byte(c.text), Position: diag.Position{File: "f", Line: 1}})
			var got []string
			for _, f := range findings {
				if f.ID != Duplicate {
					t.Errorf("%v", f)
				}
				got = append(got, fmt.Sprintf("%d:%d", f.Line, f.Column))
			}
			if s := strings.Join(got, " "); s != c.want {
				t.Errorf("got %q, want %q", s, c.want)
			}
		})
	}
}
