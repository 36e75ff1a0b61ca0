package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"treadmill/internal/yamlx"
)

// unknownCommand says of a word that is no command of a group which one may be meant: one of its own by a near name, or one of another
// group, whose name people leave out.
func unknownCommand(c *cobra.Command, word string) error {
	near := leavesNamed(c.Root(), func(name string) bool { return name == word })
	if own := c.SuggestionsFor(word); len(near) == 0 && len(own) > 0 { // by SuggestFor too
		near = []string{c.CommandPath() + " " + own[0]}
	}
	if len(near) == 0 {
		nearest := yamlx.Nearest(word, leafNames(c.Root()))
		near = leavesNamed(c.Root(), func(name string) bool { return name == nearest })
	}
	if len(near) > 0 {
		return Usage("%s has no command %q; did you mean %s?", c.CommandPath(), word, quotedOr(near))
	}
	return Usage("%s has no command %q", c.CommandPath(), word)
}

// leavesNamed are the paths of the commands that do work and have a name, below a command.
func leavesNamed(c *cobra.Command, want func(name string) bool) []string {
	var out []string
	for _, sub := range c.Commands() {
		switch {
		case !sub.IsAvailableCommand():
		case sub.HasSubCommands():
			out = append(out, leavesNamed(sub, want)...)
		case want(sub.Name()):
			out = append(out, sub.CommandPath())
		}
	}
	return out
}

func leafNames(root *cobra.Command) []string {
	var out []string
	leavesNamed(root, func(name string) bool { out = append(out, name); return false })
	return out
}

func quotedOr(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = fmt.Sprintf("%q", w)
	}
	return strings.Join(quoted, " or ")
}

// flagError says of a flag that a command does not have which one may be meant, and of one that was written with one dash that it has two.
func (a *App) flagError(c *cobra.Command, err error) error {
	if wrong := dashed(c, a.Env.Args[1:]); wrong != nil {
		return wrong
	}
	if word := wordOf(c, a.Env.Args[1:]); c.HasSubCommands() && word != "" {
		return unknownCommand(c, word) // which has the flag
	}
	var wrong *pflag.InvalidValueError
	if errors.As(err, &wrong) {
		return valueError(wrong)
	}
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return err
	}
	name := unknown.GetSpecifiedName()
	switch {
	case name == "version" || unknown.GetSpecifiedShortnames() == "V":
		return fmt.Errorf("%w; %q says it", err, c.Root().CommandPath()+" --version")
	case unknown.GetSpecifiedShortnames() != "":
		return err
	}
	if near := yamlx.Nearest(name, flagNames(c.Flags())); near != "" {
		return fmt.Errorf("%w; did you mean --%s?", err, near)
	}
	if f := c.Flags().Lookup(calledElsewhere()[name]); f != nil {
		return fmt.Errorf("%w; did you mean --%s?", err, f.Name)
	}
	if others := commandsWith(c.Root(), name); len(others) > 0 && len(others) <= mostOthers {
		return fmt.Errorf("%w; it is a flag of %s", err, quotedOr(others))
	}
	return err
}

// calledElsewhere are names that other programs have for flags of ours.
func calledElsewhere() map[string]string {
	return map[string]string{
		"kubernetes": "to", "kube-version": "to", "k8s-version": "to", "target-version": "to", "target-versions": "to", "target": "to",
		"file": "fleet", "filename": "fleet", "input": "fleet",
		"format": "output", "url": "prometheus", "server": "prometheus", "kube-context": "context", "exit-code": "fail-on",
	}
}

// valueError says of a value that must be one of a few words which of them may be meant.
func valueError(wrong *pflag.InvalidValueError) error {
	v, ok := wrong.GetFlag().Value.(worded)
	if !ok || strings.Contains(wrong.Error(), "did you mean") {
		return wrong
	}
	if near := yamlx.Nearest(wrong.GetValue(), v.Words()); near != "" {
		return fmt.Errorf("%w; did you mean %q?", wrong, near)
	}
	return wrong
}

// wordOf is the first argument behind the words of a command that is no flag and no value of one.
func wordOf(c *cobra.Command, args []string) string {
	left := strings.Count(ownPath(c), " ") + 1
	if !c.HasParent() {
		left = 0
	}
	for i, arg := range args {
		switch {
		case strings.HasPrefix(arg, "-") || i > 0 && takesNext(c, args[i-1]):
		case left > 0:
			left--
		default:
			return arg
		}
	}
	return ""
}

// mostOthers is how many other commands with a flag are worth naming.
const mostOthers = 3

func flagNames(fs *pflag.FlagSet) []string {
	var out []string
	fs.VisitAll(func(f *pflag.Flag) {
		if !f.Hidden {
			out = append(out, f.Name)
		}
	})
	return out
}

// commandsWith are the paths of the commands that have a flag.
func commandsWith(c *cobra.Command, flag string) []string {
	var out []string
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() {
			if f := sub.LocalFlags().Lookup(flag); f != nil && !f.Hidden && !sub.HasSubCommands() {
				out = append(out, sub.CommandPath())
			}
			out = append(out, commandsWith(sub, flag)...)
		}
	}
	return out
}

// dashed finds a long flag that was written with one dash, which is read letter by letter: -fleet is -f leet.
func dashed(c *cobra.Command, args []string) error {
	for i, arg := range args {
		word, ok := strings.CutPrefix(arg, "-")
		word, _, _ = strings.Cut(word, "=")
		if arg == "--" {
			return nil
		}
		if !ok || len(word) < 3 || strings.HasPrefix(word, "-") || i > 0 && takesNext(c, args[i-1]) {
			continue
		}
		if slices.Contains(flagNames(c.Flags()), word) {
			return Usage("-%s: long flags have two dashes: --%s", word, word)
		}
	}
	return nil
}

// takesNext reports whether an argument is a flag whose value is the next argument.
func takesNext(c *cobra.Command, arg string) bool {
	var f *pflag.Flag
	if name, ok := strings.CutPrefix(arg, "--"); ok {
		f = c.Flags().Lookup(name)
	} else if name, ok := strings.CutPrefix(arg, "-"); ok && len(name) == 1 {
		f = c.Flags().ShorthandLookup(name)
	}
	return f != nil && f.NoOptDefVal == ""
}
