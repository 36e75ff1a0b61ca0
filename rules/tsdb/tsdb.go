// Package tsdb reads history from the folder of a Prometheus server, or from a snapshot of it, and never writes into it.
//
// The way through it: Open → DB → a Querier of each of its blocks and of its newest samples, merged → the engine. Blocks are mapped
// into memory and read where queries look; the newest two or three hours, which a server has in no block yet, come from its
// write-ahead log. The lock file is left alone, so that a server may go on using the folder. The engine-sized package prometheus/tsdb
// would bring 350 packages and wants a folder to write to: this one has the readers of indexes, chunks, tombstones and records alone.
package tsdb

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/tsdb/chunks"
	"github.com/prometheus/prometheus/tsdb/index"
	"github.com/prometheus/prometheus/tsdb/tombstones"
)

// DB is the blocks of a folder and its newest samples. It is safe for concurrent use.
type DB struct {
	blocks []*block
	head   *head // nil without a write-ahead log
}

// block is one block, of the samples from mint on and before maxt, in milliseconds.
type block struct {
	dir        string
	mint, maxt int64
	index      *index.Reader
	chunks     *chunks.Reader
	deleted    tombstones.Reader
	partly     bool // it was cut out of the newest samples, and does not say until when they stand in blocks
}

// Files are what Open needs to look at a folder: the names in it, those of folders with a slash at the end, and its files, which are
// only read. A file of a log must be an io.ReaderAt.
type Files struct {
	List func(dir string) ([]string, error)
	Open func(name string) (fs.File, error)
}

// Open opens a folder: the blocks, which are the folders in it that are named by a ULID, and the write-ahead log. What cannot be read is an
// error that names the file, as are a folder without either and a log of which a file is missing. Folders that a server is still
// writing or deleting (.tmp-…) are not blocks. The log is opened first: what a server makes a block of meanwhile is then in both.
func Open(dir string, files Files) (*DB, error) {
	names, err := files.List(dir)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be listed: %w", dir, err)
	}
	db := &DB{}
	if db.head, err = openHead(dir, names, files); err != nil {
		return nil, err
	}
	if names, err = files.List(dir); err != nil {
		return nil, errors.Join(fmt.Errorf("%s cannot be listed: %w", dir, err), db.Close())
	}
	for _, name := range names {
		if id, isDir := strings.CutSuffix(name, "/"); isDir && isULID(id) {
			b, err := open(filepath.Join(dir, id), files)
			if err != nil {
				return nil, errors.Join(err, db.Close())
			}
			db.blocks = append(db.blocks, b)
		}
	}
	if len(db.blocks) == 0 && db.head == nil {
		return nil, fmt.Errorf("%s holds no blocks: name the folder in which Prometheus keeps its data (--storage.tsdb.path), or a snapshot", dir)
	}
	slices.SortFunc(db.blocks, func(a, b *block) int { return strings.Compare(a.dir, b.dir) })
	for _, b := range db.blocks {
		if db.head != nil && !b.partly {
			db.head.from = max(db.head.from, b.maxt)
		}
	}
	return db, nil
}

// isULID reports whether a name is 26 digits of Crockford's base 32, as blocks are named.
func isULID(name string) bool {
	return len(name) == 26 && strings.Trim(name, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") == ""
}

func open(dir string, files Files) (*block, error) {
	name := filepath.Join(dir, "meta.json")
	data, err := small(name, files)
	if err != nil {
		return nil, fmt.Errorf("%s: the block has no description that can be read: %w", name, err)
	}
	var meta struct {
		MinTime, MaxTime int64
		Version          int
		Compaction       struct{ Hints []string }
	}
	if err := json.Unmarshal(data, &meta); err != nil {
		return nil, fmt.Errorf("%s: the description of the block is not right: %w", name, err)
	}
	if meta.Version != 1 || meta.MaxTime <= meta.MinTime {
		return nil, fmt.Errorf(
			"%s: the block has version %d and the times %d to %d; want version 1 and times in order",
			name,
			meta.Version,
			meta.MinTime,
			meta.MaxTime,
		)
	}
	b := &block{dir: dir, mint: meta.MinTime, maxt: meta.MaxTime, partly: len(meta.Compaction.Hints) > 0}
	if b.index, err = index.NewFileReader(filepath.Join(dir, "index"), index.DecodePostingsRaw); err != nil {
		return nil, fmt.Errorf("%s: the index cannot be read: %w", filepath.Join(dir, "index"), err)
	}
	if b.chunks, err = chunks.NewDirReader(filepath.Join(dir, "chunks"), nil); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: the chunks cannot be read: %w", filepath.Join(dir, "chunks"), err), b.index.Close())
	}
	if b.deleted, _, err = tombstones.ReadTombstones(dir); err != nil {
		return nil, errors.Join(
			fmt.Errorf("%s: what was deleted cannot be read: %w", filepath.Join(dir, tombstones.TombstonesFilename), err),
			b.close(),
		)
	}
	return b, nil
}

// small is the bytes of a small file.
func small(name string, files Files) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, 1<<20))
	return data, errors.Join(err, f.Close())
}

func (b *block) close() error { return errors.Join(b.index.Close(), b.chunks.Close()) }

// Close unmaps and closes the files.
func (db *DB) Close() error {
	errs := []error{db.head.close()}
	for _, b := range db.blocks {
		errs = append(errs, b.close())
	}
	return errors.Join(errs...)
}

// Querier opens the blocks that overlap a time range in milliseconds, both ends included, as the engine asks for it, and the newest
// samples.
func (db *DB) Querier(mint, maxt int64) (storage.Querier, error) {
	var some []storage.Querier
	for _, b := range db.blocks {
		if b.mint <= maxt && mint < b.maxt {
			some = append(some, &querier{block: b, mint: mint, maxt: maxt})
		}
	}
	if db.head.has(maxt) {
		some = append(some, &headQuerier{head: db.head, mint: mint, maxt: maxt})
	}
	return storage.NewMergeQuerier(some, nil, storage.ChainedSeriesMerge), nil
}
