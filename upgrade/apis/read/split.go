package read

import (
	"bytes"
	"errors"
	"io"

	"treadmill/internal/yamlx"
)

// maxDocument is the largest document that is held in memory, in bytes. MaxParsed is the largest that is given to the
// YAML parser, which needs some twenty times its size.
const (
	maxDocument = 64 << 20
	MaxParsed   = 8 << 20
)

// splitter cuts a stream at its document markers: lines of "---" that end there or go on with white space. In YAML such
// a line ends a document even inside a block scalar (https://yaml.org/spec/1.2.2/#914-explicit-documents). Directives such
// as "%YAML 1.1" belong to the document whose marker they stand before.
type splitter struct {
	r     io.Reader
	buf   []byte // reused from file to file
	start int    // where the document begins in buf
	line  int    // its first line
	eof   bool
	fresh bool // the mark at the beginning was not looked for yet
}

func (s *splitter) reset(r io.Reader) {
	s.r, s.buf, s.start, s.line, s.eof, s.fresh = r, s.buf[:0], 0, 1, false, true
}

// errTooLarge says that a document is larger than maxDocument. The splitter goes on with the next one.
var errTooLarge = errors.New("document too large")

// next returns the next document and the number of its first line. The bytes are good until the next call.
// At the end the error is io.EOF.
func (s *splitter) next() (doc []byte, line int, err error) {
	large := false
	line = s.line
	for scanned := s.start; ; {
		if at := marker(s.buf, max(scanned, s.start+1), s.eof); at > 0 {
			to := at
			if !large {
				to = s.start + yamlx.Directives(s.buf[s.start:at])
			}
			if to == s.start {
				scanned = at + 1
				continue
			}
			doc = s.buf[s.start:to]
			s.start = to
			break
		}
		if s.eof {
			doc = s.buf[s.start:]
			s.start = len(s.buf)
			break
		}
		if len(s.buf)-s.start > maxDocument {
			large = true
			keep := min(8, len(s.buf)) // a marker may be cut in two
			s.line += bytes.Count(s.buf[s.start:len(s.buf)-keep], []byte("\n"))
			s.start = len(s.buf) - keep
		}
		scanned = max(s.start, len(s.buf)-8)
		shift := s.start
		if err := s.fill(); err != nil {
			return nil, line, err
		}
		scanned = max(0, scanned-(shift-s.start))
	}
	s.line += bytes.Count(doc, []byte("\n"))
	switch {
	case large:
		return nil, line, errTooLarge
	case len(doc) == 0:
		return nil, line, io.EOF
	}
	return unmarked(doc), line, nil
}

// unmarked takes the byte order mark out that may stand behind the marker of a document, as in files that were put together.
func unmarked(doc []byte) []byte {
	if !bytes.HasPrefix(doc, []byte("---")) {
		return doc
	}
	at := bytes.IndexByte(doc, '\n') + 1
	if at == 0 || !bytes.HasPrefix(doc[at:], []byte("\xef\xbb\xbf")) {
		return doc
	}
	copy(doc[3:], doc[:at])
	return doc[3:]
}

// fill reads more, moving what is still needed to the front first.
func (s *splitter) fill() error {
	if s.start > 0 {
		s.buf = s.buf[:copy(s.buf, s.buf[s.start:])]
		s.start = 0
	}
	if len(s.buf) == cap(s.buf) {
		grown := make([]byte, len(s.buf), max(64<<10, 2*cap(s.buf)))
		copy(grown, s.buf)
		s.buf = grown
	}
	n, err := s.r.Read(s.buf[len(s.buf):cap(s.buf)])
	s.buf = s.buf[:len(s.buf)+n]
	eof := errors.Is(err, io.EOF)
	if s.fresh && (len(s.buf) >= 4 || eof) {
		s.fresh = false
		if order, mark := utf16Order(s.buf); order != nil {
			s.r, s.buf = newUTF16Reader(io.MultiReader(bytes.NewReader(bytes.Clone(s.buf[mark:])), s.r), order), s.buf[:0]
			return nil
		}
		if bytes.HasPrefix(s.buf, []byte("\xef\xbb\xbf")) {
			s.start = 3
		}
	}
	if eof {
		s.eof = true
		return nil
	}
	return err
}

// marker returns where the next document marker from a place on begins, 0 when there is none yet.
func marker(buf []byte, from int, eof bool) int {
	for from > 0 && from < len(buf) {
		i := bytes.Index(buf[from-1:], []byte("\n---"))
		if i < 0 {
			return 0
		}
		at := from + i
		switch {
		case at+3 == len(buf):
			if eof {
				return at
			}
			return 0
		case bytes.IndexByte([]byte(" \t\r\n"), buf[at+3]) >= 0:
			return at
		}
		from = at + 1
	}
	return 0
}
