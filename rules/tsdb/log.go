package tsdb

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/tsdb/wlog"
)

// segment is one file of a log, as long as it was when it was opened: a server may go on writing it.
type segment struct {
	name string
	file fs.File
	at   io.ReaderAt
	size int64
}

func (s *segment) close() error { return s.file.Close() }

// openLog opens the files of a log in the order in which they were written: the newest checkpoint and what came after it. They
// are kept open, so that a server that puts them away takes nothing from under the reader. A folder that is not there is no log.
func openLog(dir string, files Files) ([]*segment, error) {
	const tries = 3 // the server may put a checkpoint in the place of files between their listing and their opening
	for try := 1; ; try++ {
		out, err := openSegments(dir, files)
		if err == nil || try == tries || !errors.Is(err, fs.ErrNotExist) {
			return out, err
		}
	}
}

func openSegments(dir string, files Files) (out []*segment, err error) {
	defer func() {
		if err != nil {
			err = errors.Join(err, closeAll(out))
			out = nil
		}
	}()
	names, err := files.List(dir)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be listed: %w", dir, err)
	}
	checkpoint, after := newestCheckpoint(names)
	if checkpoint != "" {
		of := filepath.Join(dir, checkpoint)
		parts, err := files.List(of)
		if err != nil {
			return nil, fmt.Errorf("%s cannot be listed: %w", of, err)
		}
		if out, err = openNumbered(out, of, numbered(parts, -1), files); err != nil {
			return out, err
		}
	}
	return openNumbered(out, dir, numbered(names, after), files)
}

// newestCheckpoint is the folder checkpoint.N with the highest N, which stands for the files up to N.
func newestCheckpoint(names []string) (name string, after int) {
	after = -1
	for _, n := range names {
		text, found := strings.CutPrefix(strings.TrimSuffix(n, "/"), "checkpoint.")
		if i, err := strconv.Atoi(text); found && err == nil && i > after {
			name, after = "checkpoint."+text, i
		}
	}
	return name, after
}

// numbered is the names that are numbers above one, in order.
func numbered(names []string, above int) []string {
	out := slices.DeleteFunc(slices.Clone(names), func(n string) bool {
		i, err := strconv.Atoi(n)
		return err != nil || i <= above
	})
	slices.SortFunc(out, func(a, b string) int { return number(a) - number(b) })
	return out
}

func number(name string) int {
	i, _ := strconv.Atoi(name) // numbered has tried it
	return i
}

func openNumbered(out []*segment, dir string, names []string, files Files) ([]*segment, error) {
	for i, n := range names {
		if i > 0 && number(n) != number(names[i-1])+1 {
			return out, fmt.Errorf("%s: the file between %s and %s is missing, and with it a part of the log", dir, names[i-1], n)
		}
		s, err := openSegment(filepath.Join(dir, n), files)
		if err != nil {
			return out, err
		}
		out = append(out, s)
	}
	return out, nil
}

func openSegment(name string, files Files) (*segment, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%s: the log cannot be read: %w", name, err)
	}
	info, err := f.Stat()
	at, ok := f.(io.ReaderAt)
	if err == nil && !ok {
		err = errors.New("it is no plain file")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: the log cannot be read: %w", name, err), f.Close())
	}
	return &segment{name, f, at, info.Size()}, nil
}

func closeAll(all []*segment) error {
	var errs []error
	for _, s := range all {
		errs = append(errs, s.close())
	}
	return errors.Join(errs...)
}

var errNotWhole = errors.New("the last record is not whole")

// records calls work with every record of the file. Bytes that do not belong to a whole record are an error that says where; what comes
// after them is not read.
func (s *segment) records(work func(record []byte) error) error {
	const page = 32 << 10
	r := wlog.NewReader(bufio.NewReaderSize(io.NewSectionReader(s.at, 0, s.size), page))
	whole := int64(0) // the end of the last whole record
	for r.Next() {
		if err := work(r.Record()); err != nil {
			return &brokenLog{s.name, whole, err}
		}
		whole = r.Offset()
	}
	if err := r.Err(); err != nil {
		var broken *wlog.CorruptionErr
		if errors.As(err, &broken) {
			err = broken.Err
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = errNotWhole
		}
		return &brokenLog{s.name, whole, err}
	}
	return s.ends(whole)
}

// ends reports what stands after the last whole record: the rest of a page is zeros, and anything else is the beginning of a record.
func (s *segment) ends(whole int64) error {
	rest := bufio.NewReader(io.NewSectionReader(s.at, whole, s.size-whole))
	for {
		b, err := rest.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err == nil && b != 0:
			err = errNotWhole
		}
		if err != nil {
			return &brokenLog{s.name, whole, err}
		}
	}
}

// brokenLog is a place in a log from which on it cannot be read.
type brokenLog struct {
	name string
	at   int64
	err  error
}

func (b *brokenLog) Error() string {
	return fmt.Sprintf("%s: the log breaks off at byte %d: %v", b.name, b.at, b.err)
}

func (b *brokenLog) Unwrap() error { return b.err }
