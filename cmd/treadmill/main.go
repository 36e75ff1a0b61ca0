// Treadmill plans Kubernetes upgrades, finds deprecated APIs in use and writes the alerts that page only on real problems.
package main

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli"
)

func main() {
	if len(os.Args) > 3 && os.Args[1] == app.PluginArg {
		os.Exit(runPlugin(os.Args[2], os.Args[3], os.Args[4:]))
	}
	os.Exit(run())
}

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)                   // a second signal ends the program at once
	slog.SetDefault(slog.New(slog.DiscardHandler)) // what libraries log beside us is not for the user
	self, err := os.Executable()
	if err != nil {
		self = "" // credential plugins then run without bounds
	}
	done := make(chan int, 1)
	go func() {
		done <- cli.Main(ctx, app.Env{
			Args: os.Args, Getenv: os.Getenv, Now: time.Now,
			Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
			Width: app.TerminalWidth(os.Stdout), Progress: app.TerminalWidth(os.Stderr) > 0,
			Open:  func(name string) (fs.File, error) { return os.Open(name) },
			Real:  placeOf,
			Self:  self,
			Quiet: unheard,
		})
	}()
	return ending(ctx, done, 5*time.Second, os.Stderr)
}

// unheard runs work while the standard error of the process, as libraries find it, is the null device. What we say goes to the real one.
func unheard(work func()) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		work()
		return
	}
	heard := os.Stderr
	os.Stderr = null
	defer func() {
		os.Stderr = heard
		_ = null.Close()
	}()
	work()
}

// placeOf is where a file is, with all links followed.
func placeOf(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(abs)
}

// ending is the exit status of the work. Work that was interrupted has some time to end and to show what it has; what waits for input
// that does not come, or cannot be stopped, is left.
func ending(ctx context.Context, done <-chan int, grace time.Duration, stderr io.Writer) int {
	select {
	case status := <-done:
		return status
	case <-ctx.Done():
	}
	select {
	case status := <-done:
		return status
	case <-time.After(grace):
		fmt.Fprintln(stderr, "treadmill: interrupted")
		return 3
	}
}
