package app

import (
	"io"
	"io/fs"
	"os"
	"time"

	"golang.org/x/term"
)

// Env is everything that a run takes from the process around it.
type Env struct {
	Args     []string // as in os.Args: the program's name comes first
	Getenv   func(string) string
	Now      func() time.Time
	Stdin    io.Reader
	Stdout   io.Writer
	Stderr   io.Writer
	Width    int  // columns of the terminal that Stdout is; 0 when it is none
	Progress bool // Stderr is a terminal
	Open     func(name string) (fs.File, error)
	Real     func(name string) (string, error) // where a file is, with all links followed
	Self     string                            // the file of the program, "" when it is not known
	Quiet    func(work func())                 // runs work without what libraries write to the standard error of the process
}

// PluginArg is the first argument of a run of the program that does nothing but to run a credential plugin within bounds.
const PluginArg = "__credential-plugin"

// The exit statuses.
const (
	exitFine     = 0 // nothing at or above --fail-on
	exitFindings = 1 // findings at or above --fail-on, or a gate is closed
	exitUsage    = 2 // the command line
	exitUndone   = 3 // the work was not done, or not wholly
)

// TerminalWidth is the number of columns of a terminal, 0 for any other file.
func TerminalWidth(f *os.File) int {
	if !term.IsTerminal(int(f.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 80
	}
	return width
}
