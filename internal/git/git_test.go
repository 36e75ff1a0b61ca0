package git_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"treadmill/internal/git"
)

// work runs git as people do, in a folder.
func work(t *testing.T, folder string, args ...string) string {
	t.Helper()
	c := exec.CommandContext(t.Context(), "git", args...)
	c.Dir = folder
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_AUTHOR_NAME=a",
		"GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, folder, name, text string) {
	t.Helper()
	file := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// repository has a branch main that went on after the work that is checked out had left it.
func repository(t *testing.T) (folder, left string) {
	t.Helper()
	folder = t.TempDir()
	work(t, folder, "init", "-q", "-b", "main")
	write(t, folder, "rules/a b.yaml", "one\n")
	write(t, folder, "rules/tab\tand\nline.yaml", "odd\n")
	if err := os.Symlink("a b.yaml", filepath.Join(folder, "rules", "link.yaml")); err != nil {
		t.Fatal(err)
	}
	work(t, folder, "add", ".")
	work(t, folder, "commit", "-q", "-m", "one")
	left = work(t, folder, "rev-parse", "HEAD")
	work(t, folder, "checkout", "-q", "-b", "work")
	write(t, folder, "rules/a b.yaml", "two\n")
	work(t, folder, "commit", "-q", "-a", "-m", "two")
	work(t, folder, "checkout", "-q", "main")
	write(t, folder, "rules/later.yaml", "later\n")
	work(t, folder, "add", ".")
	work(t, folder, "commit", "-q", "-m", "later")
	work(t, folder, "checkout", "-q", "work")
	return folder, left
}

func TestBaseIsWhereTheWorkBegan(t *testing.T) {
	folder, left := repository(t)
	repo, err := git.Open(t.Context(), filepath.Join(folder, "rules"))
	if err != nil {
		t.Fatal(err)
	}
	commit, common, err := repo.Base(t.Context(), "main")
	if err != nil || !common || commit != left {
		t.Fatalf("base %s, %t, %v; want %s", commit, common, err, left)
	}
	files, err := repo.Files(t.Context(), commit)
	if err != nil {
		t.Fatal(err)
	}
	contents, err := repo.Read(t.Context(), files)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"rules/a b.yaml": "one\n", "rules/tab\tand\nline.yaml": "odd\n", "rules/link.yaml": "a b.yaml"}
	if len(files) != len(want) {
		t.Errorf("files %v", files)
	}
	for i, f := range files {
		if string(contents[i]) != want[f.Name] {
			t.Errorf("%q holds %q, want %q", f.Name, contents[i], want[f.Name])
		}
		if f.Link && f.Target(contents[i]) != "rules/a b.yaml" {
			t.Errorf("%q leads to %q", f.Name, f.Target(contents[i]))
		}
	}
}

// TestBaseWithoutCommonHistory: histories that share nothing, as those of a shallow clone, are compared with the revision itself.
func TestBaseWithoutCommonHistory(t *testing.T) {
	folder, _ := repository(t)
	work(t, folder, "checkout", "-q", "--orphan", "alone")
	work(t, folder, "commit", "-q", "-m", "alone")
	repo, err := git.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	commit, common, err := repo.Base(t.Context(), "main")
	if want := work(t, folder, "rev-parse", "main"); err != nil || common || commit != want {
		t.Errorf("base %s, %t, %v; want %s", commit, common, err, want)
	}
}

// TestBaseOfAMergeInAShallowClone: the merge that is tested for a pull request says what it was made on, though its history is not there.
func TestBaseOfAMergeInAShallowClone(t *testing.T) {
	folder, _ := repository(t)
	work(t, folder, "merge", "-q", "-m", "merge", "main")
	clone := t.TempDir()
	work(t, clone, "clone", "-q", "--depth=1", "file://"+folder, ".")
	work(t, clone, "fetch", "-q", "--depth=1", "origin", "main")
	repo, err := git.Open(t.Context(), clone)
	if err != nil {
		t.Fatal(err)
	}
	commit, common, err := repo.Base(t.Context(), "FETCH_HEAD")
	if want := work(t, folder, "rev-parse", "main"); err != nil || !common || commit != want {
		t.Errorf("base %s, %t, %v; want %s", commit, common, err, want)
	}
}

// TestNothingOfARepositoryIsRun: what a repository's configuration names as a program stays a name.
func TestNothingOfARepositoryIsRun(t *testing.T) {
	folder, _ := repository(t)
	mark := filepath.Join(t.TempDir(), "ran")
	program := filepath.Join(folder, "program.sh")
	write(t, folder, "program.sh", "#!/bin/sh\ntouch "+mark+"\ncat\n")
	if err := os.Chmod(program, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, folder, ".gitattributes", "* filter=x diff=x\n")
	for _, key := range []string{
		"core.fsmonitor", "diff.external", "diff.x.textconv", "diff.x.command", "filter.x.smudge", "filter.x.clean",
		"core.pager", "core.sshCommand",
	} {
		work(t, folder, "config", key, program)
	}
	repo, err := git.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	commit, _, err := repo.Base(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	files, err := repo.Files(t.Context(), commit)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.Read(t.Context(), files); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("a program of the repository was run")
	}
}

func TestErrorsSayWhat(t *testing.T) {
	folder, _ := repository(t)
	repo := git.Repo{Root: folder}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	unknown := []git.File{{Name: "x", Blob: strings.Repeat("0", 40)}}
	for name, c := range map[string]struct {
		do   func() error
		want string
	}{
		"no repository":      {func() error { _, err := git.Open(t.Context(), t.TempDir()); return err }, "not a git repository"},
		"no revision":        {func() error { _, _, err := repo.Base(t.Context(), "nowhere"); return err }, `does not know the revision "nowhere"`},
		"a flag":             {func() error { _, _, err := repo.Base(t.Context(), "--output=x"); return err }, "is not a revision"},
		"no such content":    {func() error { _, err := repo.Read(t.Context(), unknown); return err }, "missing"},
		"the run was ended":  {func() error { _, err := repo.Files(gone, "HEAD"); return err }, "canceled"},
		"a commit of no use": {func() error { _, err := repo.Files(t.Context(), "HEAD:rules/none"); return err }, "git ls-tree"},
	} {
		if err := c.do(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
