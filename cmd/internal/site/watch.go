package site

import (
	"encoding/binary"
	"hash"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxWatched is how many files of one folder are looked at for changes; what lies beyond is seen when all pages are made anew.
const maxWatched = 100_000

// watcher remembers what files looked like.
type watcher struct{ seen map[string]uint64 }

// look gives those of some files and folders that changed since the last look; all of them the first time.
func (w *watcher) look(names []string) map[string]bool {
	if w.seen == nil {
		w.seen = map[string]uint64{}
	}
	changed := map[string]bool{}
	for _, name := range names {
		if changed[name] {
			continue
		}
		sum := sumOf(name)
		if was, known := w.seen[name]; !known || was != sum {
			changed[name] = true
		}
		w.seen[name] = sum
	}
	return changed
}

// sumOf sums up the names, sizes and times of a file, or of all in a folder. Links are followed at the name itself, which may lead to
// another place from one moment to the next, as those of volumes in pods do.
func sumOf(name string) uint64 {
	h := fnv.New64a()
	end, err := filepath.EvalSymlinks(name)
	if err != nil {
		return 0
	}
	add(h, end)
	left := maxWatched
	_ = filepath.WalkDir(end, func(path string, e fs.DirEntry, err error) error { // what cannot be read is said where it is used
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		if base := e.Name(); path != end && e.IsDir() && strings.HasPrefix(base, ".") {
			return fs.SkipDir
		}
		if left--; left < 0 {
			return fs.SkipAll
		}
		if info, err := os.Stat(path); err == nil && !info.IsDir() {
			add(h, path)
			number(h, info.Size())
			number(h, info.ModTime().UnixNano())
		}
		return nil
	})
	return h.Sum64()
}

func add(h hash.Hash64, text string) { _, _ = h.Write([]byte(text + "\x00")) } // it never fails

func number(h hash.Hash64, n int64) { _ = binary.Write(h, binary.LittleEndian, n) }
