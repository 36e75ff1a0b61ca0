package cli_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli"
)

// result is what one run left behind.
type result struct {
	status         int
	stdout, stderr string
}

// env is an environment without a terminal, on 2026-11-23.
func env(stdout, stderr *bytes.Buffer, args ...string) app.Env {
	return app.Env{
		Args: append([]string{"treadmill"}, args...), Getenv: func(string) string { return "" },
		Now:   func() time.Time { return time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC) },
		Stdin: strings.NewReader(""), Stdout: stdout, Stderr: stderr,
		Open: func(name string) (fs.File, error) { return os.Open(name) },
	}
}

func run(change func(*app.Env), args ...string) result {
	var stdout, stderr bytes.Buffer
	e := env(&stdout, &stderr, args...)
	if change != nil {
		change(&e)
	}
	status := cli.Main(context.Background(), e)
	return result{status, stdout.String(), stderr.String()}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const (
	fineRules   = "groups:\n- name: a\n  rules:\n  - alert: Down\n    expr: up == 0\n    for: 5m\n    annotations: {runbook_url: 'https://example.org/down'}\n"
	hastyRules  = "groups:\n- name: a\n  rules:\n  - alert: Down\n    expr: up == 0\n    annotations: {runbook_url: 'https://example.org/down'}\n"
	brokenRules = "groups:\n- name: a\n  rules:\n  - alert: Down\n    expr: up ==\n"
)

func TestStatus(t *testing.T) {
	fine, hasty, broken := write(t, "fine.yaml", fineRules), write(t, "hasty.yaml", hastyRules), write(t, "broken.yaml", brokenRules)
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	tests := map[string]struct {
		args   []string
		status int
		stderr string // "" wants nothing there
	}{
		"fine":                               {[]string{"rules", "audit", fine}, 0, ""},
		"info does not fail":                 {[]string{"rules", "audit", hasty}, 0, ""},
		"info fails where it shall":          {[]string{"rules", "audit", hasty, "--fail-on", "info"}, 1, ""},
		"an error fails":                     {[]string{"rules", "audit", broken}, 1, ""},
		"an error beside a fine file fails":  {[]string{"rules", "audit", fine, broken}, 1, ""},
		"missing":                            {[]string{"rules", "audit", missing}, 3, "1 of the inputs could not be read"},
		"missing wins over findings":         {[]string{"rules", "audit", missing, broken}, 3, "1 of the inputs"},
		"missing beside a fine file":         {[]string{"rules", "audit", missing, fine}, 3, "1 of the inputs"},
		"missing, accepted":                  {[]string{"rules", "audit", missing, fine, "--allow-partial"}, 0, ""},
		"missing, accepted, warnings fail":   {[]string{"rules", "audit", missing, fine, "--allow-partial", "--fail-on", "warning"}, 1, ""},
		"missing, accepted, an error counts": {[]string{"rules", "audit", missing, broken, "--allow-partial"}, 1, ""},
		"no argument":                        {[]string{"rules", "audit"}, 2, "Run 'treadmill rules audit --help'"},
		"no command":                         {nil, 2, ""},
		"unknown command":                    {[]string{"audit"}, 2, `treadmill has no command "audit"`},
		"unknown flag":                       {[]string{"rules", "audit", "--nope", fine}, 2, "unknown flag: --nope"},
		"bad severity":                       {[]string{"rules", "audit", "--fail-on", "fatal", fine}, 2, `"fatal" is not a severity`},
		"bad time":                           {[]string{"version", "--now", "yesterday"}, 2, "want a date such as 2026-11-23"},
		"help":                               {[]string{"rules", "audit", "--help"}, 0, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := run(nil, tt.args...)
			if got.status != tt.status {
				t.Errorf("status %d, want %d\n%s%s", got.status, tt.status, got.stdout, got.stderr)
			}
			if tt.stderr == "" && got.stderr != "" || !strings.Contains(got.stderr, tt.stderr) {
				t.Errorf("stderr %q, want %q", got.stderr, tt.stderr)
			}
		})
	}
}

// brokenWriter takes so many writes and then none.
type brokenWriter struct{ left int }

