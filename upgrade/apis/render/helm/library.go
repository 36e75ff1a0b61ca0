package helm

import (
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"sync"

	"github.com/Masterminds/semver/v3"
	"go.yaml.in/yaml/v3"

	"treadmill/upgrade/apis/read"
)

// Library is the charts that are at hand, as folders and packed: those of the tree, and those in folders that the user names, such
// as Helm's own cache. It is looked through when it is first asked; what is not there is looked for in the repositories of the tree.
type Library struct {
	Open  read.Opener
	Paths []string

	once, further sync.Once
	charts, above map[string][]shelved
}

// shelved is a chart in a library.
type shelved struct {
	version *semver.Version
	path    string
}

// Find returns the place of the newest chart of a name whose version a constraint takes; any version for "".
func (l *Library) Find(name, constraint string) (path string, ok bool) {
	if l == nil {
		return "", false
	}
	var want *semver.Constraints
	if constraint != "" {
		c, err := semver.NewConstraint(constraint)
		if err != nil {
			return "", false
		}
		want = c
	}
	if l.once.Do(func() { l.charts = l.look(l.Paths) }); len(l.charts[name]) > 0 {
		if path, ok = newest(l.charts[name], want); ok {
			return path, true
		}
	}
	l.further.Do(func() { l.above = l.look(l.repositories()) })
	return newest(l.above[name], want)
}

// newest is the newest of some charts that a constraint takes.
func newest(charts []shelved, want *semver.Constraints) (path string, ok bool) {
	var best *semver.Version
	for _, c := range charts {
		if (want == nil || want.Check(c.version)) && (best == nil || best.LessThan(c.version)) {
			best, path = c.version, c.path
		}
	}
	return path, best != nil
}

// repositories are the folders with a .git above the tree.
func (l *Library) repositories() []string {
	var roots []string
	for _, p := range l.Paths {
		if p == "-" {
			continue
		}
		for up, n := filepath.Clean(p), 0; n < maxClimb; n++ {
			if l.Open.Has(filepath.Join(up, ".git")) {
				if n > 0 && !slices.Contains(roots, up) {
					roots = append(roots, up)
				}
				break
			}
			up = filepath.Join(up, "..")
		}
	}
	return roots
}

// maxClimb is how many folders above the tree a repository may begin.
const maxClimb = 12

// look lists the charts below some folders.
func (l *Library) look(paths []string) map[string][]shelved {
	charts := map[string][]shelved{}
	for in := range read.Walk(l.Open, paths, true, nil) {
		var name, version string
		switch in.As {
		case read.Chart:
			name, version = l.named(in.Name)
		case read.Archive:
			name, version = packedAs(in.Name)
		}
		if v, err := semver.NewVersion(version); err == nil && name != "" {
			charts[name] = append(charts[name], shelved{v, in.Name})
		}
	}
	return charts
}

// named reads what the chart in a folder is called.
func (l *Library) named(dir string) (name, version string) {
	f, err := l.Open(filepath.Join(dir, read.ChartFile))
	if err != nil {
		return "", ""
	}
	defer f.Close()
	var chart struct {
		Name    string `yaml:"name"`
		Version string `yaml:"version"`
	}
	data, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil || yaml.Unmarshal(data, &chart) != nil {
		return "", ""
	}
	return chart.Name, chart.Version
}

var packedPattern = regexp.MustCompile(`^(.+?)-v?(\d+\.\d+\.\d+(?:[-+].*)?)\.tgz$`)

// packedAs reads what a packed chart is called off its name, which helm package makes of both.
func packedAs(path string) (name, version string) {
	m := packedPattern.FindStringSubmatch(filepath.Base(path))
	if m == nil {
		return "", ""
	}
	return m[1], m[2]
}
