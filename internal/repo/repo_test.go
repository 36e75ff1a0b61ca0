package repo_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// program builds treadmill once for all tests of the package.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "treadmill-repo-")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "treadmill")
	build := exec.Command("go", "build", "-o", file, "./cmd/treadmill")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return "", &exec.Error{Name: "go build: " + string(out), Err: err}
	}
	return file, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	if file, err := program(); err == nil {
		_ = os.RemoveAll(filepath.Dir(file))
	}
	os.Exit(status)
}

// treadmill is the program, built.
func treadmill(t *testing.T) string {
	t.Helper()
	file, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return file
}

// root is the top of the repository.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// ran is how a command ended.
type ran struct {
	status         int
	stdout, stderr string
}

// execute runs a command in a folder with more variables in its environment.
func execute(t *testing.T, dir string, env []string, command string, args ...string) ran {
	t.Helper()
	c := exec.CommandContext(t.Context(), command, args...)
	var stdout, stderr strings.Builder
	c.Dir, c.Stdout, c.Stderr = dir, &stdout, &stderr
	c.Env = append(os.Environ(), env...)
	err := c.Run()
	r := ran{stdout: stdout.String(), stderr: stderr.String()}
	if c.ProcessState == nil {
		t.Fatalf("%s: %v", command, err)
	}
	r.status = c.ProcessState.ExitCode()
	return r
}

func write(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// repository makes a Git repository with one commit of the files.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, files)
	git(t, dir, "init", "--quiet", "--initial-branch=main")
	commit(t, dir, "first")
	return dir
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	r := execute(t, dir, nil, "git", append([]string{"-c", "user.name=test", "-c", "user.email=test@example.org"}, args...)...)
	if r.status != 0 {
		t.Fatalf("git %q: %s", args, r.stderr)
	}
	return strings.TrimSpace(r.stdout)
}

func commit(t *testing.T, dir, message string) string {
	t.Helper()
	git(t, dir, "add", "--all")
	git(t, dir, "commit", "--quiet", "--message", message)
	return git(t, dir, "rev-parse", "HEAD")
}
