//go:build unix

package repo_test

import (
	"archive/tar"
	"compress/gzip"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// hostile is an archive of testdata/hostile, unpacked. The lines of its comment that begin with one of these words make the rest:
//
//	link NAME -> TARGET        a symbolic link
//	pipe NAME                  a named pipe
//	fill NAME COUNT TEXT       a file, or the end of one, of a text many times
//	ending NAME TEXT           the end of a file
//	tgz NAME ENTRY BYTES       a packed file with one entry of zeros
//	levels COUNT               folders l0, m0, …: each a kustomization of both folders of the next level
//	run STATUS,STATUS WORD...  what to run in the folder, and how it ends
//	want PATTERN               what the output of the last run has
//
// Texts and words may be quoted as in Go. OUTSIDE is the folder that holds the canary.
type hostile struct {
	tree, outside, before string
	runs                  []hostileRun
}

type hostileRun struct {
	status []int
	args   []string
	wants  []string
}

func newHostile(t *testing.T, a *txtar.Archive) *hostile {
	t.Helper()
	top := t.TempDir()
	h := &hostile{tree: filepath.Join(top, "tree"), outside: filepath.Join(top, "outside")}
	write(t, h.outside, map[string]string{
		"canary.txt": canary, "canary.yaml": "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: " + canary + "}\n",
		"values.yaml": "name: " + canary + "\n", "canary.env": "KEY=" + canary + "\n", "kustomization.yaml": "resources: [canary.yaml]\n",
		"chart/Chart.yaml":        "apiVersion: v2\nname: out\nversion: 1.0.0\n",
		"chart/templates/it.yaml": "apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: " + canary + "}\n",
	})
	files := map[string]string{}
	for _, f := range a.Files {
		files[f.Name] = strings.ReplaceAll(string(f.Data), "OUTSIDE", h.outside)
	}
	write(t, h.tree, files)
	for line := range strings.Lines(string(a.Comment)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			h.do(t, words(t, strings.ReplaceAll(line, "OUTSIDE", h.outside)))
		}
	}
	h.before = h.state(t)
	return h
}

// do is one line of an archive.
func (h *hostile) do(t *testing.T, w []string) {
	t.Helper()
	at := filepath.Join(h.tree, filepath.FromSlash(w[1]))
	var err error
	switch w[0] {
	case "link":
		err = os.Symlink(w[3], at)
	case "pipe":
		err = mkfifo(at)
	case "fill":
		err = add(at, strings.Repeat(w[3], number(t, w[2])))
	case "ending":
		err = add(at, w[2])
	case "tgz":
		err = pack(at, w[2], int64(number(t, w[3])))
	case "levels":
		h.levels(t, number(t, w[1]))
	case "run":
		r := hostileRun{args: w[2:]}
		for s := range strings.SplitSeq(w[1], ",") {
			r.status = append(r.status, number(t, s))
		}
		h.runs = append(h.runs, r)
	case "want":
		last := &h.runs[len(h.runs)-1]
		last.wants = append(last.wants, w[1])
	default:
		err = fmt.Errorf("what is %q?", w)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// levels makes 2·depth + 2 folders, of which a build of the first takes 2^depth.
func (h *hostile) levels(t *testing.T, depth int) {
	files := map[string]string{}
	for i := range depth {
		for _, side := range []string{"l", "m"} {
			files[fmt.Sprintf("%s%d/kustomization.yaml", side, i)] = fmt.Sprintf(
				"resources: [../l%d, ../m%d]\nnamePrefix: %s%d-\n",
				i+1,
				i+1,
				side,
				i,
			)
		}
	}
	for _, side := range []string{"l", "m"} {
		folder := fmt.Sprintf("%s%d/", side, depth)
		files[folder+"kustomization.yaml"] = "resources: [it.yaml]\n"
		files[folder+"it.yaml"] = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + side + "}\n"
	}
	write(t, h.tree, files)
}

// state is what lies outside of the tree, with all bytes.
func (h *hostile) state(t *testing.T) string {
	t.Helper()
	var out strings.Builder
	err := filepath.WalkDir(filepath.Dir(h.tree), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			if name == h.tree {
				return fs.SkipDir
			}
			return err
		}
		text, err := os.ReadFile(name)
		fmt.Fprintf(&out, "%s %q\n", name, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func add(file, text string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteString(text)
	return err
}

func pack(file, entry string, size int64) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	z := gzip.NewWriter(f)
	w := tar.NewWriter(z)
	if err := w.WriteHeader(&tar.Header{Name: entry, Mode: 0o644, Size: size}); err != nil {
		return err
	}
	if _, err := io.CopyN(w, zeros{}, size); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return z.Close()
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// words are those of a line; a quoted one is one.
func words(t *testing.T, line string) []string {
	t.Helper()
	var out []string
	for line = strings.TrimSpace(line); line != ""; line = strings.TrimSpace(line) {
		if line[0] == '"' || line[0] == '`' {
			quoted, err := strconv.QuotedPrefix(line)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			word, err := strconv.Unquote(quoted)
			if err != nil {
				t.Fatal(err)
			}
			out, line = append(out, word), line[len(quoted):]
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		out, line = append(out, word), rest
	}
	return out
}
