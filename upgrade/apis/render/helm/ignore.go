package helm

import (
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"helm.sh/helm/v4/pkg/ignore"
)

// IgnoreFile is the name of the file that says which files of a chart's folder do not belong to it.
const IgnoreFile = ".helmignore"

// Kept returns the files of a folder that belong to the chart by the rules of its .helmignore, as Helm reads them. Rules are not
// for packed charts.
func Kept(files []File, rules string) ([]File, error) {
	parsed, err := ignore.Parse(strings.NewReader(rules))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", IgnoreFile, err)
	}
	var out []File
	for _, f := range files {
		if !ignored(parsed, f.Name) {
			out = append(out, f)
		}
	}
	return out, nil
}

// ignored reports whether rules leave out a file, or a folder that it is in.
func ignored(rules *ignore.Rules, name string) bool {
	for i, c := range name {
		if c == '/' && rules.Ignore(name[:i], entry{path.Base(name[:i]), true}) {
			return true
		}
	}
	return rules.Ignore(name, entry{path.Base(name), false})
}

// entry is a name as the rules want to see it.
type entry struct {
	name   string
	folder bool
}

func (e entry) Name() string       { return e.name }
func (e entry) IsDir() bool        { return e.folder }
func (e entry) Size() int64        { return 0 }
func (e entry) Mode() fs.FileMode  { return 0o444 }
func (e entry) ModTime() time.Time { return time.Time{} }
func (e entry) Sys() any           { return nil }
