package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
)

// Captured is the result of a command line that was run within another one.
type Captured struct {
	View   report.View
	Origin report.Origin
	Undone bool // some of the inputs could not be read
}

// errReadsOnly is why a command that runs within another one writes no file.
var errReadsOnly = errors.New("this run only reads")

// Capture runs a command line, without the name of the program, on the tree of commands, as Main does, and gives its view instead of
// showing it. Such a run writes nothing, reads no standard input, and is left behind when it takes longer than limit.
func (a *App) Capture(ctx context.Context, args []string, limit time.Duration, tree func(*App) *cobra.Command) (Captured, error) {
	run := a.Again()
	run.Env.Args = append([]string{a.Env.Args[0]}, args...)
	run.captured = &Captured{}
	root := tree(run)
	root.SetArgs(args)
	run.Within = limit
	if err := root.ExecuteContext(ctx); err != nil {
		return Captured{}, err
	}
	if !run.Started {
		return Captured{}, fmt.Errorf("%s makes no view", strings.Join(args, " "))
	}
	run.captured.Origin, run.captured.Undone = run.Origin(), run.status == exitUndone
	return *run.captured, nil
}

// Again is a run in the same environment that has not begun: it knows nothing of what this one read, and says nothing.
func (a *App) Again() *App {
	env := a.Env
	env.Open, env.Stdin, env.Stdout, env.Stderr = a.guard.opener, strings.NewReader(""), io.Discard, io.Discard
	env.Width, env.Progress = 0, false
	return New(env)
}

// Listen opens an address for readers.
func Listen(ctx context.Context, address string) (net.Listener, error) {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err == nil {
		return l, nil
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) { // it says "listen" and the address again
		err = op.Err
	}
	return nil, fmt.Errorf("listen on %s: %w", address, err)
}
