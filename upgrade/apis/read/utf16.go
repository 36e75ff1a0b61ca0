package read

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// utf16Order is the byte order of a text in UTF-16, by the mark that it begins with, which has a length, or without one by the zeros
// of its first two characters (https://yaml.org/spec/1.2.2/#52-character-encodings); nil for any other text. Editors and shells on
// Windows write such files. The mark of UTF-32 begins like one of them.
func utf16Order(head []byte) (order binary.ByteOrder, mark int) {
	zero := func(i int) bool { return head[i] == 0 }
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")):
		return nil, 0
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return binary.LittleEndian, 2
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return binary.BigEndian, 2
	case len(head) < 4:
	case !zero(0) && zero(1) && !zero(2) && zero(3):
		return binary.LittleEndian, 0
	case zero(0) && !zero(1) && zero(2) && !zero(3):
		return binary.BigEndian, 0
	}
	return nil, 0
}

// utf16Reader reads a text in UTF-16 as UTF-8. Halves of pairs and a byte too much become U+FFFD.
type utf16Reader struct {
	r     *bufio.Reader
	order binary.ByteOrder
	rest  []byte // of a character that the caller had no room for
	ahead rune   // a unit that was read and does not belong to the one before; -1 for none
}

func newUTF16Reader(r io.Reader, order binary.ByteOrder) *utf16Reader {
	return &utf16Reader{r: bufio.NewReader(r), order: order, ahead: -1}
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	n := copy(p, u.rest)
	u.rest = u.rest[n:]
	for n < len(p) {
		c, err := u.char()
		if err != nil {
			if n > 0 {
				return n, nil
			}
			return 0, err
		}
		var b [utf8.UTFMax]byte
		size := utf8.EncodeRune(b[:], c)
		copied := copy(p[n:], b[:size])
		u.rest = append(u.rest[:0], b[copied:size]...)
		n += copied
	}
	return n, nil
}

// char reads one character.
func (u *utf16Reader) char() (rune, error) {
	first := u.ahead
	u.ahead = -1
	if first < 0 {
		var err error
		if first, err = u.unit(); err != nil {
			return 0, err
		}
	}
	if !utf16.IsSurrogate(first) {
		return first, nil
	}
	second, err := u.unit()
	if err != nil {
		return utf8.RuneError, nil //nolint:nilerr // the next call comes by the error again
	}
	if c := utf16.DecodeRune(first, second); c != utf8.RuneError {
		return c, nil
	}
	u.ahead = second
	return utf8.RuneError, nil
}

// unit reads two bytes.
func (u *utf16Reader) unit() (rune, error) {
	var b [2]byte
	if _, err := io.ReadFull(u.r, b[:]); errors.Is(err, io.ErrUnexpectedEOF) {
		return utf8.RuneError, nil
	} else if err != nil {
		return 0, err
	}
	return rune(u.order.Uint16(b[:])), nil
}
