package changed_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"treadmill/internal/changed"
	"treadmill/internal/diag"
	"treadmill/internal/git"
)

// repository is a work tree for a test.
type repository struct {
	*testing.T
	dir string
}

func newRepository(t *testing.T) repository {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := repository{t, dir}
	r.git("init", "--quiet", "--initial-branch=main")
	return r
}

func run(ctx context.Context, dir string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.org")
	return cmd.Output()
}

func (r repository) git(args ...string) string {
	r.Helper()
	out, err := run(r.Context(), r.dir, args...)
	if err != nil {
		r.Fatalf("git %s: %v", args, err)
	}
	return string(out)
}

func (r repository) write(name, text string) {
	r.Helper()
	path := filepath.Join(r.dir, name)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o600)); err != nil {
		r.Fatal(err)
	}
}

func (r repository) commit() {
	r.Helper()
	r.git("add", "--all")
	r.git("commit", "--quiet", "--message=x", "--allow-empty")
}

func (r repository) since(rev string) *changed.Tree {
	r.Helper()
	t, err := changed.Since(r.Context(), changed.Files{
		Open: func(name string) (fs.File, error) { return os.Open(name) }, Real: filepath.EvalSymlinks,
	}, r.dir, rev)
	if err != nil {
		r.Fatal(err)
	}
	return t
}

// has asks for a place that is written as file:line.
func (r repository) has(t *changed.Tree, place string) bool {
	r.Helper()
	name, line, _ := strings.Cut(place, ":")
	p := diag.Position{File: filepath.Join(r.dir, name)}
	p.Line, _ = strconv.Atoi(line)
	if err := t.Look(r.Context(), []diag.Position{p}); err != nil {
		r.Fatal(err)
	}
	return t.Has(p)
}

var hunkPattern = regexp.MustCompile(`(?m)^@@ -\S+ \+(\d+)(?:,(\d+))? @@`)

// TestLinesAreThoseOfGit edits files in all ways and compares with what git diff says of them. The lines are all different, so that there
// is one shortest difference.
func TestLinesAreThoseOfGit(t *testing.T) {
	r := newRepository(t)
	random := rand.New(rand.NewPCG(1, 2))
	serial := 0
	fresh := func() string {
		serial++
		return fmt.Sprintf("line %d\n", serial)
	}
	texts := map[string][]string{}
	for i := range 30 {
		name := fmt.Sprintf("d%d/f%d.yaml", i%3, i)
		for range 20 + random.IntN(60) {
			texts[name] = append(texts[name], fresh())
		}
		r.write(name, strings.Join(texts[name], ""))
	}
	r.commit()
	for name, lines := range texts {
		for range random.IntN(6) {
			at := random.IntN(len(lines))
			switch random.IntN(3) {
			case 0:
				lines[at] = fresh()
			case 1:
				lines = append(lines[:at], lines[at+1:]...)
			default:
				lines = append(lines[:at], append([]string{fresh()}, lines[at:]...)...)
			}
		}
		texts[name] = lines
		if moved := "moved/" + filepath.Base(name); random.IntN(5) == 0 {
			r.git("mv", "-k", name, "moved-"+filepath.Base(name))
			texts["moved-"+filepath.Base(name)] = lines
			delete(texts, name)
			name = "moved-" + filepath.Base(moved)
		}
		r.write(name, strings.Join(lines, ""))
	}
	r.git("add", "--all")
	tree := r.since("HEAD")
	for name, lines := range texts {
		want := map[int]bool{}
		diff := r.git("diff", "-M", "-U0", "--no-ext-diff", "HEAD")
		_, own, ok := strings.Cut(diff, "+++ b/"+name+"\n")
		if own, _, _ = strings.Cut(own, "\ndiff --git"); ok {
			for _, m := range hunkPattern.FindAllStringSubmatch(own, -1) {
				first, _ := strconv.Atoi(m[1])
				n := 1
				if m[2] != "" {
					n, _ = strconv.Atoi(m[2])
				}
				for i := range n {
					want[first+i] = true
				}
			}
		}
		for i := range lines {
			if got := r.has(tree, fmt.Sprintf("%s:%d", name, i+1)); got != want[i+1] {
				t.Errorf("%s:%d is new: %v, and git says %v", name, i+1, got, want[i+1])
			}
		}
	}
}

