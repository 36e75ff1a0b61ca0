package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/slo/prom"
	"treadmill/upgrade/apis/read"
)

// app is one run: its environment and the flags that every command has.
type app struct {
	env     Env
	log     *slog.Logger
	now     clock
	output  report.Format
	failOn  severity
	partial bool
	verbose bool
	stopped bool           // --now says what the time is
	notes   []diag.Finding // what settle adds: about inputs that were read on the way
	clients []*prom.Client // of which settle compares the clocks, as soon as they have answered
	started bool           // a command began its work: what fails from here on is not the command line
	status  int
}

// Main runs one command line and returns the exit status.
func Main(ctx context.Context, env Env) int {
	a := newApp(env)
	root := a.root()
	root.SetArgs(env.Args[1:])
	err := root.ExecuteContext(ctx)
	var use *usageError
	switch {
	case err == nil:
		return a.status
	case !a.started || errors.As(err, &use):
		fmt.Fprintf(env.Stderr, "%s: %s\nRun '%s --help' for the flags and examples.\n", a.name(), report.Safe(err.Error()), a.helpFor(root))
		return exitUsage
	case ctx.Err() != nil:
		fmt.Fprintf(env.Stderr, "%s: interrupted\n", a.name())
		return exitUndone
	default:
		fmt.Fprintf(env.Stderr, "%s: %s\n", a.name(), report.Safe(err.Error()))
		return exitUndone
	}
}

// name is how the user called the program: kubectl runs a plug-in by the name of its file.
func (a *app) name() string {
	base := strings.TrimSuffix(filepath.Base(a.env.Args[0]), ".exe")
	if strings.HasPrefix(base, "kubectl-") {
		return "kubectl treadmill"
	}
	return "treadmill"
}

func (a *app) helpFor(root *cobra.Command) string {
	c, _, err := root.Find(a.env.Args[1:])
	if err != nil {
		c = root
	}
	return c.CommandPath()
}

// usageError is a mistake in the command line that only a command itself can see.
type usageError struct{ error }

func usage(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// run makes a cobra function of a command: it calls the work, shows the view and derives the exit status.
// A view that comes together with an error is shown too: it is what could be done.
func (a *app) run(work func(ctx context.Context, args []string) (report.View, error)) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		a.started, a.stopped = true, c.Flags().Changed("now")
		if a.verbose {
			a.log = slog.New(slog.NewTextHandler(a.env.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
		}
		begin := time.Now()
		view, err := work(c.Context(), args)
		a.log.Debug("work done", "command", c.CommandPath(), "took", time.Since(begin))
		if err == nil || !isEmpty(view) {
			if view.Title == "" {
				view.Title = c.CommandPath()
			}
			err = errors.Join(a.show(view), err)
		}
		return err
	}
}

func isEmpty(v report.View) bool {
	return v.Data == nil && v.Document == nil && v.Stream == nil && len(v.Tables) == 0
}

// show puts a view out and sets the exit status from its findings. Output is made wholly before any of it is written,
// so that a format that fails leaves nothing half-written.
func (a *app) show(v report.View) error {
	diag.Sort(v.Findings)
	style := report.Style{Width: a.env.Width, Color: a.env.Width > 0 && a.env.Getenv("NO_COLOR") == ""}
	text := a.output == report.Text || a.output == report.Wide
	if err := a.put(v, style, text && v.Stream != nil); err != nil {
		return err
	}
	if text && (v.Document != nil || v.Stream != nil) {
		fmt.Fprint(a.env.Stderr, report.FindingLines(v.Findings, report.Style{Color: a.env.Progress && style.Color}))
	}
	if diag.Any(v.Findings, diag.Severity(a.failOn)) {
		a.status = exitFindings
	}
	if n := unread(v.Findings); n > 0 {
		a.status = exitUndone
		fmt.Fprintf(a.env.Stderr, "%s: %d of the inputs could not be read, so the result is not complete (--allow-partial accepts that)\n", a.name(), n)
	}
	return nil
}

// put writes a view to standard output. Only what is too large to be held is written while it is made: a streamed document, of which nothing
// but the writing can fail, and the long lists of JSON.
func (a *app) put(v report.View, style report.Style, streamed bool) error {
	var b bytes.Buffer
	w := io.Writer(&b)
	if streamed || a.output == report.JSON {
		w = a.env.Stdout
	}
	if err := report.Write(w, a.output, v, style); err != nil {
		return fmt.Errorf("write the result as %s: %w", a.output, err)
	}
	if _, err := a.env.Stdout.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// unread counts the inputs that could not be seen and that the user did not accept to miss.
func unread(fs []diag.Finding) int {
	n := 0
	for _, f := range fs {
		if f.ID == diag.Unread && f.Severity == diag.Error {
			n++
		}
	}
	return n
}

// settle passes findings on, unread inputs lowered to warnings where the user accepts a partial result.
// Every command that reads inputs puts their findings through it before it builds its view.
func (a *app) settle(fs []diag.Finding) []diag.Finding {
	for i := range fs {
		if a.partial && slices.Contains([]string{diag.Unread, read.ChartDependency, read.KustomizeRemote}, fs[i].ID) {
			fs[i].Severity = diag.Warning
		}
	}
	fs, a.notes = append(fs, a.notes...), nil
	a.clients = slices.DeleteFunc(a.clients, func(c *prom.Client) bool {
		fs = append(fs, clocks(c.Clock(), time.Time(a.now))...)
		return !c.Clock().IsZero()
	})
	return fs
}
