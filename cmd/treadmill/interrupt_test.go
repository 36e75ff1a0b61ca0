package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestInterruptedWorkIsLeft(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	done <- 1
	var stderr strings.Builder
	if got := ending(ctx, done, time.Hour, &stderr); got != 1 || stderr.Len() > 0 {
		t.Errorf("work that ended: %d, %q", got, stderr.String())
	}
	cancel()
	if got := ending(ctx, done, 0, &stderr); got != 3 || stderr.String() != "treadmill: interrupted\n" {
		t.Errorf("work that never ends: %d, %q", got, stderr.String())
	}
	go func() { done <- 3 }()
	stderr.Reset()
	if got := ending(ctx, done, time.Hour, &stderr); got != 3 || stderr.Len() > 0 {
		t.Errorf("work that stops when it is told to: %d, %q", got, stderr.String())
	}
}

// A program that waits for its standard input ends at the second signal at the latest.
func TestSignalsEndTheProgram(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "treadmill")
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, program, "slo", "validate", "-")
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for {
		select {
		case err := <-ended:
			var status *exec.ExitError
			if !errors.As(err, &status) || status.Sys().(syscall.WaitStatus).Signal() == syscall.SIGKILL {
				t.Errorf("ended with %v", err)
			}
			return
		case <-time.After(100 * time.Millisecond):
			_ = c.Process.Signal(syscall.SIGTERM) // it may have ended meanwhile
		}
	}
}
