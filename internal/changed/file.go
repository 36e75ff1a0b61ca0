package changed

import (
	"bytes"
	"context"
	"crypto/sha1" //nolint:gosec // the IDs of Git
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/git"
	"treadmill/internal/textdiff"
)

// file is one of the work tree.
type file struct {
	text   []byte
	whole  bool             // all of it is new
	added  []textdiff.Range // its lines that are, otherwise
	moved  bool             // it had another name
	packed bool             // it is an archive, whose lines are not those that places name
}

func (f *file) changed() bool { return f.whole || f.moved || len(f.added) > 0 }

// has reports whether one of the lines from the first to the last is new.
func (f *file) has(first, last int) bool {
	return f.whole || slices.ContainsFunc(f.added, func(r textdiff.Range) bool { return r.First <= last && first <= r.Last })
}

// Look compares the files and folders of places, all at once.
func (t *Tree) Look(ctx context.Context, places []diag.Position) error {
	before := map[string]git.File{} // where the text of a file may come from, by path
	var fresh []string
	for _, p := range places {
		at := t.place(p.File)
		path := at.path
		_, seen := t.folders[path]
		switch {
		case !at.ok || seen || t.now[path] != nil:
			continue
		case at.folder:
			var err error
			if t.folders[path], err = t.below(ctx, path); err != nil {
				return err
			}
			continue
		}
		f := &file{packed: strings.HasSuffix(path, ".tgz") || strings.HasSuffix(path, ".gz") || strings.HasSuffix(path, ".tar")}
		t.now[path] = f
		text, err := t.read(path)
		switch then, is := t.then[path]; {
		case err != nil:
			f.whole = true
		case !is:
			f.text, f.whole = text, true
			fresh = append(fresh, path)
		case !same(text, then.Blob):
			f.text, before[path] = text, then
		}
	}
	if err := t.origins(ctx, fresh, before); err != nil {
		return err
	}
	return t.compare(ctx, before)
}

// compare finds the lines that files have and that the texts from which they come do not have.
func (t *Tree) compare(ctx context.Context, before map[string]git.File) error {
	if len(before) == 0 {
		return nil
	}
	paths := slices.Sorted(maps.Keys(before))
	var files []git.File
	for _, path := range paths {
		files = append(files, before[path])
	}
	contents, err := t.repo.Read(ctx, files)
	if err != nil {
		return err
	}
	for i, path := range paths {
		f := t.now[path]
		f.added, f.whole, f.moved = textdiff.Added(unix(contents[i]), unix(f.text)), false, files[i].Name != path
		f.text = nil
	}
	return nil
}

// unix is a text with the ends of lines that Git may store it with.
func unix(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// same reports whether a text is the one that an ID is of.
func same(text []byte, id string) bool {
	h := sha1.New() //nolint:gosec // the IDs of Git
	if len(id) > 2*sha1.Size {
		h = sha256.New()
	}
	fmt.Fprintf(h, "blob %d\x00", len(text))
	h.Write(text)
	return hex.EncodeToString(h.Sum(nil)) == id
}
