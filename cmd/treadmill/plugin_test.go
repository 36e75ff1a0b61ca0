package main

import (
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// TestPluginsAreBounded: a credential plugin that sleeps or writes without end is ended, with what it started; another gives what it gives.
func TestPluginsAreBounded(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no shell")
	}
	for name, c := range map[string]struct {
		within, script, stdout, stderr string
		status                         int
	}{
		"gives a token": {"30s", "printf token", "token", "", 0},
		"fails":         {"30s", "echo why >&2; exit 7", "", "why\n", 7},
		"sleeps":        {"100ms", "sleep 300 & sleep 300", "", "the credential plugin /bin/sh: did not end within 100ms (--timeout)", 1},
		"never stops":   {"30s", "while :; do printf 0123456789012345678901234567890123456789; done", "0123", "writes more than 1024 KiB", 1},
		"no time":       {"soon", "true", "", "invalid duration", 2},
	} {
		begin := time.Now()
		status, stdout, stderr := caught(t, func() int { return runPlugin(c.within, "/bin/sh", []string{"-c", c.script}) })
		if status != c.status || !strings.Contains(stdout, c.stdout) || !strings.Contains(stderr, c.stderr) || len(stdout) > maxPlugin {
			t.Errorf("%s: %d, %d bytes, %s", name, status, len(stdout), stderr)
		}
		if time.Since(begin) > time.Minute {
			t.Errorf("%s: took %s", name, time.Since(begin))
		}
	}
	if status, _, stderr := caught(t, func() int { return runPlugin("1s", "/no/such/plugin", nil) }); status != 1 ||
		!strings.Contains(stderr, "no such file") {
		t.Errorf("missing: %d, %s", status, stderr)
	}
}

// caught runs something with the standard streams in pipes.
func caught(t *testing.T, run func() int) (status int, stdout, stderr string) {
	t.Helper()
	streams := []**os.File{&os.Stdout, &os.Stderr}
	texts := make([]chan string, 2)
	var restore []func()
	for i, s := range streams {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		old := *s
		*s = w
		texts[i] = make(chan string, 1)
		go func() {
			text, _ := io.ReadAll(r)
			texts[i] <- string(text)
		}()
		restore = append(restore, func() { *s = old; _ = w.Close() })
	}
	status = run()
	for _, f := range restore {
		f()
	}
	return status, <-texts[0], <-texts[1]
}
