package app

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"treadmill/internal/diag"
	"treadmill/internal/snapshot"
)

// keysText has the keys that snapshots of this program's own home are signed with, one a line (docs/data.md).
//
//go:embed keys.txt
var keysText string

// maxSnapshot is the size in bytes up to which a snapshot is read.
const maxSnapshot = 64 << 20

// FindingIgnored is the ID of what is said about an installed snapshot that is not used.
const FindingIgnored = "data/ignored"

// facts is where the tables of facts come from: nowhere else than the binary where root is nil.
type facts struct {
	asked  bool
	root   fs.FS
	Bundle *snapshot.Bundle // nil for the embedded tables and for a folder
	err    error
}

// Facts are the files of one table, such as "windows", or nil where those in the binary are to be used: from --data, else from the
// snapshot that "data update" has put into the user's data folder. A snapshot that was asked for and cannot be used is an error; an
// installed one that cannot is said and left aside.
func (a *App) Facts(table string) (fs.FS, error) {
	f := a.data()
	if f.err != nil || f.root == nil {
		return nil, f.err
	}
	if _, err := fs.Stat(f.root, table); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return fs.Sub(f.root, table)
}

// Snapshot is the snapshot in use; nil where there is none.
func (a *App) Snapshot() (*snapshot.Bundle, error) {
	f := a.data()
	return f.Bundle, f.err
}

// data finds the tables once.
func (a *App) data() *facts {
	if a.facts.asked {
		return &a.facts
	}
	a.facts.asked = true
	f := &a.facts
	if a.DataFile != "" {
		f.err = f.take(a, a.DataFile)
		return f
	}
	installed := a.DataHome()
	if installed == "" {
		return f
	}
	if file, err := a.Env.Open(installed); err != nil {
		return f
	} else if err := file.Close(); err != nil {
		return f
	}
	if err := f.take(a, installed); err != nil {
		*f = facts{asked: true}
		a.Notes = append(a.Notes, diag.Finding{ID: FindingIgnored, Severity: diag.Warning, Position: diag.Position{File: installed},
			Message: "the installed snapshot of the data is not used, and the tables of the binary are: " + err.Error()})
	}
	return f
}

// take reads a snapshot, or takes a folder of tables that the user has unpacked or written.
func (f *facts) take(a *App, name string) error {
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		f.root = os.DirFS(name)
		return nil
	}
	b, err := a.OpenSnapshot(name)
	if err != nil {
		return err
	}
	if err := b.Manifest.Check(a.Time().UTC().Format(time.DateOnly), ""); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	f.root, f.Bundle = b.FS(), &b
	return nil
}

// OpenSnapshot reads a snapshot and checks it with the keys that are known.
func (a *App) OpenSnapshot(name string) (snapshot.Bundle, error) {
	in, err := a.ReadUpTo(name, maxSnapshot)
	if err != nil {
		return snapshot.Bundle{}, fmt.Errorf("read %s: %w", name, err)
	}
	keys, err := a.DataKeys()
	if err != nil {
		return snapshot.Bundle{}, err
	}
	b, err := snapshot.Open(in.Data, keys...)
	if err != nil {
		return b, fmt.Errorf("%s: %w", name, err)
	}
	return b, nil
}

// DataKeys are the keys that snapshots are checked with: those in the binary, that of --data-key, which is the key itself or a file with
// keys, and those that an earlier update was told to trust.
func (a *App) DataKeys() ([]note.Verifier, error) {
	given, err := a.GivenKeys()
	if err != nil {
		return nil, err
	}
	text := keysText + "\n" + given
	if file := a.KeysHome(); file != "" {
		if in, err := a.Read(file); err == nil {
			text += "\n" + string(in.Data)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
	}
	var keys []note.Verifier
	known := map[string]bool{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || known[line] {
			continue
		}
		known[line] = true
		key, err := note.NewVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("%.40q is no key: want NAME+HASH+KEY, as make snapshot-key prints it: %w", line, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// GivenKeys is the text of --data-key, or of the file that it names.
func (a *App) GivenKeys() (string, error) {
	if _, err := note.NewVerifier(a.DataKey); err == nil || a.DataKey == "" {
		return a.DataKey, nil
	}
	in, err := a.Read(a.DataKey)
	if err != nil {
		return "", fmt.Errorf("--data-key: it is no key, and read %s: %w", a.DataKey, err)
	}
	return string(in.Data), nil
}

// DataHome is where "data update" puts a snapshot: the user's data folder; "" where the environment has none.
func (a *App) DataHome() string {
	if dir := a.Env.Getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "treadmill", "data.zip")
	}
	if home := a.Env.Getenv("HOME"); home != "" {
		return filepath.Join(home, ".local", "share", "treadmill", "data.zip")
	}
	return ""
}

// KeysHome is the file of the keys that an update was told to trust, beside the snapshot that they have signed; "" where the environment
// has no home.
func (a *App) KeysHome() string {
	if file := a.DataHome(); file != "" {
		return filepath.Join(filepath.Dir(file), "keys.txt")
	}
	return ""
}

// dataNote says which tables a result rests on, where they are not those of the program.
func (a *App) dataNote() string {
	switch f := &a.facts; {
	case f.Bundle != nil:
		return fmt.Sprintf("By the data of the snapshot of %s, signed by %s.", f.Bundle.Manifest.Created, strings.Join(f.Bundle.Keys, ", "))
	case f.root != nil:
		return "By the data in " + a.DataFile + ", which nobody has signed."
	}
	return ""
}
