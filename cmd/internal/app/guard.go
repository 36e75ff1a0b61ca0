package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"treadmill/internal/glob"
)

// guard opens files and folders for every reader of every command. What the command line names is opened as it is, unless it is a device,
// which has no end. What is met below it is opened when it is a file or a folder, and no link leads to it from outside of the folders
// that the command line names: a tree comes from somebody else, and the files around it, and the pipes in it, are not theirs to show.
type guard struct {
	opener  func(name string) (fs.File, error)
	named   map[string]bool // by the command line, cleaned
	folders []folder        // that it names
	beside  []folder        // that hold the files which it names
	real    sync.Map        // the ends of links that folders are, by their names
	trees   sync.Map        // the trees that folders are part of
}

// folder is one that the command line names.
type folder struct {
	name string
	link bool
}

func folderOf(name string) folder {
	info, err := os.Lstat(name)
	return folder{name: name, link: err == nil && info.Mode()&fs.ModeSymlink != 0}
}

// newGuard opens by the means of a run.
func newGuard(opener func(name string) (fs.File, error)) *guard {
	return &guard{opener: opener, named: map[string]bool{}}
}

// take notes what a command line names: its arguments, and the values of flags that take files. Words that only look like the name of
// something in a tree, such as a context, name nothing: whoever owns the tree could put a link there.
func (g *guard) take(c *cobra.Command, args []string) {
	if c.ValidArgsFunction == nil {
		for _, arg := range args {
			g.name(arg)
		}
	}
	c.Flags().Visit(func(f *pflag.Flag) {
		if f.Annotations[ofWords] != nil || !strings.HasPrefix(f.Value.Type(), "string") || slices.Contains(noFiles(), f.Name) {
			return
		}
		values := []string{f.Value.String()}
		if list, ok := f.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, value := range values {
			g.name(value)
			if _, file, ok := strings.Cut(value, "="); ok {
				g.name(file)
			}
		}
	})
}

func (g *guard) name(word string) {
	if word == "" || word == StdinArg {
		return
	}
	word = filepath.Clean(word)
	if g.named[word] {
		return
	}
	g.named[word] = true
	switch info, err := os.Stat(word); {
	case err == nil && info.IsDir():
		g.folders = append(g.folders, folderOf(word))
	case err == nil:
		g.beside = append(g.beside, folderOf(filepath.Dir(word)))
	case strings.ContainsAny(word, "*?[{"):
		base, _ := doublestar.SplitPattern(filepath.ToSlash(word))
		g.folders = append(g.folders, folderOf(filepath.Clean(filepath.FromSlash(base))))
	}
}

// open opens a file or folder.
func (g *guard) open(name string) (fs.File, error) {
	if name != StdinArg && !g.named[filepath.Clean(name)] {
		if err := g.inTree(name); err != nil {
			return nil, &fs.PathError{Op: "open", Path: name, Err: err}
		}
	}
	f, err := g.opener(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && endless(name, f, info.Mode()) {
		err = errors.New("it is a device, which has no end")
	}
	if err != nil {
		_ = f.Close()
		return nil, &fs.PathError{Op: "open", Path: name, Err: Cause(err)}
	}
	return f, nil
}

// writable says why a file is not written: a link leads to it, out of the folder that the command line names.
func (g *guard) writable(path string) error {
	path = filepath.Clean(path)
	if g.named[path] {
		return nil
	}
	root := filepath.Dir(path)
	for at := root; ; at = filepath.Dir(at) {
		if g.named[at] {
			root = at
			break
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return stays(root, path)
}

// Stays says why a file that was read is not written back: it is a link that leads out of the folder that it lies in, and of those that
// the command line names.
func (a *App) Stays(path string) error {
	for _, root := range append(within(filepath.Clean(path), a.guard.folders, a.guard.folders), filepath.Dir(path)) {
		if stays(root, path) == nil {
			return nil
		}
	}
	return stays(filepath.Dir(path), path)
}

// inTree says why something that was met in a tree, or that a file names, is not opened.
func (g *guard) inTree(name string) error {
	info, err := os.Lstat(name)
	if err != nil {
		return nil //nolint:nilerr // the opening says it
	}
	end := name
	if info.Mode()&fs.ModeSymlink != 0 {
		if end, err = filepath.EvalSymlinks(name); err != nil {
			if _, err := os.Stat(name); err != nil {
				return Cause(err)
			}
			return errors.New("it is a link to something that has no name")
		}
		if info, err = os.Stat(end); err != nil {
			return Cause(err)
		}
	}
	if mode := info.Mode(); !mode.IsRegular() && !mode.IsDir() {
		return fmt.Errorf("it is %s and no file", kindOf(mode))
	}
	roots := g.roots(name)
	if len(roots) == 0 {
		return nil
	}
	if end == name {
		end = filepath.Join(g.realFolder(filepath.Dir(name)), filepath.Base(name))
	} else if end, err = filepath.Abs(end); err != nil {
		return err
	}
	for _, root := range roots {
		if below(g.realFolder(root), end) {
			return nil
		}
	}
	return fmt.Errorf("it lies behind a link that leads out of the tree, to %s: name that as an argument to read it", end)
}

// roots are the folders in which the end of a name may lie; none for a name outside of all that the command line names. Of the other
// folders that are named those count that are no links themselves, as the owner of a tree can put a link under any name.
func (g *guard) roots(name string) []string {
	name = filepath.Clean(name)
	if out := within(name, g.folders, g.folders); out != nil {
		return out
	}
	return within(name, g.beside, slices.Concat(g.beside, g.folders))
}

// within are the allowed folders for a name that lies in one of some folders, nil when it lies in none.
func within(name string, in, allowed []folder) []string {
	if !slices.ContainsFunc(in, func(f folder) bool { return below(f.name, name) }) {
		return nil
	}
	var out []string
	for _, f := range allowed {
		if !f.link || below(f.name, name) {
			out = append(out, f.name)
		}
	}
	return out
}

// realFolder is a folder at the end of all links, as an absolute name.
func (g *guard) realFolder(name string) string {
	if known, ok := g.real.Load(name); ok {
		return known.(string)
	}
	end, err := filepath.EvalSymlinks(name)
	if err != nil {
		end = name // the opening says it
	}
	if abs, err := filepath.Abs(end); err == nil {
		end = abs
	}
	g.real.Store(name, end)
	return end
}

// below reports whether a name is a folder, or lies in it.
func below(folder, name string) bool {
	_, ok := glob.Below(folder, name)
	return ok
}
