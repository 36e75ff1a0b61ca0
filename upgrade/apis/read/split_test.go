package read

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

// split cuts a text and returns "line text" of each document.
func split(t testing.TB, r io.Reader) []string {
	t.Helper()
	var s splitter
	s.reset(r)
	var out []string
	for {
		doc, line, err := s.next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%d %q", line, doc))
	}
}

func TestSplit(t *testing.T) {
	for text, want := range map[string]string{
		"":                        `[]`,
		"\xef\xbb\xbfa\n---\nb":   `[1 "a\n" 2 "---\nb"]`,
		"---\na\n--- # c\nb\n---": `[1 "---\na\n" 3 "--- # c\nb\n" 5 "---"]`,
		"\xff\xfea\x00\n\x00-\x00-\x00-\x00\n\x00\x3d\xd8\x00\xde": `[1 "a\n" 2 "---\n😀"]`,
		"\xfe\xff\x00a\x00\n\xd8\x3d\x00b\x00":                     `[1 "a\n�b�"]`,
		"\xff\xfe":                                                 `[]`,
		"\xff\xfe\x00\x00a":                                        `[1 "\xff\xfe\x00\x00a"]`,
		"%YAML 1.1\n---\na\n---\nb":                                `[1 "%YAML 1.1\n---\na\n" 4 "---\nb"]`,
		"# c\n\n%TAG ! x:\n---\na\n...\n\n%YAML 1.1\n--- b":        `[1 "# c\n\n%TAG ! x:\n---\na\n...\n" 7 "\n%YAML 1.1\n--- b"]`,
		"# c\n---\n%a\n---\nb: \"x\n% y\"\n---\n":                  `[1 "# c\n" 2 "---\n%a\n" 4 "---\nb: \"x\n% y\"\n" 7 "---\n"]`,
		"a: |\n ---\n----\n---x\n---\r\n":                          `[1 "a: |\n ---\n----\n---x\n" 5 "---\r\n"]`,
	} {
		if got := fmt.Sprint(split(t, bytes.NewReader([]byte(text)))); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// FuzzSplit holds the splitter to losing nothing, wherever the reads happen to end.
func FuzzSplit(f *testing.F) {
	for _, s := range []string{"a\n---\nb", "---\n---\n--", "\n\n---", "a\n--- \n---\t\n---x", "\xef\xbb\xbfa\n---",
		"%YAML 1.1\n---\na\n...\n%TAG ! x\n# c\n---\n", "\xff\xfea\x00\n\x00", "\xfe\xff\x00a"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		whole := fmt.Sprint(split(t, bytes.NewReader(text)))
		if slow := fmt.Sprint(split(t, iotest.OneByteReader(bytes.NewReader(text)))); slow != whole {
			t.Fatalf("%q: byte by byte %s, at once %s", text, slow, whole)
		}
		if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
			return // it comes out as UTF-8
		}
		var s splitter
		s.reset(bytes.NewReader(text))
		var all []byte
		for {
			doc, line, err := s.next()
			if errors.Is(err, io.EOF) {
				break
			}
			if want := 1 + bytes.Count(all, []byte("\n")); line != want {
				t.Fatalf("%q: line %d, want %d", text, line, want)
			}
			all = append(all, doc...)
		}
		if want := bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")); !bytes.Equal(all, want) {
			t.Fatalf("got %q, want %q", all, want)
		}
	})
}

// TestLargeDocument makes sure that a document that is too large is refused in bounded memory, and the next one read in its place.
func TestLargeDocument(t *testing.T) {
	large := strings.NewReader(strings.Repeat("text text\n", 10<<20))
	var s splitter
	s.reset(io.MultiReader(large, bytes.NewReader([]byte("\n---\na: b\n"))))
	if _, line, err := s.next(); !errors.Is(err, errTooLarge) || line != 1 {
		t.Fatalf("line %d, error %v", line, err)
	}
	doc, line, err := s.next()
	if err != nil || string(doc) != "---\na: b\n" || line != 10<<20+2 {
		t.Errorf("%q in line %d, %v", doc, line, err)
	}
	if cap(s.buf) > 3*maxDocument {
		t.Errorf("the buffer grew to %d bytes", cap(s.buf))
	}
}
