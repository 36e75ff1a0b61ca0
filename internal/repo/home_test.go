package repo_test

import (
	"archive/zip"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// copyOf copies what Git knows of the repository, as it stands in the work tree, new files too.
func copyOf(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "treadmill")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	list := `git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' f; do [ -e "$f" ] && printf '%s\0' "$f"; done |
		tar --null --files-from=- -cf - | tar -C "$1" -xf -`
	if r := execute(t, root(t), nil, "bash", "-c", list, "copy", dir); r.status != 0 {
		t.Fatal(r.stderr)
	}
	return dir
}

// goEnv lets the go command ask a file proxy, where there is one, and the modules that are on this machine, before others.
func goEnv(t *testing.T, proxies ...string) []string {
	t.Helper()
	known := strings.Split(execute(t, root(t), nil, "go", "env", "GOMODCACHE", "GOPROXY").stdout, "\n")
	// A build needs fewer go.mod files than who requires the module: what the cache lacks of them is asked for as always.
	proxies = append(proxies, "file://"+filepath.Join(known[0], "cache", "download"), known[1])
	return []string{"GOPROXY=" + strings.Join(proxies, ","), "GOFLAGS=-mod=mod -buildvcs=false", "GONOSUMDB=*", "GOSUMDB=off", "GOWORK=off"}
}

const newHome = "example.com/ops/treadmill"

// The module moves to a home by one command: it builds, is installed through a proxy, and another module uses each of its jobs.
func TestModuleMovesHome(t *testing.T) {
	if testing.Short() {
		t.Skip("builds everything")
	}
	dir := copyOf(t)
	if r := execute(t, dir, nil, "make", "--no-print-directory", "home", "MODULE="+newHome); r.status != 0 {
		t.Fatalf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
	left := execute(
		t,
		dir,
		nil,
		"grep",
		"-rnE",
		`^\s*(import )?([A-Za-z_.]+ )?"treadmill(/[^"]*)?"$|^module treadmill`,
		"--include=*.go",
		"--include=go.mod",
		".",
	)
	if left.stdout != "" {
		t.Errorf("not moved:\n%s", left.stdout)
	}
	proxy := filepath.Join(t.TempDir(), "proxy")
	version := fmt.Sprintf("v0.1.%d", time.Now().Unix()) // the module cache never reads a version again
	forget(t, version)
	publish(t, dir, proxy, version)
	env := goEnv(t, "file://"+proxy)
	bin := t.TempDir()
	if r := execute(t, t.TempDir(), append(env, "GOBIN="+bin), "go", "install", newHome+"/cmd/treadmill@"+version); r.status != 0 {
		t.Fatalf("go install: %s", r.stderr)
	}
	r := execute(t, t.TempDir(), nil, filepath.Join(bin, "treadmill"), "version")
	if !strings.HasPrefix(r.stdout, "treadmill "+version+" ") {
		t.Errorf("the installed program says %s%s", r.stdout, r.stderr)
	}
	useElsewhere(t, dir, version, env)
}

// forget takes what a version leaves in the module cache out of it when the test is over.
func forget(t *testing.T, version string) {
	t.Helper()
	cache := strings.TrimSpace(execute(t, root(t), nil, "go", "env", "GOMODCACHE").stdout)
	t.Cleanup(func() {
		dir := filepath.Join(cache, filepath.FromSlash(newHome)+"@"+version)
		_ = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				return os.Chmod(name, 0o755)
			}
			return nil
		})
		_ = os.RemoveAll(dir)
		known, _ := filepath.Glob(filepath.Join(cache, "cache", "download", filepath.FromSlash(newHome), "@v", version+".*"))
		for _, name := range known {
			_ = os.Remove(name)
		}
	})
}

// publish puts a version of the module into a file proxy (https://go.dev/ref/mod#goproxy-protocol). What has a go.mod of its own below it
// is no part of it.
func publish(t *testing.T, dir, proxy, version string) {
	t.Helper()
	at := filepath.FromSlash(newHome + "/@v/")
	write(t, proxy, map[string]string{
		at + "list": version + "\n", at + version + ".info": `{"Version":"` + version + `"}`, at + version + ".mod": read(t, filepath.Join(dir, "go.mod")),
	})
	file, err := os.Create(filepath.Join(proxy, at+version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	archive := zip.NewWriter(file)
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(name, "go.mod")); name != dir && err == nil {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		w, err := archive.Create(newHome + "@" + version + "/" + filepath.ToSlash(rel))
		if err != nil {
			return err
		}
		_, err = w.Write([]byte(read(t, name)))
		return err
	})
	if err == nil {
		err = archive.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// useElsewhere runs the examples of the package at the root from another module, which requires it.
func useElsewhere(t *testing.T, dir, version string, env []string) {
	t.Helper()
	other := t.TempDir()
	write(t, other, map[string]string{
		"go.mod":          "module example.org/elsewhere\n\ngo 1.26.0\n",
		"use.go":          "package elsewhere\n\nimport _ \"" + newHome + "\"\n",
		"example_test.go": strings.Replace(read(t, filepath.Join(dir, "example_test.go")), "package treadmill_test", "package elsewhere_test", 1),
	})
	if err := os.CopyFS(filepath.Join(other, "testdata"), os.DirFS(filepath.Join(dir, "testdata"))); err != nil {
		t.Fatal(err)
	}
	if r := execute(t, other, env, "go", "get", newHome+"@"+version); r.status != 0 {
		t.Fatalf("go get: %s", r.stderr)
	}
	// The module's name becomes the whole module's for godoc; here its functions are called by a stranger.
	r := execute(t, other, env, "go", "test", "-vet=off", "-run", "^Example", ".")
	if r.status != 0 || strings.Contains(r.stdout, "no tests to run") {
		t.Errorf("status %d\n%s%s", r.status, r.stdout, r.stderr)
	}
}

// A path without a host is refused: it could be somebody else's.
func TestHomeWantsAHost(t *testing.T) {
	dir := copyOf(t)
	for _, path := range []string{"treadmill2", "not a path", "http://example.com/x", "example.com"} {
		r := execute(t, dir, nil, filepath.Join(dir, "internal", "tools", "home.sh"), path)
		if r.status != 2 || !strings.Contains(r.stderr, "is not a path of a module") {
			t.Errorf("%q: status %d\n%s", path, r.status, r.stderr)
		}
	}
	if text := read(t, filepath.Join(dir, "go.mod")); !strings.HasPrefix(text, "module treadmill\n") &&
		!strings.HasPrefix(text, "module "+newHome) {
		t.Errorf("%.60s", text)
	}
}
