package glob_test

import (
	"testing"

	"treadmill/internal/glob"
)

func TestBelow(t *testing.T) {
	for _, c := range []struct {
		folder, path, want string
		ok                 bool
	}{
		{"a", "a/b/c", "b/c", true}, {"a/", "a", ".", true}, {".", "a", "a", true}, {".", "..a", "..a", true}, {"/", "/a", "a", true},
		{"../x", "../x/y", "y", true}, {"a", "ab", "", false}, {"a/b", "a", "", false}, {".", "../a", "", false}, {"/a", "b", "", false},
		{"a", "/a/b", "", false}, {"a", "a/../b", "", false},
	} {
		if got, ok := glob.Below(c.folder, c.path); got != c.want || ok != c.ok {
			t.Errorf("Below(%q, %q) = %q, %v", c.folder, c.path, got, ok)
		}
	}
}
