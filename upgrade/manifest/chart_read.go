package manifest

import (
	"io/fs"

	"treadmill/upgrade/manifest/chart"
)

// ChartFiles reads a chart: a folder, or the archive that helm package and helm pull write.
func ChartFiles(open func(string) (fs.File, error), path string) ([]chart.File, error) {
	if isArchive(path) {
		f, err := open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return chart.Unpack(f, path)
	}
	return gather(open, path)
}
