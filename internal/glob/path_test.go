package glob_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"treadmill/internal/glob"
)

func osOpen(name string) (fs.File, error) { return os.Open(name) }

// folder makes files in an empty folder, which is the working directory of the test. A name with "->" is a link.
func folder(t *testing.T, files ...string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, f := range files {
		name, target, link := strings.Cut(f, "->")
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if link {
			err = os.Symlink(target, name)
		} else {
			err = os.WriteFile(name, nil, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestExpand(t *testing.T) {
	folder(t, "a1.yaml", "a[1].yaml", "b/c.yaml", "b/d/e.yaml", "b/d/.h.yaml", ".git/x.yaml", "b/d/up->..", "far->b", "b/n.txt")
	for _, c := range []struct {
		arg  string
		want string
	}{
		{"a1.yaml", "a1.yaml"}, {"a[1].yaml", "a[1].yaml"}, {"a[0-9].yaml", "a1.yaml"}, {"a*.yaml", "a1.yaml a[1].yaml"},
		{"**/*.yaml", "a1.yaml a[1].yaml b/c.yaml b/d/e.yaml"}, {"./b/**/e.yaml", "b/d/e.yaml"}, {"b/**", "b"}, {"b/*", "b/c.yaml b/d b/n.txt"},
		{"{b,far}/c.yaml", "b/c.yaml far/c.yaml"}, {"*/c.yaml", "b/c.yaml far/c.yaml"}, {".git/*", ".git/x.yaml"}, {"b/d/.*.yaml", "b/d/.h.yaml"},
		{"nope/*.yaml", "nope/*.yaml"}, {"*.json", "*.json"}, {"b[", "b["}, {"{a,b", "{a,b"}, {"b/d/../c*", "b/c.yaml"},
		{"*", "a1.yaml a[1].yaml b far"},
	} {
		got, err := glob.Expand(osOpen, c.arg)
		if strings.Join(got, " ") != c.want || err != nil {
			t.Errorf("Expand(%q) = %q, %v; want %q", c.arg, got, err, c.want)
		}
	}
	abs, err := filepath.Abs("b")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := glob.Expand(osOpen, filepath.Join(abs, "**", "e.yaml")); err != nil ||
		!slices.Equal(got, []string{filepath.Join(abs, "d", "e.yaml")}) {
		t.Errorf("absolute: %q, %v", got, err)
	}
}

// TestExpandSaysWhatItCouldNotList: what is unread is never nothing.
func TestExpandSaysWhatItCouldNotList(t *testing.T) {
	folder(t, "a/x.yaml", "b/y.yaml")
	open := func(name string) (fs.File, error) {
		if name == "b" {
			return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
		}
		return os.Open(name)
	}
	got, err := glob.Expand(open, "**/*.yaml")
	if err == nil || err.Error() != "open b: permission denied" || !slices.Equal(got, []string{filepath.Join("a", "x.yaml")}) {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestCovers(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"vendor", "charts/vendor/a.yaml", true}, {"vendor/", "vendor/x", true}, {"/vendor", "charts/vendor/a.yaml", false},
		{"./vendor", "vendor/a.yaml", true},
		{"*.tmpl.yaml", "a/b.tmpl.yaml", true}, {"charts/*/ci", "charts/x/ci/v.yaml", true}, {"charts/*", "other/charts/x", false},
		{"**/ci", "a/b/ci/x", true},
		{".github", ".github/x.yaml", true}, {".github/*", ".github/x/y.yaml", true}, {"a[1].yaml", "a[1].yaml", true},
		{"x", "./x", true}, {"x", "xy", false},
		{"/srv/x", "/srv/x/a", true}, {"../other/**", "../other/a", true}, {"a/b", "a", false},
	} {
		if got := glob.Covers(c.pattern, c.name); got != c.want {
			t.Errorf("Covers(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}
