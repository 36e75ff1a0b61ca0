package upgrade

import (
	"cmp"
	"slices"
)

// Change is one thing that a release of Kubernetes changes for those who go to it.
type Change struct {
	In     Minor  `json:"in"`     // the release
	Kind   string `json:"kind"`   // api, config, flag, gate or metric
	Name   string `json:"name"`   // such as "apps/v1 Deployment", or "kubelet --boot-id-file"
	Change string `json:"change"` // removed, locked on, locked off, on by default, off by default, hidden, deprecated or added
	Use    string `json:"use"`    // what takes over; "" where nothing is known to
	Source string `json:"source"` // what says so
}

// Changes are the words of Change.Change, those that break most first.
func Changes() []string {
	return []string{"removed", "locked off", "locked on", "off by default", "on by default", "hidden", "deprecated", "added"}
}

// SortChanges orders changes by release, by how much they break, and by name, in place.
func SortChanges(all []Change) {
	words := Changes()
	slices.SortFunc(all, func(a, b Change) int {
		return cmp.Or(a.In.Compare(b.In), cmp.Compare(slices.Index(words, a.Change), slices.Index(words, b.Change)),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
}
