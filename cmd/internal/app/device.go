package app

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/term"
)

// endless reports whether an open file is a device that can be read without end. The null device ends at once and a terminal when its user
// says so.
func endless(name string, f any, mode fs.FileMode) bool {
	if mode&(fs.ModeDevice|fs.ModeCharDevice) == 0 || name == os.DevNull {
		return false
	}
	file, ok := f.(*os.File)
	if !ok {
		return true
	}
	if term.IsTerminal(int(file.Fd())) {
		return false
	}
	null, err := os.Stat(os.DevNull)
	info, other := file.Stat()
	return err != nil || other != nil || !os.SameFile(null, info)
}

// kindOf names what is no file.
func kindOf(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something of another kind"
}

// refusing is standard input that is a device without end.
type refusing struct{}

func (refusing) Read([]byte) (int, error) {
	return 0, errors.New("standard input is a device, which has no end")
}

// boundedStdin is standard input, unless it has no end.
func boundedStdin(in io.Reader) io.Reader {
	if f, ok := in.(*os.File); ok {
		if info, err := f.Stat(); err == nil && endless(f.Name(), f, info.Mode()) {
			return refusing{}
		}
	}
	return in
}