// TestPlaces: what is not a line of a file with a history.
func TestPlaces(t *testing.T) {
	r := newRepository(t)
	r.write("a/old.yaml", "a: 1\nb: 2\n")
	r.write("a/same.yaml", "a: 1\n")
	r.write("dos.yaml", "a: 1\n")
	r.write("chart.tgz", "packed")
	r.write("other.tgz", "packed")
	r.write(".gitignore", "built/\n")
	if err := os.Symlink("a/same.yaml", filepath.Join(r.dir, "link.yaml")); err != nil {
		t.Fatal(err)
	}
	r.commit()
	r.git("tag", "begin")
	r.git("branch", "side")
	r.write("a/old.yaml", "a: 1\nb: 3\n")
	r.write("b/new.yaml", "a: 1\n")
	r.write("built/made.yaml", "a: 1\n")
	r.write("dos.yaml", "a: 1\r\n")
	r.write("chart.tgz", "packed anew")
	tree := r.since("begin")
	for place, want := range map[string]bool{
		"a/old.yaml:1": false, "a/old.yaml:2": true, "a/old.yaml": true, "a": true, "a/same.yaml": false, "a/same.yaml:1": false,
		"b/new.yaml:1": true, "b": true, "built/made.yaml:1": false, "built": false, "dos.yaml:1": false, "link.yaml:1": false,
		"chart.tgz/templates/a.yaml:3": true, "other.tgz/templates/a.yaml:3": false, "gone.yaml:1": true, "": true, ".": true,
	} {
		if got := r.has(tree, place); got != want {
			t.Errorf("%s is new: %v, want %v", place, got, want)
		}
	}
	for _, p := range []diag.Position{{}, {File: "<stdin>", Line: 1}, {File: "context prod"}, {File: t.TempDir(), Line: 1}} {
		if !tree.Has(p) {
			t.Errorf("%q has no history and is not new", p.File)
		}
	}
	r.commit()
	r.git("checkout", "--quiet", "side")
	r.write("a/same.yaml", "a: 1\nmine: 2\n")
	r.commit()
	if tree := r.since("main..."); r.has(tree, "a/old.yaml:2") || !r.has(tree, "a/same.yaml:2") {
		t.Error("main... is not where the branch began")
	}
}

// TestOneRename: a file that is gone became the one file that is most like it, whatever is looked at, in whatever order.
func TestOneRename(t *testing.T) {
	r := newRepository(t)
	r.write("old.yaml", "a: 1\nb: 2\nc: 3\nd: 4\n")
	r.write("gone/x.yaml", "e: 1\nf: 2\n")
	r.write(".gitignore", "built.yaml\n")
	r.commit()
	r.git("rm", "--quiet", "old.yaml", "gone/x.yaml")
	r.write("a.yaml", "a: 1\nb: 2\nc: 3\nd: 5\nz: 6\n")
	r.write("b.yaml", "a: 1\nb: 2\nc: 3\nd: 5\n")
	r.write("c.yaml", "a: 1\nb: 2\nc: 3\nd: 6\n")
	r.write("built.yaml", "a: 1\nb: 2\nc: 3\nd: 4\n")
	r.write("k/w.yaml", "e: 1\nf: 2\n")
	r.write("k/x.yaml", "e: 1\nf: 2\n")
	for _, places := range [][]string{{"a.yaml:1", "b.yaml:1", "c.yaml:1"}, {"c.yaml:1", "b.yaml:1"}, {"b.yaml:1"}, {"c.yaml:1"}} {
		tree := r.since("HEAD")
		for _, place := range places {
			if got, want := r.has(tree, place), place != "b.yaml:1"; got != want {
				t.Errorf("%s of %q is new: %v, want %v", place, places, got, want)
			}
		}
	}
	if tree := r.since("HEAD"); !r.has(tree, "b.yaml:4") || !r.has(tree, "k/w.yaml:1") || r.has(tree, "k/x.yaml:1") {
		t.Error("a line that changed is not new, or the file with the same name is not the one that moved")
	}
}

// TestSubmodule: what lies in a submodule is kept, and does not keep the rest from being compared.
func TestSubmodule(t *testing.T) {
	r := newRepository(t)
	r.write("a.yaml", "a: 1\n")
	r.write("d/a.yaml", "a: 1\n")
	r.write("sub/s.yaml", "a: 1\n")
	sub := repository{t, filepath.Join(r.dir, "sub")}
	sub.git("init", "--quiet")
	sub.commit()
	r.commit()
	r.write("new.yaml", "b: 1\n")
	tree := r.since("HEAD")
	for place, want := range map[string]bool{
		"a.yaml:1": false, "new.yaml:1": true, "sub/s.yaml:1": true, "sub": true, "d": false, ".": true,
	} {
		if got := r.has(tree, place); got != want {
			t.Errorf("%s is new: %v, want %v", place, got, want)
		}
	}
}

// TestNoCommit: what cannot be compared with is told.
func TestNoCommit(t *testing.T) {
	r := newRepository(t)
	files := changed.Files{Open: func(name string) (fs.File, error) { return os.Open(name) }, Real: filepath.EvalSymlinks}
	for _, rev := range []string{"HEAD", "nope", "--all", "-h", "", "nope..."} {
		if _, err := changed.Since(t.Context(), files, r.dir, rev); !errors.Is(err, git.ErrUnknown) {
			t.Errorf("%q: %v", rev, err)
		}
	}
	if _, err := changed.Since(t.Context(), files, t.TempDir(), "HEAD"); err == nil || errors.Is(err, git.ErrUnknown) {
		t.Errorf("outside of a repository: %v", err)
	}
}
