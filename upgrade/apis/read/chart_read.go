package read

import (
	"io/fs"

	"treadmill/upgrade/apis/render/helm"
)

// ChartFiles reads a chart: a folder, or the archive that helm package and helm pull write.
func ChartFiles(open func(string) (fs.File, error), path string) ([]helm.File, error) {
	if isArchive(path) {
		f, err := open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return helm.Unpack(f, path)
	}
	return gather(open, path)
}
