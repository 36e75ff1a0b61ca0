package helm

import (
	"path"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Local lists the dependencies of a chart that are folders beside it (repository: file://../common) and that it has not in
// charts/, where helm dependency build would put them: names to paths relative to the chart's folder, with slashes.
func Local(files []File) map[string]string {
	found := map[string]string{}
	for _, f := range files {
		var chart struct {
			Dependencies []struct {
				Name       string `yaml:"name"`
				Repository string `yaml:"repository"`
			} `yaml:"dependencies"`
		}
		if f.Name != "Chart.yaml" && f.Name != "requirements.yaml" || yaml.Unmarshal(f.Data, &chart) != nil {
			continue
		}
		for _, d := range chart.Dependencies {
			if below, ok := strings.CutPrefix(d.Repository, "file://"); ok && !has(files, d.Name) && !strings.ContainsAny(d.Name, `/\`) {
				found[d.Name] = path.Clean(below)
			}
		}
	}
	return found
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
