package auditlog

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// errLong says that a line is longer than maxLine and was skipped; errCut that the last line does not end.
var (
	errLong = errors.New("line too long")
	errCut  = errors.New("line is cut off")
)

// readLine reads one line without its end. With errCut it returns the rest of the input. The bytes are good until the next call.
func readLine(r *bufio.Reader) ([]byte, error) {
	line, err := r.ReadSlice('\n')
	if err == nil {
		return bytes.TrimRight(line, "\r\n"), nil
	}
	var long []byte
	size := 0
	for errors.Is(err, bufio.ErrBufferFull) {
		if size += len(line); size <= maxLine {
			long = append(long, line...)
		}
		line, err = r.ReadSlice('\n')
	}
	size += len(line)
	long = append(long, line...)
	switch {
	case err != nil && err != io.EOF:
		return nil, err
	case size > maxLine:
		return nil, errLong
	case errors.Is(err, io.EOF) && size == 0:
		return nil, io.EOF
	case errors.Is(err, io.EOF):
		return long, errCut
	}
	return bytes.TrimRight(long, "\r\n"), nil
}
