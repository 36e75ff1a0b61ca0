package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// maxPlugin is how much a credential plugin may write, in bytes. A token and a certificate are a few thousand.
const maxPlugin = 1 << 20

// runPlugin runs a credential plugin of a kubeconfig, and ends it with all that it started when it takes longer than it may or writes
// more. It gives the exit status.
func runPlugin(within, command string, args []string) int {
	limit, err := time.ParseDuration(within)
	if err != nil {
		fmt.Fprintln(os.Stderr, "treadmill: run a credential plugin:", err)
		return 2
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	out := &limited{to: os.Stdout, left: maxPlugin}
	cmd := exec.CommandContext(ctx, command, args...) //nolint:gosec // the kubeconfig names the program, as kubectl runs it
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, out, os.Stderr
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	err = cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		err = fmt.Errorf("did not end within %s (--timeout)", limit)
	case out.left < 0:
		err = fmt.Errorf("writes more than %d KiB", maxPlugin>>10)
	case err == nil:
		return 0
	case errors.As(err, &exit) && exit.ExitCode() > 0:
		return exit.ExitCode()
	}
	fmt.Fprintf(os.Stderr, "treadmill: the credential plugin %s: %v\n", command, err)
	return 1
}

// limited writes at most so many bytes.
type limited struct {
	to   io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errors.New("too much")
	}
	return l.to.Write(p)
}
