package app

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// Locked keeps other runs from changing a file until unlock is called, by a locked file beside it, which goes away with the lock.
// A run that was killed holds no lock, whatever it leaves behind.
func (a *App) Locked(path string) (unlock func(), err error) {
	if a.captured != nil {
		return nil, fmt.Errorf("lock %s: %w", path, errReadsOnly)
	}
	place, err := a.placeOf(path)
	if err == nil && place.stream {
		return func() {}, nil
	}
	if err == nil {
		err = os.MkdirAll(filepath.Dir(place.path), 0o755)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, Cause(err))
	}
	name := filepath.Join(filepath.Dir(place.path), "."+filepath.Base(place.path)+".lock")
	for {
		f, err := lockedfile.Edit(name)
		if err != nil {
			return nil, fmt.Errorf("lock %s: %w", path, Cause(err))
		}
		unlock := func() {
			_ = os.Remove(name) // while it is locked; one that cannot be removed is locked again
			_ = f.Close()
		}
		if same(f, name) {
			return unlock, nil
		}
		_ = f.Close() // it was removed while this run waited for it
	}
}

// same reports whether an open file is the one that a name leads to now.
func same(f *lockedfile.File, name string) bool {
	mine, err := f.Stat()
	if err != nil {
		return false
	}
	now, err := os.Stat(name)
	return err == nil && os.SameFile(mine, now)
}
