package app

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/glob"
	"treadmill/internal/yamlx"
)

// StdinArg is the argument that stands for standard input, StdinName its name in positions.
const (
	StdinArg  = "-"
	StdinName = "<stdin>"
)

// Input is a file's name and bytes.
type Input struct {
	Name   string
	Data   []byte
	Folder string // the argument whose folder it was met in; "" for a file that was named
}

// Stray reports whether an input was met in a folder, does not parse, and has none of the words that something of the wanted kinds has: it
// is of another tool, such as the settings of an editor.
func (in Input) Stray(findings []diag.Finding, words ...string) bool {
	broken := func(f diag.Finding) bool { return f.ID == diag.Syntax }
	has := func(word string) bool { return bytes.Contains(in.Data, []byte(word)) }
	return in.Folder != "" && slices.ContainsFunc(findings, broken) && !slices.ContainsFunc(words, has)
}

// Read reads one file, or standard input for "-". What fails is an error, as there is nothing else to go on with.
func (a *App) Read(name string) (Input, error) { return a.ReadUpTo(name, yamlx.MaxBytes) }

// ReadUpTo is read for files of another size than those that people write. Of a larger one it gives one byte more than it may have.
func (a *App) ReadUpTo(name string, most int64) (Input, error) {
	if name == StdinArg {
		data, err := io.ReadAll(io.LimitReader(a.Env.Stdin, most+1))
		return Input{Name: StdinName, Data: data}, err
	}
	f, err := a.Env.Open(name)
	if err != nil {
		return Input{}, PlainError(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return Input{}, PlainError(err)
	}
	return Input{Name: name, Data: data}, nil
}

// ReadAll reads the files that the arguments name: files, globs, folders (walked for names that end in one of the
// extensions; hidden ones are skipped) and "-". An input that cannot be read is a finding and the rest is still read. So is a
// folder that holds nothing to read: it is the wrong one, or what was in it is gone.
func (a *App) ReadAll(args []string, extensions ...string) ([]Input, []diag.Finding) {
	names, findings := a.Expand(args)
	r := reading{app: a, extensions: extensions, findings: findings}
	for _, name := range names {
		read, found := len(r.inputs), len(r.findings)
		r.root = name
		if r.walk(name, true); len(r.inputs) == read && !diag.Any(r.findings[found:], diag.Error) {
			r.find("input/nothing", diag.Error, name, "holds no file whose name ends in "+strings.Join(extensions, ", "))
		}
	}
	return r.inputs, a.Settle(r.findings)
}

// PassedOver says, folder by folder, how many documents lie in it that are of another kind, which is what words say.
func PassedOver(counts map[string]int, words string) []diag.Finding {
	var out []diag.Finding
	for _, folder := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, diag.Finding{ID: "input/foreign", Severity: diag.Info, Position: diag.Position{File: folder},
			Message: Count(counts[folder], "document is", "documents are") + " " + words + ": passed over; a file that is named is always checked"})
	}
	return out
}

// reading is the reading of files and folders.
type reading struct {
	app        *App
	extensions []string
	root       string // the argument that is being read
	inputs     []Input
	findings   []diag.Finding
}

func (r *reading) find(id string, severity diag.Severity, name, message string) {
	r.findings = append(r.findings, diag.Finding{ID: id, Severity: severity, Position: diag.Position{File: name}, Message: message})
}

func (r *reading) fail(name string, err error) {
	r.find(diag.Unread, diag.Error, name, "cannot be read: "+Cause(err).Error())
}

// walk reads a file or the files below a folder, in the order of their names.
func (r *reading) walk(name string, named bool) {
	if name != StdinArg {
		entries, err := r.app.Folder(name)
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
	in, err := r.app.Read(name)
	if err != nil {
		r.fail(name, err)
		return
	}
	if !named {
		in.Folder = r.root
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
		entries, err := r.app.Folder(path)
		switch {
		case err == nil && entries != nil:
			r.find("input/link", diag.Info, path, "a link to a folder is not followed: name it as an argument to read it")
		case err == nil || slices.Contains(r.extensions, filepath.Ext(path)):
			r.walk(path, false)
		}
	case slices.Contains(r.extensions, filepath.Ext(path)):
		r.fail(path, fmt.Errorf("it is %s and no file", kindOf(e.Type())))
	}
}

// Folder lists a folder by name, nil for what is none.
func (a *App) Folder(name string) ([]fs.DirEntry, error) {
	f, err := a.Env.Open(name)
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

// Expand resolves the globs that the shell left alone: a path that exists is that file, whatever its name looks like, and ** stands for any
// number of folders. A pattern that matches nothing stays as it is, so that it is reported as missing; a folder that cannot be listed on
// the way is a finding.
func (a *App) Expand(args []string) ([]string, []diag.Finding) {
	var out []string
	var findings []diag.Finding
	for _, arg := range args {
		if arg == StdinArg {
			out = append(out, arg)
			continue
		}
		found, err := glob.Expand(a.Env.Open, arg)
		if err != nil {
			findings = append(
				findings,
				diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: arg}, Message: "cannot be read: " + err.Error()},
			)
		}
		out = append(out, found...)
	}
	return out, findings
}

// Cause is the reason of a file error without the name and the system call around it.
func Cause(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}

// PlainError says which file and why.
func PlainError(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return fmt.Errorf("%s cannot be read: %w", p.Path, p.Err)
	}
	return err
}

// OpenAny opens a file, or standard input for "-". What the command line does not name is opened within the trees that it names.
func (a *App) OpenAny(name string) (fs.File, error) {
	if name == StdinArg {
		return StdinFile{a.Env.Stdin}, nil
	}
	return a.guard.met(name)
}

// ReadMet reads a file that another one names, within the trees that the command line names.
func (a *App) ReadMet(name string) (Input, error) {
	f, err := a.guard.met(name)
	if err != nil {
		return Input{}, PlainError(err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, yamlx.MaxBytes+1))
	if err != nil {
		return Input{}, PlainError(err)
	}
	return Input{Name: name, Data: data}, nil
}

// StdinFile is standard input as a file; closing it does nothing.
type StdinFile struct{ io.Reader }

// Stat says that nothing is known of the file.
func (StdinFile) Stat() (fs.FileInfo, error) { return nil, fs.ErrInvalid }

// Close does nothing.
func (StdinFile) Close() error { return nil }
