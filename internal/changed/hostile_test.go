package changed_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"treadmill/internal/changed"
	"treadmill/internal/diag"
)

// TestGitRunsNothing: a repository that is set up to run a program in every way that comparing may use runs none.
func TestGitRunsNothing(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	ran := filepath.Join(t.TempDir(), "ran")
	evil := filepath.Join(t.TempDir(), "evil")
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	git := func(args ...string) {
		t.Helper()
		args = append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)
		if out, err := exec.CommandContext(t.Context(), "git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %s: %v\n%s", args, err, out)
		}
	}
	write(evil, "#!/bin/sh\ntouch "+ran+"\ncat\n", 0o755)
	git("init", "--quiet")
	write(filepath.Join(dir, "a.yaml"), "a: 1\nb: 2\n", 0o600)
	write(filepath.Join(dir, "lost.yaml"), "c: 1\n", 0o600)
	git("add", "a.yaml", "lost.yaml")
	git("commit", "--quiet", "-m", "x")
	write(filepath.Join(dir, ".gitattributes"), "* filter=evil diff=evil\n", 0o600)
	for _, hook := range []string{"post-index-change", "post-checkout", "fsmonitor-watchman"} {
		write(filepath.Join(dir, ".git/hooks", hook), "#!/bin/sh\ntouch "+ran+"\n", 0o755)
	}
	for name, value := range map[string]string{
		"core.fsmonitor": evil, "core.pager": evil, "core.sshCommand": evil, "core.askPass": evil, "core.gitProxy": evil, "core.editor": evil,
		"diff.external": evil, "diff.evil.textconv": evil, "diff.evil.command": evil, "filter.evil.clean": evil, "filter.evil.smudge": evil,
		"filter.evil.process": evil, "filter.evil.required": "true", "alias.ls-tree": "!" + evil, "alias.rev-parse": "!" + evil,
		"credential.helper": evil,
		"remote.origin.url": "ext::" + evil, "remote.origin.promisor": "true", "remote.origin.uploadpack": evil, "protocol.ext.allow": "always",
		"protocol.file.allow": "always", "extensions.partialClone": "origin", "core.repositoryFormatVersion": "1",
	} {
		git("config", name, value)
	}
	write(filepath.Join(dir, "a.yaml"), "a: 1\nb: 3\n", 0o600)
	write(filepath.Join(dir, "lost.yaml"), "c: 2\n", 0o600)
	forget(t, filepath.Join(dir, ".git/objects"), "c: 1\n")
	write(filepath.Join(dir, "new.yaml"), "b: 3\n", 0o600)
	if err := os.Remove(ran); err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	tree, err := changed.Since(t.Context(), changed.Files{
		Open: func(name string) (fs.File, error) { return os.Open(name) }, Real: filepath.EvalSymlinks,
	}, dir, "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string, line int) diag.Position {
		return diag.Position{File: filepath.Join(dir, name), Line: line}
	}
	places := []diag.Position{at("a.yaml", 1), at("a.yaml", 2), at("lost.yaml", 1), at("new.yaml", 1)}
	if err := tree.Look(t.Context(), places[:2]); err != nil || tree.Has(places[0]) || !tree.Has(places[1]) {
		t.Errorf("the new line is not found: %v", err)
	}
	if err := tree.Look(t.Context(), places[2:]); err == nil || !strings.Contains(err.Error(), "lost.yaml") {
		t.Errorf("a text that is not there: %v", err)
	}
	if _, err := os.Stat(ran); err == nil {
		t.Error("a program that the repository names has run")
	}
	_ = exec.CommandContext(t.Context(), "git", "-C", dir, "diff", "HEAD", "--", "a.yaml").Run()
	if _, err := os.Stat(ran); err != nil {
		t.Error("nothing would have run anyway")
	}
}

// forget takes the object of a text out of a repository, so that git would have to fetch it.
func forget(t *testing.T, objects, text string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "hash-object", "--stdin")
	cmd.Stdin = strings.NewReader(text)
	out, err := cmd.Output()
	if err != nil || len(out) < 40 {
		t.Fatalf("%s, %v", out, err)
	}
	id := string(out[:40])
	if err := os.Remove(filepath.Join(objects, id[:2], id[2:])); err != nil {
		t.Fatal(err)
	}
}
