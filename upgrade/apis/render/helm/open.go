package helm

import "treadmill/upgrade/apis/read"

// Open reads a chart: a folder, or the archive that helm package and helm pull write.
func Open(open read.Opener, path string) ([]File, error) { return openWith(open, nil, path) }

// openWith reads a chart, with the dependencies that a library has.
func openWith(open read.Opener, library *Library, path string) ([]File, error) {
	if read.IsArchive(path) {
		return unpackFile(open, path)
	}
	return gather(open, library, path)
}

func unpackFile(open read.Opener, path string) ([]File, error) {
	f, err := open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Unpack(f, path)
}

// Files reads a chart with the dependencies that are at hand.
func (r Renderer) Files(path string) ([]File, error) { return openWith(r.Open, r.Library, path) }
