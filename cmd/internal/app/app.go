// Package app is what every command stands on: one run with its environment, the flags that all commands have, the files that it
// reads and writes, its exit status.
//
// The way through it: Env → Main → a command's RunE, made by App.Run → report.View → exit status.
package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/quality"
	"treadmill/slo/prom"
	"treadmill/upgrade/apis/render/helm"
	"treadmill/upgrade/apis/render/kustomize"
)

// App is one run: its environment and the flags that every command has.
type App struct {
	Env     Env
	log     *slog.Logger
	Now     Clock
	Output  report.Format
	FailOn  Severity
	Partial bool
	Verbose bool
	Timeout time.Duration  // of one request to a server, its answer included
	Within  time.Duration  // all of the work; 0 for as long as it takes
	Stopped bool           // --now says what the time is
	Notes   []diag.Finding // what Settle adds: about inputs that were read on the way
	Clients []*prom.Client // of which Settle compares the clocks, as soon as they have answered
	Started bool           // a command began its work: what fails from here on is not the command line
	// DataFile is a snapshot, or a folder, of tables to use instead of those in the binary; DataKey is a key, or a file of keys, that
	// snapshots are checked with too.
	DataFile, DataKey string
	facts             facts
	status            int
	shapes            map[*cobra.Command][]any
	opened            map[int]*os.File // that were open before the program began, by number
	guard             *guard
	temps             temps
	captured          *Captured // takes the view of a run within another one, which shows and writes nothing
}

// Main runs one command line on the tree of commands that tree makes, and returns the exit status.
func Main(ctx context.Context, env Env, tree func(*App) *cobra.Command) int {
	a := New(env)
	root := tree(a)
	root.SetArgs(env.Args[1:])
	err := root.ExecuteContext(ctx)
	var use *usageError
	switch {
	case err == nil:
		return a.status
	case !a.Started || errors.As(err, &use):
		fmt.Fprintf(env.Stderr, "%s: %s\nRun '%s --help' for the flags and examples.\n", a.Name(), report.Safe(err.Error()), a.helpFor(root))
		return exitUsage
	case ctx.Err() != nil:
		fmt.Fprintf(env.Stderr, "%s: interrupted\n", a.Name())
		return exitUndone
	default:
		fmt.Fprintf(env.Stderr, "%s: %s\n", a.Name(), report.Safe(err.Error()))
		return exitUndone
	}
}

// Time is what the time is taken to be.
func (a *App) Time() time.Time { return time.Time(a.Now) }

// Name is how the user called the program: kubectl runs a plug-in by the name of its file.
func (a *App) Name() string {
	base := strings.TrimSuffix(filepath.Base(a.Env.Args[0]), ".exe")
	if strings.HasPrefix(base, "kubectl-") {
		return "kubectl treadmill"
	}
	return "treadmill"
}

func (a *App) helpFor(root *cobra.Command) string {
	c, _, err := root.Find(a.Env.Args[1:])
	if err != nil {
		c = root
	}
	return c.CommandPath()
}

// usageError is a mistake in the command line that only a command itself can see.
type usageError struct{ error }

// Usage makes an error of a mistake in the command line, for which the exit status is 2.
func Usage(format string, args ...any) error { return &usageError{fmt.Errorf(format, args...)} }

