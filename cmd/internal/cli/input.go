package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

func itoa(n int) string { return strconv.Itoa(n) }

// stdin is the argument that stands for standard input, and its name in positions.
const (
	stdinArg  = "-"
	stdinName = "<stdin>"
)

// input is a file's name and bytes.
type input struct {
	name string
	data []byte
}

// read reads one file, or standard input for "-". What fails is an error, as there is nothing else to go on with.
func (a *app) read(name string) (input, error) { return a.readUpTo(name, yamlx.MaxBytes) }

// readUpTo is read for files of another size than those that people write. Of a larger one it gives one byte more than it may have.
func (a *app) readUpTo(name string, most int64) (input, error) {
	if name == stdinArg {
		data, err := io.ReadAll(io.LimitReader(a.env.Stdin, most+1))
		return input{stdinName, data}, err
	}
	f, err := a.env.Open(name)
	if err != nil {
		return input{}, plainError(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return input{}, plainError(err)
	}
	return input{name, data}, nil
}

// readAll reads the files that the arguments name: files, globs, folders (walked for names that end in one of the
// extensions; hidden ones are skipped) and "-". An input that cannot be read is a finding and the rest is still read. So is a
// folder that holds nothing to read: it is the wrong one, or what was in it is gone.
func (a *app) readAll(args []string, extensions ...string) ([]input, []diag.Finding) {
	r := reading{app: a, extensions: extensions}
	for _, name := range expand(args) {
		read, found := len(r.inputs), len(r.findings)
		if r.walk(name, true); len(r.inputs) == read && !diag.Any(r.findings[found:], diag.Error) {
			r.find("input/nothing", diag.Error, name, "holds no file whose name ends in "+strings.Join(extensions, ", "))
		}
	}
	return r.inputs, a.settle(r.findings)
}

// reading is the reading of files and folders.
type reading struct {
	app        *app
	extensions []string
	inputs     []input
	findings   []diag.Finding
}

func (r *reading) find(id string, severity diag.Severity, name, message string) {
	r.findings = append(r.findings, diag.Finding{ID: id, Severity: severity, Position: diag.Position{File: name}, Message: message})
}

func (r *reading) fail(name string, err error) {
	r.find(diag.Unread, diag.Error, name, "cannot be read: "+cause(err).Error())
}

// walk reads a file or the files below a folder, in the order of their names.
func (r *reading) walk(name string, named bool) {
	if name != stdinArg {
		entries, err := r.app.folder(name)
		if err != nil {
			r.fail(name, err)
			return
		}
		if entries != nil {
			for _, e := range entries {
				r.entry(filepath.Join(name, e.Name()), e)
			}
			return
		}
		if !named && !slices.Contains(r.extensions, filepath.Ext(name)) {
			return
		}
	}
	in, err := r.app.read(name)
	if err != nil {
		r.fail(name, err)
		return
	}
	r.inputs = append(r.inputs, in)
}

// entry reads what a folder holds. A link to a file is the file, as in a mounted config map; one to a folder is said, and not
// followed, as it may lead back.
func (r *reading) entry(path string, e fs.DirEntry) {
	switch {
	case strings.HasPrefix(e.Name(), "."):
	case e.IsDir() || e.Type().IsRegular():
		r.walk(path, false)
	case e.Type()&fs.ModeSymlink != 0:
		entries, err := r.app.folder(path)
		switch {
		case err == nil && entries != nil:
			r.find("input/link", diag.Info, path, "a link to a folder is not followed: name it as an argument to read it")
		case err == nil || slices.Contains(r.extensions, filepath.Ext(path)):
			r.walk(path, false)
		}
	}
}

// folder lists a folder by name, nil for what is none.
func (a *app) folder(name string) ([]fs.DirEntry, error) {
	f, err := a.env.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || !info.IsDir() {
		return nil, err
	}
	dir, ok := f.(fs.ReadDirFile)
	if !ok {
		return nil, fmt.Errorf("the folder cannot be listed")
	}
	entries, err := dir.ReadDir(-1)
	slices.SortFunc(entries, func(x, y fs.DirEntry) int { return strings.Compare(x.Name(), y.Name()) })
	if entries == nil {
		entries = []fs.DirEntry{}
	}
	return entries, err
}

// expand resolves globs that the shell left alone. A pattern that matches nothing stays as it is, so that it is reported as missing.
func expand(args []string) []string {
	var out []string
	for _, arg := range args {
		if matches, err := filepath.Glob(arg); err == nil && len(matches) > 0 && strings.ContainsAny(arg, "*?[") {
			out = append(out, matches...)
		} else {
			out = append(out, arg)
		}
	}
	return out
}

// cause is the reason of a file error without the name and the system call around it.
func cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// plainError says which file and why.
func plainError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s cannot be read: %w", p.Path, p.Err)
	}
	return err
}
