// Package tsdb reads history from the folder of a Prometheus server, or from a snapshot of it, and never writes into it.
//
// The way through it: Open → DB → a Querier of each of its blocks, merged → the engine. Blocks are mapped into memory and read
// where queries look; the lock file is left alone, so that a server may go on using the folder. The engine-sized package
// prometheus/tsdb would bring 350 packages: this one has the readers of indexes, chunks and tombstones alone, and so does not
// know the newest hours, which a running server has in its write-ahead log and not in a block. DB.Head says so.
package tsdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
	"github.com/prometheus/prometheus/tsdb/tombstones"
)

// DB is the blocks of a folder. It is safe for concurrent use.
type DB struct {
	blocks []*block
	wal    bool
}

// block is one block, of the samples from mint on and before maxt, in milliseconds.
type block struct {
	dir        string
	mint, maxt int64
	index      *index.Reader
	chunks     *chunks.Reader
	deleted    tombstones.Reader
}

// Files are what Open needs to look at a folder: the names in it, those of folders with a slash at the end, and the bytes
// of a small file.
type Files struct {
	List func(dir string) ([]string, error)
	Read func(name string) ([]byte, error)
}

// Open opens every block of a folder: the folders in it that are named by a ULID. A block that cannot be read is an error that names the
// file, as are a folder without blocks and two blocks of one name. Folders that a server is still writing or deleting (.tmp-…) are not blocks.
func Open(dir string, files Files) (*DB, error) {
	names, err := files.List(dir)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be listed: %w", dir, err)
	}
	db := &DB{}
	for _, name := range names {
		id, isDir := strings.CutSuffix(name, "/")
		switch {
		case isDir && id == "wal":
			db.wal = true
		case isDir && isULID(id):
			b, err := open(filepath.Join(dir, id), files)
			if err != nil {
				return nil, errors.Join(err, db.Close())
			}
			db.blocks = append(db.blocks, b)
		}
	}
	if len(db.blocks) == 0 {
		return nil, fmt.Errorf("%s holds no blocks: name the folder in which Prometheus keeps its data (--storage.tsdb.path), or a snapshot", dir)
	}
	slices.SortFunc(db.blocks, func(a, b *block) int { return strings.Compare(a.dir, b.dir) })
	return db, nil
}

// isULID reports whether a name is 26 digits of Crockford's base 32, as blocks are named.
func isULID(name string) bool {
	return len(name) == 26 && strings.Trim(name, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == ""
}

func open(dir string, files Files) (*block, error) {
	name := filepath.Join(dir, "meta.json")
	data, err := files.Read(name)
	if err != nil {
		return nil, fmt.Errorf("%s: the block has no description that can be read: %w", name, err)
	}
	var meta struct {
		MinTime, MaxTime int64
		Version          int
	}
	if err := json.Unmarshal(data, &meta); err != nil {
		return nil, fmt.Errorf("%s: the description of the block is not right: %w", name, err)
	}
	if meta.Version != 1 || meta.MaxTime <= meta.MinTime {
		return nil, fmt.Errorf("%s: the block has version %d and the times %d to %d; want version 1 and times in order", name, meta.Version, meta.MinTime, meta.MaxTime)
	}
	b := &block{dir: dir, mint: meta.MinTime, maxt: meta.MaxTime}
	if b.index, err = index.NewFileReader(filepath.Join(dir, "index"), index.DecodePostingsRaw); err != nil {
		return nil, fmt.Errorf("%s: the index cannot be read: %w", filepath.Join(dir, "index"), err)
	}
	if b.chunks, err = chunks.NewDirReader(filepath.Join(dir, "chunks"), nil); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: the chunks cannot be read: %w", filepath.Join(dir, "chunks"), err), b.index.Close())
	}
	if b.deleted, _, err = tombstones.ReadTombstones(dir); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: what was deleted cannot be read: %w", filepath.Join(dir, tombstones.TombstonesFilename), err), b.close())
	}
	return b, nil
}

func (b *block) close() error { return errors.Join(b.index.Close(), b.chunks.Close()) }

// Close unmaps the files.
func (db *DB) Close() error {
	var errs []error
	for _, b := range db.blocks {
		errs = append(errs, b.close())
	}
	return errors.Join(errs...)
}

// Head is until when the blocks reach, and whether the folder has a write-ahead log with newer samples, which is not read.
func (db *DB) Head() (until time.Time, newer bool) {
	var maxt int64
	for _, b := range db.blocks {
		maxt = max(maxt, b.maxt)
	}
	return time.UnixMilli(maxt).UTC(), db.wal
}

// Querier opens the blocks that overlap a time range in milliseconds, both ends included, as the engine asks for it.
func (db *DB) Querier(mint, maxt int64) (storage.Querier, error) {
	var some []storage.Querier
	for _, b := range db.blocks {
		if b.mint <= maxt && mint < b.maxt {
			some = append(some, &querier{block: b, mint: mint, maxt: maxt})
		}
	}
	return storage.NewMergeQuerier(some, nil, storage.ChainedSeriesMerge), nil
}
