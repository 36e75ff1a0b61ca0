//go:build unix

package repo_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// canary is what lies outside of every hostile tree, in files and in the environment, and must never be shown.
const canary = "canary-of-the-runner-9f27"

// Bounds of one run of the program on a hostile input, as docs/threat-model.md promises them.
const (
	mostTime   = 20 * time.Second // of the processor
	mostMemory = 512 << 20
)

// sweep is what runs on every hostile tree, whatever it is meant for: it ends, within bounds, and shows nothing from outside.
var sweep = [][]string{
	{"upgrade", "scan", ".", "--to", "1.37", "-o", "github"},
	{"upgrade", "fix", ".", "--to", "1.37", "--write"},
	{"slo", "validate", "."},
	{"rules", "generate", ".", "--out", "made/"},
	{"rules", "lint", "."},
	{"rules", "audit", "."},
}

// TestHostileInputs unpacks each archive of testdata/hostile beside a canary and runs the program on it.
func TestHostileInputs(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "hostile", "*.txtar"))
	if err != nil || len(files) < 70 {
		t.Fatalf("there are %d hostile inputs (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			h := newHostile(t, a)
			for _, r := range h.runs {
				h.expect(t, r)
			}
			if len(h.runs) == 0 {
				t.Error("says nothing to run")
			}
			if testing.Short() {
				return
			}
			for _, args := range sweep {
				h.run(t, args)
			}
		})
	}
}

// expect runs one line of an archive.
func (h *hostile) expect(t *testing.T, r hostileRun) {
	status, out := h.run(t, r.args)
	if !slices.Contains(r.status, status) {
		t.Errorf("treadmill %q ends with %d, want one of %v:\n%.2000s", r.args, status, r.status, out)
	}
	for _, want := range r.wants {
		if !regexp.MustCompile(want).MatchString(out) {
			t.Errorf("treadmill %q does not say %q:\n%.2000s", r.args, want, out)
		}
	}
}

// run runs the program and holds it to what holds for every input.
func (h *hostile) run(t *testing.T, args []string) (status int, output string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 4*mostTime) // for a program that waits, which takes no processor time
	defer cancel()
	var out bytes.Buffer
	c := exec.CommandContext(ctx, treadmill(t), args...)
	c.Dir, c.Stdout, c.Stderr = h.tree, &out, &out
	c.Env = append(os.Environ(), "HOME="+h.outside, "SECRET="+canary, "KUBECONFIG=", "HELM_REPOSITORY_CACHE=")
	most, err := runMeasured(c)
	if ctx.Err() != nil || c.ProcessState == nil {
		t.Fatalf("treadmill %q does not end: %v", args, err)
	}
	if used := c.ProcessState.UserTime() + c.ProcessState.SystemTime(); used > mostTime {
		t.Errorf("treadmill %q takes %s of the processor", args, used.Round(time.Second))
	}
	if most > mostMemory {
		t.Errorf("treadmill %q takes %d MiB", args, most>>20)
	}
	output, status = out.String(), c.ProcessState.ExitCode()
	if status < 0 || status > 3 || strings.Contains(output, "goroutine ") {
		t.Errorf("treadmill %q ends with %d:\n%.3000s", args, status, output)
	}
	for _, secret := range []string{canary, base64.StdEncoding.EncodeToString([]byte(canary))[:20]} {
		if strings.Contains(output, secret) {
			t.Errorf("treadmill %q shows what lies outside:\n%.3000s", args, output)
		}
	}
	if strings.ContainsAny(output, "\x1b\x07\x00") {
		t.Errorf("treadmill %q passes control characters on: %.1000q", args, output)
	}
	if now := h.state(t); now != h.before {
		t.Errorf("treadmill %q changes what lies outside:\n%s\nwas\n%s", args, now, h.before)
		h.before = now
	}
	return status, output
}