// Run makes a cobra function of a command: it calls the work, shows the view and derives the exit status.
// A view that comes together with an error is shown too: it is what could be done.
func (a *App) Run(work func(ctx context.Context, args []string) (report.View, error)) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, args []string) error {
		a.Started, a.Stopped = true, c.Flags().Changed("now")
		if slices.Contains(args, "") {
			return Usage("an argument is empty: is a variable of the script unset?")
		}
		a.guard.take(c, args)
		if a.Verbose {
			a.log = slog.New(slog.NewTextHandler(a.Env.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
		}
		begin := time.Now()
		view, err := a.within(c.Context(), func(ctx context.Context) (report.View, error) { return work(ctx, args) })
		a.log.Debug("work done", "command", c.CommandPath(), "took", time.Since(begin))
		if err == nil || !isEmpty(view) {
			if note := a.dataNote(); note != "" {
				view.Notes = append(view.Notes, note)
			}
			if view.Title == "" {
				view.Title = c.CommandPath()
			}
			err = errors.Join(a.show(view), err)
		}
		return err
	}
}

// Returns notes of which types the machine shapes of a command are, by a value of each, and gives the command back.
func (a *App) Returns(c *cobra.Command, shapes ...any) *cobra.Command {
	a.shapes[c] = shapes
	return c
}

// Shapes are the machine shapes of a command, by a value of each type.
func (a *App) Shapes(c *cobra.Command) []any { return a.shapes[c] }

func isEmpty(v report.View) bool {
	return v.Data == nil && v.Document == nil && v.Stream == nil && v.Whole == nil && len(v.Tables) == 0
}

// show puts a view out and sets the exit status from its findings. Output is made wholly before any of it is written,
// so that a format that fails leaves nothing half-written.
func (a *App) show(v report.View) error {
	diag.Sort(v.Findings)
	if a.captured != nil {
		a.captured.View = v
		a.conclude(v)
		return nil
	}
	style := report.Style{Origin: a.Origin(), Width: a.Env.Width, Color: a.Env.Width > 0 && a.Env.Getenv("NO_COLOR") == ""}
	if a.Env.Width > 0 {
		style.Source = (&sources{app: a, lines: map[string][][]byte{}}).line
	}
	text := a.Output == report.Text || a.Output == report.Wide
	if err := a.put(v, style, text && v.Stream != nil); err != nil {
		return err
	}
	if text && (v.Document != nil || v.Stream != nil) {
		fmt.Fprint(a.Env.Stderr, report.FindingLines(v.Findings, report.Style{Color: a.Env.Progress && style.Color}))
	}
	a.conclude(v)
	return nil
}

// conclude sets the exit status from the findings of a view, and says which inputs could not be read.
func (a *App) conclude(v report.View) {
	if diag.Any(v.Findings, diag.Severity(a.FailOn)) || diag.Any(v.Hidden, diag.Severity(a.FailOn)) {
		a.status = exitFindings
	}
	if n := Unread(v.Findings); n > 0 {
		a.status = exitUndone
		fmt.Fprintf(a.Env.Stderr, "%s: %s\n", a.Name(), cmp.Or(v.Unseen,
			fmt.Sprintf("%d of the inputs could not be read, so the result is not complete (--allow-partial accepts that)", n)))
	}
}

// put writes a view to standard output. Only what is too large to be held is written while it is made: a streamed document, of which
// nothing but the writing can fail, and the long lists of JSON.
func (a *App) put(v report.View, style report.Style, streamed bool) error {
	var b bytes.Buffer
	w := io.Writer(&b)
	if streamed || a.Output == report.JSON {
		w = a.Env.Stdout
	}
	if err := report.Write(w, a.Output, v, style); err != nil {
		return fmt.Errorf("write the result as %s: %w", a.Output, err)
	}
	if _, err := a.Env.Stdout.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// Unread counts the inputs that could not be seen and that the user did not accept to miss.
func Unread(fs []diag.Finding) int {
	n := 0
	for _, f := range fs {
		if f.ID == diag.Unread && f.Severity == diag.Error {
			n++
		}
	}
	return n
}

// Settle passes findings on, unread inputs lowered to warnings where the user accepts a partial result.
// Every command that reads inputs puts their findings through it before it builds its view.
func (a *App) Settle(fs []diag.Finding) []diag.Finding {
	for i := range fs {
		if a.Partial && fs[i].Severity == diag.Error && slices.Contains([]string{diag.Unread, helm.NoDependency, kustomize.NotLocal}, fs[i].ID) {
			fs[i].Severity = diag.Warning
		}
	}
	fs, a.Notes = append(fs, a.Notes...), nil
	a.Clients = slices.DeleteFunc(a.Clients, func(c *prom.Client) bool {
		fs = append(fs, clocks(c.Clock(), time.Time(a.Now))...)
		return !c.Clock().IsZero()
	})
	return fs
}

// skew is by how much the clock of a server may differ: the events of a tile are then told for another one.
const skew = 5 * time.Minute

// clocks compares the clock of a server, where it is known, with that of this machine.
func clocks(server, now time.Time) []diag.Finding {
	ahead, where := server.Sub(now), "ahead of"
	if ahead < 0 {
		ahead, where = -ahead, "behind"
	}
	if server.IsZero() || ahead < skew {
		return nil
	}
	return []diag.Finding{
		{ID: quality.FindingClock, Severity: diag.Warning, Message: fmt.Sprintf("the clock of the server is %s %s that of this machine: "+
			"one of the two is wrong, and so is what counts as the last hour; --now says what the time is", ahead.Round(time.Second), where)},
	}
}

// New is a run that has not begun.
func New(env Env) *App {
	g := newGuard(env.Open)
	env.Open, env.Stdin = g.open, boundedStdin(env.Stdin)
	return &App{
		Env:    env,
		guard:  g,
		log:    slog.New(slog.DiscardHandler),
		Now:    Clock(env.Now()),
		Output: report.Text,
		FailOn: Severity(diag.Error),
		shapes: map[*cobra.Command][]any{},
		opened: map[int]*os.File{},
		temps:  newTemps(),
	}
}
