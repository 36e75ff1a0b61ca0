package app

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// tempName are the names of the files that runs write beside those that they replace: the machine, the process, the run, and a number.
var tempName = regexp.MustCompile(`^\.treadmill-([0-9a-f]{8})-(\d{1,9})-([0-9a-f]{8})-\d+$`)

// temps are the files that one run writes beside those that it replaces.
type temps struct {
	machine, run string    // a process of a container often has the number of the one before it, so a run has a number of its own
	swept        *sync.Map // folders in which what killed runs left behind was looked for; files are opened side by side
}

// newTemps are those of a run that begins.
func newTemps() temps {
	h := fnv.New32a()
	name, _ := os.Hostname() // without one, all machines are one
	_, _ = h.Write([]byte(name))
	return temps{machine: fmt.Sprintf("%08x", h.Sum32()), run: fmt.Sprintf("%08x", rand.Uint32()), swept: &sync.Map{}}
}

// prefix is how their names begin.
func (t temps) prefix() string {
	return fmt.Sprintf(".treadmill-%s-%d-%s-", t.machine, os.Getpid(), t.run)
}

// old is how long a file of another machine stays: it may still be written.
const old = 24 * time.Hour

// left reports whether a file was left by a run that was killed.
func (t temps) left(e fs.DirEntry) bool {
	m := tempName.FindStringSubmatch(e.Name())
	if m == nil || !e.Type().IsRegular() || m[3] == t.run {
		return false
	}
	if m[1] != t.machine {
		info, err := e.Info()
		return err == nil && time.Since(info.ModTime()) >= old
	}
	pid, err := strconv.Atoi(m[2])
	return err == nil && (pid == os.Getpid() || !alive(pid))
}

// sweep removes what runs left in a folder that were killed while they wrote. It looks once in each folder.
func (t temps) sweep(folder string) {
	if _, done := t.swept.LoadOrStore(folder, true); done {
		return
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return // the writing says it
	}
	for _, e := range entries {
		if t.left(e) {
			_ = os.Remove(filepath.Join(folder, e.Name())) // the next run tries again
		}
	}
}

// OpenToChange opens a file, or a folder, that may be written later, and removes what killed runs left beside the file.
func (a *App) OpenToChange(name string) (fs.File, error) {
	f, err := a.OpenAny(name)
	if err != nil {
		return nil, err
	}
	if info, err := f.Stat(); err == nil && info.Mode().IsRegular() {
		a.temps.sweep(filepath.Dir(name))
	}
	return f, nil
}

// stays refuses a path below a folder that links lead out of it.
func stays(folder, path string) error {
	root, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return nil //nolint:nilerr // the folder is yet to be made
	}
	for at := path; ; at = filepath.Dir(at) {
		end, err := filepath.EvalSymlinks(at)
		if err == nil {
			if !below(root, end) {
				return fmt.Errorf("a link leads out of %s, to %s", folder, end)
			}
			return nil
		}
		if _, link := os.Readlink(at); link == nil {
			return fmt.Errorf("it is a link that leads nowhere: %w", Cause(err))
		}
		if !errors.Is(err, os.ErrNotExist) || at == folder || at == filepath.Dir(at) {
			return nil
		}
	}
}

// undo holds what was in the places of a set of files, under second names beside them.
type undo struct {
	prefix      string   // of the second names
	paths, kept []string // kept is "" where there was no file
}

// keep gives the file of a place a second name. Only of a set is one needed: a single file is replaced or is not.
func (u *undo) keep(path string, set bool) error {
	if !set {
		return nil
	}
	if info, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		u.paths, u.kept = append(u.paths, path), append(u.kept, "")
		return nil
	} else if err == nil && info.IsDir() {
		return errors.New("it is a folder")
	}
	second := fmt.Sprintf("%s0%d", filepath.Join(filepath.Dir(path), u.prefix), len(u.paths))
	if err := os.Link(path, second); err != nil {
		return nil //nolint:nilerr // not every file system has second names; the file is then replaced without one
	}
	u.paths, u.kept = append(u.paths, path), append(u.kept, second)
	return nil
}

// restore puts everything back.
func (u *undo) restore() error {
	var all error
	for i, path := range u.paths {
		var err error
		if u.kept[i] == "" {
			err = os.Remove(path)
		} else {
			err = os.Rename(u.kept[i], path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			all = errors.Join(all, fmt.Errorf("put back %s: %w", path, Cause(err)))
		}
	}
	u.drop()
	return all
}

// drop forgets what was there.
func (u *undo) drop() {
	for _, second := range u.kept {
		if second != "" {
			_ = os.Remove(second) // the next run in the folder removes what is left
		}
	}
	u.paths, u.kept = nil, nil
}