func (b *brokenWriter) Write(p []byte) (int, error) {
	if b.left--; b.left < 0 {
		return 0, errors.New("no space left")
	}
	return len(p), nil
}

// TestOutputThatCannotBeWritten ends with the reason, also where the output is written while it is made.
func TestOutputThatCannotBeWritten(t *testing.T) {
	for name, args := range map[string][]string{"at once": {"version"}, "in pieces": {"rules", "generate", "../../../testdata/example/slos"}} {
		for _, writes := range []int{0, 2} {
			if name == "at once" && writes > 0 {
				continue
			}
			t.Run(fmt.Sprint(name, writes), func(t *testing.T) {
				var stderr bytes.Buffer
				got := run(func(e *app.Env) { e.Stdout, e.Stderr = &brokenWriter{writes}, &stderr }, args...)
				if got.status != 3 || !strings.Contains(stderr.String(), "no space left") {
					t.Errorf("status %d, stderr %q; want 3 and the reason", got.status, stderr.String())
				}
			})
		}
	}
}

func TestInterrupted(t *testing.T) {
	var stdout, stderr bytes.Buffer
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	e := env(&stdout, &stderr, "rules", "audit", "-")
	e.Stdin = errReader{ctx.Err()}
	if status := cli.Main(ctx, e); status != 3 {
		t.Errorf("status %d, want 3\n%s", status, stderr.String())
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

// TestStderrIsInert: what a user names comes back in messages, but cannot steer the terminal.
func TestStderrIsInert(t *testing.T) {
	for _, args := range [][]string{{"\x1b[2Jx"}, {"version", "--now", "\x1b]0;x\a"}, {"rules", "audit", "\x1b[2J.yaml"}} {
		if got := run(nil, args...); strings.ContainsAny(got.stdout+got.stderr, "\x1b\a") {
			t.Errorf("%q: a control character came through: %q %q", args, got.stdout, got.stderr)
		}
	}
}

func TestPluginName(t *testing.T) {
	for arg0, want := range map[string]string{
		"/usr/bin/treadmill": "treadmill", `kubectl-treadmill`: "kubectl treadmill", "/opt/kubectl-treadmill.exe": "kubectl treadmill",
	} {
		set := func(e *app.Env) { e.Args[0] = arg0 }
		if got := run(set, "upgrade", "bogus"); !strings.HasPrefix(got.stderr, want+": ") ||
			!strings.Contains(got.stderr, "Run '"+want+" upgrade --help'") {
			t.Errorf("%s: stderr %q, want the name %q", arg0, got.stderr, want)
		}
		if got := run(set, "version", "--help"); !strings.Contains(got.stdout, "Usage:\n  "+want+" version") {
			t.Errorf("%s: help %q, want the name %q", arg0, got.stdout, want)
		}
	}
}

func TestColor(t *testing.T) {
	tests := map[string]struct {
		width   int
		noColor string
		want    bool
	}{
		"a terminal":                   {100, "", true},
		"no terminal":                  {0, "", false},
		"a terminal with NO_COLOR set": {100, "1", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := run(func(e *app.Env) {
				e.Width = tt.width
				e.Getenv = func(key string) string { return map[string]string{"NO_COLOR": tt.noColor}[key] }
			}, "version")
			if colored := strings.Contains(got.stdout, "\x1b["); colored != tt.want {
				t.Errorf("coloured: %v, want %v: %q", colored, tt.want, got.stdout)
			}
		})
	}
}

// TestEveryCommandHasHelp keeps the texts of the command tree in form.
func TestEveryCommandHasHelp(t *testing.T) {
	var out bytes.Buffer
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Short == "" || strings.HasSuffix(c.Short, ".") || c.Short[:1] != strings.ToUpper(c.Short[:1]) {
			t.Errorf("%s: the short text %q: want a capital and no full stop", c.CommandPath(), c.Short)
		}
		if c.RunE == nil && c.Run == nil {
			t.Errorf("%s has nothing to run, so that help does not list it", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			if sub.Name() != "completion" {
				walk(sub)
			}
		}
	}
	tree, _ := cli.Tree(env(&out, &out))
	walk(tree)
}
