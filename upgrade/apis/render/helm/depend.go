package helm

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// dependency is a chart that another one wants.
type dependency struct {
	Name       string `yaml:"name"`
	Version    string `yaml:"version"`
	Repository string `yaml:"repository"`
}

// absent lists the dependencies of a chart that are not in its folder charts/, where helm dependency build would put them.
func absent(files []File) []dependency {
	var out []dependency
	for _, f := range files {
		var chart struct {
			Dependencies []dependency `yaml:"dependencies"`
		}
		if f.Name != "Chart.yaml" && f.Name != "requirements.yaml" || yaml.Unmarshal(f.Data, &chart) != nil {
			continue
		}
		for _, d := range chart.Dependencies {
			if d.Name != "" && !has(files, d.Name) && !strings.ContainsAny(d.Name, `/\`) {
				out = append(out, d)
			}
		}
	}
	return out
}

// beside is the folder of a dependency that is named by its place (repository: file://../common), relative to the chart's folder
// and with slashes.
func (d dependency) beside() (string, bool) {
	below, ok := strings.CutPrefix(d.Repository, "file://")
	return path.Clean(below), ok
}

// has reports whether a chart has a subchart of a name in charts/, as a folder or packed.
func has(files []File, name string) bool {
	for _, f := range files {
		below, ok := strings.CutPrefix(f.Name, "charts/")
		if ok && (strings.HasPrefix(below, name+"/") || strings.HasPrefix(below, name+"-") && strings.HasSuffix(below, ".tgz")) {
			return true
		}
	}
	return false
}
