package app

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// PlainArgs puts what the library says of arguments into words of users, for a command and those below it.
func (a *App) PlainArgs(c *cobra.Command) {
	c.SetFlagErrorFunc(a.flagError)
	for _, sub := range c.Commands() {
		a.PlainArgs(sub)
	}
	check := c.Args
	if check == nil || c.HasSubCommands() {
		return
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if err := dashed(c, a.Env.Args[1:]); err != nil {
			return err
		}
		err := check(c, args)
		var ours *usageError // which has words already
		switch {
		case err == nil || errors.As(err, &ours):
			return err
		case strings.HasPrefix(err.Error(), "unknown command") && len(args) == 1 && fleetFlag(c) != nil:
			return Usage("%s takes no arguments; for a fleet file write -f %s", ownPath(c), args[0])
		case strings.HasPrefix(err.Error(), "unknown command"):
			return Usage("%s takes no arguments, and was given %q", ownPath(c), args[0])
		}
		return Usage("want %s", c.UseLine())
	}
}

// Strict makes the commands that the library adds refuse words that they do not know, as ours do.
func (a *App) Strict(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		switch c.Name() {
		case "completion":
			c.Args, c.RunE = groupArgs, a.groupHelp
		case "help":
			c.Args = func(_ *cobra.Command, args []string) error {
				about, rest, err := root.Find(args)
				if err == nil && about.HasSubCommands() && len(rest) > 0 {
					return unknownCommand(about, rest[0])
				}
				return err
			}
		}
	}
}

// Renamed keeps the name that a flag had before, which nothing shows.
func Renamed(c *cobra.Command, before, now string) {
	c.Flags().SetNormalizeFunc(func(_ *pflag.FlagSet, name string) pflag.NormalizedName {
		if name == before {
			name = now
		}
		return pflag.NormalizedName(name)
	})
}

// ownPath is a command's name below the program's: "upgrade plan".
func ownPath(c *cobra.Command) string {
	return strings.TrimPrefix(c.CommandPath(), c.Root().CommandPath()+" ")
}

func fleetFlag(c *cobra.Command) *pflag.Flag { return c.Flags().Lookup("fleet") }

// The annotations of flags that must be given. Those of the library would hide all other flags from completion.
const (
	requiredFlag = "treadmill_required"
	requiredOne  = "treadmill_required_one" // of a command: names of flags
)

// MustHave makes flags of a command required.
func MustHave(c *cobra.Command, names ...string) {
	for _, name := range names {
		_ = c.Flags().SetAnnotation(name, requiredFlag, nil) // it fails for a flag that does not exist
	}
}

// MustHaveOne makes one of several flags required.
func MustHaveOne(c *cobra.Command, names ...string) {
	if c.Annotations == nil {
		c.Annotations = map[string]string{}
	}
	c.Annotations[requiredOne] = strings.Join(names, " ")
}

// Required refuses a command line without the flags that a command must have.
func Required(c *cobra.Command) error {
	var missing []string
	c.Flags().VisitAll(func(f *pflag.Flag) {
		switch _, must := f.Annotations[requiredFlag]; {
		case !must || f.Changed:
		case f == fleetFlag(c):
			missing = append([]string{"-f with the fleet file"}, missing...)
		default:
			missing = append(missing, "--"+f.Name)
		}
	})
	if one := c.Annotations[requiredOne]; one != "" &&
		!slices.ContainsFunc(strings.Fields(one), func(name string) bool { return c.Flags().Changed(name) }) {
		missing = append(missing, "one of --"+strings.Join(strings.Fields(one), ", --"))
	}
	if len(missing) > 0 {
		return Usage("%s wants %s", ownPath(c), JoinWords(missing))
	}
	return nil
}
