package helm

import "treadmill/upgrade/apis/read"

// Open reads a chart: a folder, or the archive that helm package and helm pull write.
func Open(open read.Opener, path string) ([]File, error) {
	if read.IsArchive(path) {
		f, err := open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return Unpack(f, path)
	}
	return gather(open, path)
}
