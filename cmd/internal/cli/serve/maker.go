package serve

import (
	"context"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/site"
)

// limit is how long a page may take to be made.
const limit = 10 * time.Minute

// maker makes pages of command lines.
type maker struct {
	app     *app.App
	tree    func(*app.App) *cobra.Command
	command *cobra.Command // serve, some of whose flags the command lines get
}

func (m maker) given(flag string) bool { return m.command.Flags().Changed(flag) }

// passed are those of some flags that serve was given, each with its value.
func (m maker) passed(names ...string) []string {
	var out []string
	m.command.Flags().Visit(func(f *pflag.Flag) {
		if !slices.Contains(names, f.Name) {
			return
		}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			out = append(out, each(f.Name, list.GetSlice())...)
			return
		}
		out = append(out, "--"+f.Name, f.Value.String())
	})
	return out
}

// each gives a flag once for each value.
func each(flag string, values []string) []string {
	var out []string
	for _, v := range values {
		out = append(out, "--"+flag, v)
	}
	return out
}

// values are those of flags, each of which has one.
func values(flags []string) []string {
	var out []string
	for i := 1; i < len(flags); i += 2 {
		out = append(out, flags[i])
	}
	return out
}

// fixed is a command line that is the same on every day.
func fixed(parts ...[]string) func(time.Time) []string {
	return func(time.Time) []string { return slices.Concat(parts...) }
}

// page is a page that a command line makes, which may be another one from day to day.
func (m maker) page(name string, watched []string, line func(now time.Time) []string) site.Page {
	all := func() []string {
		args := slices.Concat(line(m.now()), m.passed("data", "data-key", "timeout", "now"))
		if m.app.Partial {
			args = append(args, "--allow-partial")
		}
		return args
	}
	command := m.app.Name()
	for _, arg := range all() {
		command += " " + app.ShellWord(app.WithoutUser(arg))
	}
	return site.Page{
		Name: name, Command: command, Files: watched,
		Make: func(ctx context.Context) (site.Made, error) {
			got, err := m.app.Capture(ctx, all(), limit, m.tree)
			return site.Made{View: got.View, Origin: got.Origin, Undone: got.Undone}, err
		},
	}
}

// now is what --now says, else the clock.
func (m maker) now() time.Time {
	if m.app.Stopped {
		return m.app.Time()
	}
	return m.app.Env.Now()
}
