package app

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"treadmill/upgrade/windows"
)

// worded is a value of a flag that takes one of a few words.
type worded interface{ Words() []string }

// Complete adds completion to the commands of a tree: of flags that take words, versions or texts, and of arguments where there are none.
// Flags whose values only their command knows have it already, from CompleteFlag; all others take files.
func (a *App) Complete(c *cobra.Command) {
	for _, sub := range c.Commands() {
		a.Complete(sub)
	}
	for _, fs := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} {
		fs.VisitAll(func(f *pflag.Flag) {
			if _, has := c.GetFlagCompletionFunc(f.Name); !has {
				a.completeValue(c, f)
			}
		})
	}
	if c.ValidArgsFunction == nil && !c.HasSubCommands() && c.Args != nil && c.Args(c, []string{"word"}) != nil &&
		c.Args(c, []string{"word", "word"}) != nil {
		c.ValidArgsFunction = cobra.NoFileCompletions
	}
}

func (a *App) completeValue(c *cobra.Command, f *pflag.Flag) {
	switch v := f.Value.(type) {
	case worded:
		CompleteFlag(c, f.Name, func(*cobra.Command) []cobra.Completion { return v.Words() })
	case *Minor:
		CompleteFlag(c, f.Name, func(*cobra.Command) []cobra.Completion { return a.minors() })
	default:
		kind := f.Value.Type()
		if !strings.HasPrefix(kind, "string") && kind != "bool" || slices.Contains(noFiles(), f.Name) {
			_ = c.RegisterFlagCompletionFunc(f.Name, cobra.NoFileCompletions) // it fails for a flag that c does not have, or twice
		}
	}
}

// noFiles are the flags that take a text which is no file and of which nothing is known.
func noFiles() []string {
	return []string{
		"prometheus",
		"prometheus-tenant",
		"mimir",
		"namespace",
		"release",
		"label",
		"set",
		"listen",
		"host",
		"replica-labels",
		"except",
		"target",
		"api-versions",
		"changed-since",
	}
}

// ofWords marks a flag whose values are words, and no files.
const ofWords = "treadmill_words"

// CompleteFlag completes a flag by words, each with a tab and a description where it has one. Of a flag that takes several, with commas
// between, the last is completed.
func CompleteFlag(c *cobra.Command, name string, words func(*cobra.Command) []cobra.Completion) {
	_ = c.Flags().SetAnnotation(name, ofWords, []string{"true"}) // it fails for a flag of all commands, of which those with words have a type
	_ = c.RegisterFlagCompletionFunc(name, func(c *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		done := ""
		if f := c.Flags().Lookup(name); f != nil && slices.Contains([]string{"stringSlice", "presets"}, f.Value.Type()) {
			if i := strings.LastIndexByte(typed, ','); i >= 0 {
				done = typed[:i+1]
			}
		}
		var out []cobra.Completion
		for _, w := range words(c) {
			word, _, _ := strings.Cut(w, "\t")
			if !slices.Contains(strings.Split(done, ","), word) && strings.HasPrefix(done+word, typed) {
				out = append(out, done+w)
			}
		}
		return out, cobra.ShellCompDirectiveNoFileComp
	}) // it fails for a flag that c does not have, or twice
}

// CompleteFileOr completes a flag that takes a file or a word.
func CompleteFileOr(c *cobra.Command, name string, words ...cobra.Completion) {
	_ = c.RegisterFlagCompletionFunc(
		name,
		cobra.FixedCompletions(words, cobra.ShellCompDirectiveDefault),
	) // it fails for a flag that c does not have, or twice
}

// CompleteArgs completes arguments by words, each once.
func CompleteArgs(c *cobra.Command, words func() []cobra.Completion) {
	c.ValidArgsFunction = func(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return slices.DeleteFunc(words(), func(w string) bool {
			word, _, _ := strings.Cut(w, "\t")
			return slices.Contains(args, word) || !strings.HasPrefix(word, typed)
		}), cobra.ShellCompDirectiveNoFileComp
	}
}

// minors are the versions of Kubernetes that are supported or planned, the oldest first, with how they stand.
func (a *App) minors() []cobra.Completion {
	table, err := windows.EmbeddedUpstream()
	if err != nil {
		return nil
	}
	var out []cobra.Completion
	now := windows.DayOf(a.Time())
	for _, w := range table.Windows(windows.Upstream) {
		if state := w.State(now); state != windows.Ended {
			out = append(out, cobra.CompletionWithDesc(w.Minor.String(), state.String()))
		}
	}
	return out
}
