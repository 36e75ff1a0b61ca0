package diag_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"treadmill/internal/diag"
)

func TestStrings(t *testing.T) {
	for _, c := range []struct {
		finding diag.Finding
		want    string
	}{
		{diag.Finding{ID: "a/b", Severity: diag.Warning, Message: "m", Position: diag.Position{File: "f", Line: 3, Column: 7}},
			"f:3:7: warning: m [a/b]"},
		{diag.Finding{ID: "a/b", Message: "m", Position: diag.Position{File: "f", Line: 3}}, "f:3: info: m [a/b]"},
		{diag.Errorf("a/b", diag.Position{File: "f", Column: 9}, "%d", 1), "f: error: 1 [a/b]"},
		{diag.Errorf("a/b", diag.Position{}, "m"), "error: m [a/b]"},
	} {
		if got := c.finding.String(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestSeveritiesAreReadAsWritten(t *testing.T) {
	for _, s := range []diag.Severity{diag.Info, diag.Warning, diag.Error} {
		text, err := json.Marshal(s)
		var got diag.Severity
		if err := json.Unmarshal(text, &got); err != nil || got != s {
			t.Errorf("%s: %v, %v", text, got, err)
		}
		if err != nil {
			t.Error(err)
		}
	}
	if _, err := diag.ParseSeverity("fatal"); err == nil || err.Error() != `"fatal" is not a severity: want info, warning or error` {
		t.Error(err)
	}
}

// TestJSON: what is not known is left out.
func TestJSON(t *testing.T) {
	for want, f := range map[string]diag.Finding{
		`{"id":"a","severity":"error","message":"m"}`: {ID: "a", Severity: diag.Error, Message: "m"},
		`{"id":"a","severity":"info","message":"m","file":"f","line":2,"column":3,"endLine":2,"endColumn":5}`: {ID: "a", Message: "m",
			Position: diag.Position{File: "f", Line: 2, Column: 3}.Wide(2)},
	} {
		if got, err := json.Marshal(f); string(got) != want || err != nil {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// TestColumnsAreCodePoints: a tab, an umlaut of one or of two code points, and a character outside of the basic plane.
func TestColumnsAreCodePoints(t *testing.T) {
	line := "\té😀e\u0301x"
	for _, c := range []struct{ offset, want int }{{0, 1}, {1, 2}, {3, 3}, {7, 4}, {8, 5}, {10, 6}, {11, 7}, {99, 7}, {-1, 1}} {
		if got := diag.Column(line, c.offset); got != c.want {
			t.Errorf("offset %d: column %d, want %d", c.offset, got, c.want)
		}
	}
	text := []byte("\xef\xbb\xbfa: ü\r\nb: 😀 x\n")
	for offset, want := range map[int]string{0: "f:1:1", 3: "f:1:1", 8: "f:1:5", 10: "f:2:1", 18: "f:2:6", 999: "f:3:1"} {
		if got := diag.Place("f", text, offset).String(); got != want {
			t.Errorf("offset %d: %s, want %s", offset, got, want)
		}
	}
}

func TestSpans(t *testing.T) {
	p := diag.Position{File: "f", Line: 2, Column: 3}
	if got := p.Wide(4); got.EndLine != 2 || got.EndColumn != 7 || got.String() != "f:2:3" {
		t.Errorf("wide: %+v", got)
	}
	if got := p.Wide(0); got != p {
		t.Errorf("no width: %+v", got)
	}
	if got := (diag.Position{File: "f", Line: 2}).Wide(3); got.EndLine != 0 {
		t.Errorf("no column: %+v", got)
	}
	if got := p.To(diag.Position{Line: 4, Column: 1}); got.EndLine != 4 || got.EndColumn != 1 {
		t.Errorf("to: %+v", got)
	}
}

// TestOrderIsTotal: whatever the order in which findings come, they leave in one order.
func TestOrderIsTotal(t *testing.T) {
	finding := rapid.Custom(func(t *rapid.T) diag.Finding {
		word := rapid.SampledFrom([]string{"a", "b"})
		number := rapid.IntRange(0, 2)
		return diag.Finding{ID: word.Draw(t, "id"), Severity: diag.Severity(number.Draw(t, "severity")), Message: word.Draw(t, "message"),
			Position: diag.Position{File: word.Draw(t, "file"), Line: number.Draw(t, "line"), Column: number.Draw(t, "column"),
				EndLine: number.Draw(t, "end line"), EndColumn: number.Draw(t, "end column")}}
	})
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfN(finding, 0, 8).Draw(t, "findings")
		other := slices.Clone(all)
		rand.Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
		if !slices.Equal(diag.Sort(all), diag.Sort(other)) {
			t.Fatalf("%v\nand\n%v", all, other)
		}
	})
}

func TestAny(t *testing.T) {
	fs := []diag.Finding{{Severity: diag.Info}, {Severity: diag.Warning}}
	if !diag.Any(fs, diag.Info) || !diag.Any(fs, diag.Warning) || diag.Any(fs, diag.Error) || diag.Any(nil, diag.Info) {
		t.Error("any is not at or above")
	}
}
