package yamlx_test

import (
	"testing"

	"treadmill/internal/yamlx"
)

func TestUTF8(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "",
		"{}":                         "{}",
		"\xef\xbb\xbf{}":             "{}",
		"\xff\xfe{\x00}\x00":         "{}",
		"\xfe\xff\x00{\x00}":         "{}",
		"\xff\xfe\x3d\xd8\x00\xde":   "😀",
		"\xff\xfe{\x00}\x00\n":       "{}", // a byte too much
		"\xfe\xff\x00\xe9\xd8\x00":   "é\ufffd",
		"é, which is no order mark":  "é, which is no order mark",
		"\xff, which is no mark too": "\xff, which is no mark too",
	} {
		if got := string(yamlx.UTF8([]byte(text))); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
