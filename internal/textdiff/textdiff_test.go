package textdiff_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"treadmill/internal/textdiff"
)

func TestUnified(t *testing.T) {
	a := "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n"
	b := "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12"
	want := "--- a/x.yaml\n+++ b/x.yaml\n@@ -2,10 +2,11 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n 9\n 10\n 11\n+12\n\\ No newline at end of file\n"
	if got := textdiff.Unified("/x.yaml", []byte(a), []byte(b)); string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := textdiff.Unified("x", []byte(a), []byte(a)); got != nil {
		t.Errorf("equal texts: %q", got)
	}
}

// TestNames are written as git writes and reads them.
func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"a b.yaml": "--- a/a b.yaml\t\n", "a\nb": "--- \"a/a\\012b\"\n", `a"\b`: `--- "a/a\"\\b"` + "\n", "Zürich.yaml": "--- a/Zürich.yaml\n",
	} {
		got, _, _ := strings.Cut(string(textdiff.Unified(name, nil, []byte("x\n"))), "+++")
		if got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}

// TestShortest holds the difference against the longest common subsequence by dynamic programming, and applies it.
func TestShortest(t *testing.T) {
	lines := rapid.Map(
		rapid.SliceOfN(rapid.SampledFrom([]string{"a\n", "b\n", "c\n", "\n"}), 0, 14),
		func(s []string) string { return strings.Join(s, "") },
	)
	rapid.Check(t, func(rt *rapid.T) {
		a := lines.Draw(rt, "a") + rapid.SampledFrom([]string{"", "x"}).Draw(rt, "end of a")
		b := lines.Draw(rt, "b") + rapid.SampledFrom([]string{"", "x", "y"}).Draw(rt, "end of b")
		diff := textdiff.Unified("f", []byte(a), []byte(b))
		if got := patch(t, []byte(a), diff); string(got) != b {
			rt.Fatalf("of %q the diff makes %q and not %q:\n%s", a, got, b, diff)
		}
		changed := 0
		for line := range bytes.Lines(diff) {
			if (line[0] == '-' || line[0] == '+') && !bytes.HasPrefix(line, []byte("--- a/")) && !bytes.HasPrefix(line, []byte("+++ b/")) {
				changed++
			}
		}
		x, y := split(a), split(b)
		if want := len(x) + len(y) - 2*common(x, y); changed != want {
			rt.Fatalf("%q, %q: %d lines changed, the fewest are %d:\n%s", a, b, changed, want, diff)
		}
	})
}

func split(s string) []string {
	lines := strings.SplitAfter(s, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// common is the length of the longest common subsequence.
func common(x, y []string) int {
	table := make([][]int, len(x)+1)
	table[len(x)] = make([]int, len(y)+1)
	for i := len(x) - 1; i >= 0; i-- {
		table[i] = make([]int, len(y)+1)
		for j := len(y) - 1; j >= 0; j-- {
			if table[i][j] = max(table[i+1][j], table[i][j+1]); x[i] == y[j] {
				table[i][j] = 1 + table[i+1][j+1]
			}
		}
	}
	return table[0][0]
}

// FuzzUnified: whatever the texts, the patch makes the one of the other.
func FuzzUnified(f *testing.F) {
	f.Add([]byte("a\r\nb"), []byte("a\nb\n"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if got := patch(t, a, textdiff.Unified("f", a, b)); !bytes.Equal(got, b) {
			t.Errorf("of %q the diff makes %q and not %q", a, got, b)
		}
	})
}

// patch applies a diff, and fails unless what the diff has as context and as taken out is in the text.
func patch(t *testing.T, text, diff []byte) []byte {
	t.Helper()
	lines := strings.SplitAfter(string(text), "\n")
	var out strings.Builder
	at := 0
	hunks := strings.SplitAfter(string(diff), "\n")
	for i, line := range hunks {
		switch {
		case strings.HasPrefix(line, "--- ") || strings.HasPrefix(line, "+++ ") || strings.HasPrefix(line, `\`) || line == "":
			continue
		case strings.HasPrefix(line, "@@ -"):
			start := hunkStart(t, line)
			for ; at < start; at++ {
				out.WriteString(lines[at])
			}
			continue
		}
		body := line[1:]
		if i+1 < len(hunks) && strings.HasPrefix(hunks[i+1], `\`) {
			body = strings.TrimSuffix(body, "\n")
		}
		if line[0] != '+' {
			if at >= len(lines) || lines[at] != body {
				t.Fatalf("line %d of the text is not %q", at+1, body)
			}
			at++
		}
		if line[0] != '-' {
			out.WriteString(body)
		}
	}
	for ; at < len(lines); at++ {
		out.WriteString(lines[at])
	}
	return []byte(out.String())
}

// hunkStart is the number of lines before a hunk.
func hunkStart(t *testing.T, line string) int {
	t.Helper()
	var from, lines int
	if _, err := fmt.Sscanf(line, "@@ -%d,%d", &from, &lines); err != nil {
		t.Fatal(err)
	}
	if lines == 0 {
		return from
	}
	return from - 1
}
