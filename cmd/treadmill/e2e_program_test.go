//go:build e2e

package main

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program finds a real program: one that make servers built, in the folder that SERVERS names, or one of the system.
// Without it the test is skipped, as on a system for which it is not packaged.
func program(t *testing.T, name string) string {
	t.Helper()
	built, err := filepath.Glob(filepath.Join(os.Getenv("SERVERS"), name+"-v*"))
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("SERVERS") != "" && len(built) > 0 {
		return built[len(built)-1]
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("there is no %s: run make e2e, which builds what it can; etcd comes from the package etcd-server", name)
	}
	return path
}

// named makes a program of a folder's name for it: what a program is called shows in what it writes.
func named(t *testing.T, path, name string) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), name)
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	return link
}

// process is a running program. It leads a process group, so that its end is the end of all that it started.
type process struct {
	name string
	cmd  *exec.Cmd
	out  lockedBuffer
	done chan struct{}
}

// lockedBuffer keeps what a program writes.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// tail is the end of what was written.
func (l *lockedBuffer) tail() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.b.String()
	return s[max(0, len(s)-1500):]
}

// start runs a program until the test ends or stop is called.
func start(t *testing.T, path string, args ...string) *process {
	t.Helper()
	p := &process{name: filepath.Base(path), cmd: exec.Command(path, args...), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended does not matter: tests look at what it did
		close(p.done)
	}()
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("%s wrote last:\n%s", p.name, p.out.tail())
		}
	})
	return p
}

// stop kills the program's process group and waits for its end.
func (p *process) stop() {
	_ = syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL) // it may have ended by itself
	<-p.done
}

// freePorts returns loopback ports that nothing listens on.
func freePorts(t *testing.T, n int) []string {
	t.Helper()
	var ports []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		ports = append(ports, port)
	}
	return ports
}

// await polls until ready says so. A program that ends before is a failure with its last words.
func await(t *testing.T, p *process, within time.Duration, ready func() bool) {
	t.Helper()
	deadline := time.After(within)
	for !ready() {
		select {
		case <-p.done:
			t.Fatalf("%s ended before it was ready:\n%s", p.name, p.out.tail())
		case <-deadline:
			t.Fatalf("%s was not ready within %s:\n%s", p.name, within, p.out.tail())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// has reports whether a file holds a text.
func has(t *testing.T, file, text string) bool {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(data), text)
}
