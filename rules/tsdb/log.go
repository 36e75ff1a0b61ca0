package tsdb

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/util/compression"
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

// The layout of a log: pages of 32 KiB with fragments of records, each behind a byte for its type and compression, a length and a
// checksum (https://github.com/prometheus/prometheus/blob/main/tsdb/docs/format/wal.md, read 2026-11). A type of 0 ends a page.
const (
	pageSize   = 32 << 10
	headerSize = 7
	fragFull   = 1
	fragFirst  = 2
	fragMiddle = 3
	fragLast   = 4
	asSnappy   = 1 << 3
	asZstd     = 1 << 4
)

// records calls work with every record of the file. Bytes that do not belong to a whole record are an error that says where; what comes
// after them is not read.
func (s *segment) records(work func(record []byte) error) error {
	f := frames{in: bufio.NewReaderSize(io.NewSectionReader(s.at, 0, s.size), pageSize), castagnoli: crc32.MakeTable(crc32.Castagnoli),
		decode: compression.NewSyncDecodeBuffer()}
	for {
		at := f.read
		record, err := f.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = work(record)
		}
		if err != nil {
			return &brokenLog{s.name, at, err}
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

// frames puts records together out of their fragments.
type frames struct {
	in         *bufio.Reader
	read       int64
	part       []byte
	castagnoli *crc32.Table
	decode     compression.DecodeBuffer
}

// next is the next record, valid until the one after it is read; io.EOF at the end of the file.
func (f *frames) next() ([]byte, error) {
	f.part = f.part[:0]
	for begun := false; ; begun = true {
		header, err := f.fragment()
		switch {
		case errors.Is(err, io.EOF) && begun:
			return nil, errors.New("the last record is not whole")
		case err != nil:
			return nil, err
		}
		kind := header &^ (asSnappy | asZstd)
		if want := kind == fragMiddle || kind == fragLast; kind > fragLast || begun != want {
			return nil, fmt.Errorf("a fragment of type %d is out of place", kind)
		}
		if kind == fragFull || kind == fragLast {
			how := compression.None
			if header&asSnappy != 0 {
				how = compression.Snappy
			} else if header&asZstd != 0 {
				how = compression.Zstd
			}
			return compression.Decode(how, f.part, f.decode)
		}
	}
}

// fragment appends the next fragment to the part.
func (f *frames) fragment() (header byte, err error) {
	for {
		if header, err = f.in.ReadByte(); err != nil {
			return 0, err // the end of the file between two fragments
		}
		f.read++
		if header != 0 {
			break
		}
		n, err := f.in.Discard(int((pageSize - f.read%pageSize) % pageSize))
		f.read += int64(n)
		if err != nil {
			return 0, err
		}
	}
	var rest [headerSize - 1]byte
	if _, err := io.ReadFull(f.in, rest[:]); err != nil {
		return 0, torn(err)
	}
	length, sum := int(binary.BigEndian.Uint16(rest[:])), binary.BigEndian.Uint32(rest[2:])
	if length > pageSize-headerSize || len(f.part) > math.MaxInt32 {
		return 0, fmt.Errorf("a fragment is %d bytes long", length)
	}
	begin := len(f.part)
	f.part = slices.Grow(f.part, length)[:begin+length]
	if _, err := io.ReadFull(f.in, f.part[begin:]); err != nil {
		return 0, torn(err)
	}
	f.read += int64(len(rest) + length)
	if crc32.Checksum(f.part[begin:], f.castagnoli) != sum {
		return 0, errors.New("the checksum is not right")
	}
	return header, nil
}

func torn(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the last record is not whole")
	}
	return err
}
