// Package crd has what a definition of a custom resource says of the life of its versions.
//
// It reads the object as an API server answers it, in apiextensions.k8s.io/v1, and judges nothing.
package crd

import (
	"slices"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/object"
)

// Definition is what is read of a CustomResourceDefinition.
type Definition struct {
	Source        object.Source `json:"-"`
	diag.Position `json:"-"`
	Metadata      struct {
		Name string `json:"name"`
	} `json:"metadata"`
	Spec struct {
		Group string `json:"group"`
		Names struct {
			Kind   string `json:"kind"`
			Plural string `json:"plural"`
		} `json:"names"`
		Versions []Version `json:"versions"`
	} `json:"spec"`
	Status struct {
		StoredVersions []string `json:"storedVersions"`
	} `json:"status"`
}

// Version is one version of a definition.
type Version struct {
	Name       string `json:"name"`
	Served     bool   `json:"served"`
	Storage    bool   `json:"storage"`
	Deprecated bool   `json:"deprecated"`
	Warning    string `json:"deprecationWarning"`
}

// Version finds a version by its name.
func (d Definition) Version(name string) (Version, bool) {
	i := slices.IndexFunc(d.Spec.Versions, func(v Version) bool { return v.Name == name })
	if i < 0 {
		return Version{}, false
	}
	return d.Spec.Versions[i], true
}
