package addons

import (
	"slices"
	"strings"
)

// Image finds the add-on that a container image belongs to, and its version from the tag: "" for an image without one, or with
// a digest only. Registries and what stands before the known end of the repository do not matter, so mirrors are found too.
func (t Table) Image(ref string) (name, version string, ok bool) {
	repository, tag := splitImage(ref)
	longest := 0
	for _, e := range t.entries {
		for _, end := range e.Images {
			if (repository == end || strings.HasSuffix(repository, "/"+end)) && len(end) > longest {
				name, longest = e.Name, len(end)
			}
		}
	}
	if name == "" {
		return "", "", false
	}
	if _, err := lineOf(tag); err == nil {
		version = plain(tag)
	}
	return name, version, true
}

// splitImage takes a reference apart: repository without the digest, and tag.
func splitImage(ref string) (repository, tag string) {
	ref, _, _ = strings.Cut(ref, "@")
	if i := strings.LastIndexByte(ref, ':'); i > strings.LastIndexByte(ref, '/') {
		return ref[:i], ref[i+1:]
	}
	return ref, ""
}

// Chart finds the add-on that a Helm release installs, from the chart's name, its version and its appVersion.
func (t Table) Chart(chart, chartVersion, appVersion string) (name, version string, ok bool) {
	for _, e := range t.entries {
		if slices.Contains(e.Charts, chart) {
			if e.ChartVersion {
				return e.Name, plain(chartVersion), true
			}
			return e.Name, plain(appVersion), true
		}
	}
	return "", "", false
}
