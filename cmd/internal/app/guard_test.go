package app

import (
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
)

// inFolder is a run in a new folder that holds some files, and links, whose texts begin with "-> ".
func inFolder(t *testing.T, files map[string]string) *App {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		to, link := strings.CutPrefix(text, "-> ")
		var err error
		if link {
			err = os.Symlink(to, name)
		} else {
			err = os.WriteFile(name, []byte(text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return New(Env{
		Args: []string{"treadmill"}, Now: time.Now, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard,
		Open: func(name string) (fs.File, error) { return os.Open(name) },
	})
}

// runWith runs a command that takes files, with some arguments.
func runWith(t *testing.T, a *App, args ...string) {
	t.Helper()
	c := &cobra.Command{Use: "read FILE...", Run: func(c *cobra.Command, args []string) { a.guard.take(c, args) }}
	c.Flags().String("context", "", "")
	c.Flags().StringSlice("values", nil, "")
	CompleteFlag(c, "context", func(*cobra.Command) []cobra.Completion { return nil })
	c.SetArgs(args)
	if err := c.Execute(); err != nil {
		t.Fatal(err)
	}
}

// TestGuardLinks: a word of the command line that is no file does not open a way out of a tree, though the tree has a link of that name.
func TestGuardLinks(t *testing.T) {
	for _, c := range []struct {
		args []string
		file string
		read bool
	}{
		{[]string{"tree"}, "tree/out", false},
		{[]string{"tree"}, "tree/in", true},
		{[]string{"tree"}, "tree/folder/canary", false},
		{[]string{"tree", "--context", "prod"}, "tree/out", false},
		{[]string{"tree", "--context", "prod"}, "prod/canary", true}, // outside of what is named
		{[]string{".", "--context", "prod"}, "prod/canary", false},
		{[]string{".", "prod"}, "tree/out", false}, // prod is a link itself: what is below its name may be read, and nothing else there
		{[]string{".", "prod"}, "prod/canary", true},
		{[]string{"tree", "elsewhere"}, "tree/out", false}, // its end has another name in the temporary folder
		{[]string{"tree/out"}, "tree/out", true},
		{[]string{"tree/*.yaml"}, "tree/out", false},
		{[]string{"tree", "--values", "a.yaml,tree/out"}, "tree/out", true},
	} {
		outside := t.TempDir()
		if err := os.WriteFile(filepath.Join(outside, "canary"), []byte("canary"), 0o600); err != nil {
			t.Fatal(err)
		}
		a := inFolder(t, map[string]string{
			"tree/out": "-> " + filepath.Join(outside, "canary"), "tree/folder": "-> " + outside, "prod": "-> " + outside,
			"tree/in": "-> file", "tree/file": "text",
		})
		runWith(t, a, c.args...)
		if _, err := a.Read(c.file); (err == nil) != c.read {
			t.Errorf("%v: reading %s: %v", c.args, c.file, err)
		}
	}
}

// TestSetIsPutBack: when one file of a set cannot be put in its place, none is.
func TestSetIsPutBack(t *testing.T) {
	a := inFolder(t, map[string]string{"out/b": "old"})
	p := a.Pending()
	defer p.Discard()
	if err := p.AddAll("out", map[string][]byte{"a": []byte("new"), "b": []byte("new"), "c": []byte("new")}); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll("out/c/in-the-way", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := p.Commit(); err == nil || !strings.Contains(err.Error(), filepath.Join("out", "c")) {
		t.Errorf("the error is %v", err)
	}
	p.Discard()
	entries, err := os.ReadDir("out")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if text, err := os.ReadFile("out/b"); string(text) != "old" || err != nil || strings.Join(names, " ") != "b c" {
		t.Errorf("out holds %v, and b is %q (%v)", names, text, err)
	}
}
