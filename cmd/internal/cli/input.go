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
	"treadmill/internal/strict"
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
func (a *app) read(name string) (input, error) {
	if name == stdinArg {
		data, err := io.ReadAll(io.LimitReader(a.env.Stdin, strict.MaxBytes+1))
		return input{stdinName, data}, err
	}
	f, err := a.env.Open(name)
	if err != nil {
		return input{}, plainError(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, strict.MaxBytes+1))
	if err != nil {
		return input{}, plainError(err)
	}
	return input{name, data}, nil
}

// readAll reads the files that the arguments name: files, globs, folders (walked for names that end in one of the
// extensions; hidden ones are skipped) and "-". An input that cannot be read is a finding and the rest is still read.
func (a *app) readAll(args []string, extensions ...string) ([]input, []diag.Finding) {
	var inputs []input
	var findings []diag.Finding
	fail := func(name string, err error) {
		findings = append(findings, diag.Finding{ID: diag.Unread, Severity: diag.Error,
			Position: diag.Position{File: name}, Message: "cannot be read: " + cause(err).Error()})
	}
	for _, name := range expand(args) {
		a.walk(name, true, extensions, func(in input) { inputs = append(inputs, in) }, fail)
	}
	return inputs, a.settle(findings)
}

// walk reads a file or the files below a folder, in the order of their names.
func (a *app) walk(name string, named bool, extensions []string, yield func(input), fail func(string, error)) {
	if name != stdinArg {
		entries, err := a.folder(name)
		if err != nil {
			fail(name, err)
			return
		}
		if entries != nil {
			for _, e := range entries {
				if !strings.HasPrefix(e.Name(), ".") && (e.IsDir() || e.Type().IsRegular()) {
					a.walk(filepath.Join(name, e.Name()), false, extensions, yield, fail)
				}
			}
			return
		}
		if !named && !slices.Contains(extensions, filepath.Ext(name)) {
			return
		}
	}
	in, err := a.read(name)
	if err != nil {
		fail(name, err)
		return
	}
	yield(in)
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
