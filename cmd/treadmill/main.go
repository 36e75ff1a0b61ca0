// Treadmill plans Kubernetes upgrades, finds deprecated APIs in use and writes the alerts that page only on real problems.
package main

import (
	"context"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"treadmill/cmd/internal/cli"
)

func main() { os.Exit(run()) }

func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // what libraries log beside us is not for the user
	return cli.Main(ctx, cli.Env{
		Args: os.Args, Getenv: os.Getenv, Now: time.Now,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr,
		Width: cli.TerminalWidth(os.Stdout), Progress: cli.TerminalWidth(os.Stderr) > 0,
		Open: func(name string) (fs.File, error) { return os.Open(name) },
	})
}
