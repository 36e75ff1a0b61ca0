package helm

import (
	"archive/tar"
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"treadmill/upgrade/apis/read"
)

// What an archive may hold, counting the archives in it.
const (
	maxUnpacked = 128 << 20
	maxFiles    = 20_000
	maxNested   = 8
)

// room is what may still be unpacked, and whether it may lie beside the folder of a chart.
type room struct {
	bytes, files int
	flat         bool
}

// Unpack reads the files of a packed chart, a .tgz. where is its path. Names that lead out of the chart are refused; links
// and devices are left out, as Helm does.
func Unpack(r io.Reader, where string) ([]File, error) {
	return unpack(r, where, &room{bytes: maxUnpacked, files: maxFiles})
}

// unpackAny reads the files of any archive: one that is not named .tgz need not be packed, and may hold files of any place.
func unpackAny(r io.Reader, where string) ([]File, error) {
	if read.IsArchive(where) {
		return Unpack(r, where)
	}
	return unpack(r, where, &room{bytes: maxUnpacked, files: maxFiles, flat: true})
}

// decompressed is the text of a gzip archive, or of one that is not packed if that may be.
func decompressed(r io.Reader, plain bool) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	if mark, err := buffered.Peek(2); plain && err == nil && !bytes.Equal(mark, []byte{0x1f, 0x8b}) {
		return buffered, nil
	}
	unzipped, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, fmt.Errorf("is no gzip archive: %w", err)
	}
	return unzipped, nil // the checksum at its end says nothing that tar did not
}

func unpack(r io.Reader, where string, left *room) ([]File, error) {
	unzipped, err := decompressed(r, left.flat)
	if err != nil {
		return nil, err
	}
	var files []File
	for t := tar.NewReader(unzipped); ; {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("is no whole tar archive: %w", err)
		}
		if h.Typeflag != tar.TypeReg {
			continue
		}
		name := strings.TrimPrefix(strings.ReplaceAll(h.Name, `\`, "/"), "./")
		_, below, ok := strings.Cut(name, "/")
		if !ok && left.flat {
			below, ok = name, true
		}
		if !ok || below == "" || path.IsAbs(name) || path.IsAbs(below) || leadsOut(name) {
			return nil, fmt.Errorf("has the name %q, which leads out of the chart", h.Name)
		}
		left.files--
		if h.Size > int64(left.bytes) || left.files < 0 {
			return nil, fmt.Errorf("unpacks to more than %d MiB or %d files", maxUnpacked>>20, maxFiles)
		}
		data, err := io.ReadAll(io.LimitReader(t, int64(left.bytes)+1))
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		left.bytes -= len(data)
		files = append(files, File{Name: path.Clean(below), Path: path.Join(where, path.Clean(name)),
			Data: bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))})
	}
	if len(files) == 0 {
		return nil, errors.New("holds no files")
	}
	return files, nil
}

func leadsOut(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		if part == ".." {
			return true
		}
	}
	return len(name) > 1 && name[1] == ':'
}

// unfold replaces packed subcharts by their files.
func unfold(files []File) ([]File, error) {
	left := &room{bytes: maxUnpacked, files: maxFiles}
	for range maxNested {
		var out []File
		found := false
		for _, f := range files {
			dir, base := path.Split(f.Name)
			if !strings.HasSuffix(base, ".tgz") || dir != "charts/" && !strings.HasSuffix(dir, "/charts/") {
				out = append(out, f)
				continue
			}
			inner, err := unpack(bytes.NewReader(f.Data), f.Path, left)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", f.Path, err)
			}
			found = true
			for _, i := range inner {
				i.Name = dir + strings.TrimSuffix(base, ".tgz") + "/" + i.Name
				out = append(out, i)
			}
		}
		if files = out; !found {
			return files, nil
		}
	}
	return nil, fmt.Errorf("charts are packed deeper than %d times", maxNested)
}
