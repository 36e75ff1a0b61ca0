package kube

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"treadmill/upgrade/apis/lifecycle"
)

// meta is what is kept of an object's metadata while it is judged.
type meta struct {
	namespace, name string
	labels          map[string]string // only where they were asked for
	lastApplied     string            // the API version that the annotation last-applied-configuration names
	fields          []fieldsEntry
}

// fieldsEntry is one entry of metadata.managedFields, without the fields themselves.
type fieldsEntry struct {
	manager, apiVersion string
}

// lastAppliedKey is where kubectl apply keeps the manifest that it applied.
const lastAppliedKey = "kubectl.kubernetes.io/last-applied-configuration"

// lastAppliedVersion returns the API version in an annotation's text, "" when there is none.
func lastAppliedVersion(text []byte) string {
	var manifest struct {
		APIVersion string `json:"apiVersion"`
	}
	if json.Unmarshal(text, &manifest) != nil {
		return ""
	}
	return manifest.APIVersion
}

// use is the evidence that an object is written through an API version.
type use struct {
	apiVersion string
	owner      string // in words; "" when it is not known
}

// uses applies the rule of the package comment to one object of a kind. counts says which of the kind's API versions
// count: they fade at the target and the cluster serves them. listed is the version through which the object was read.
// stale reports leftovers that name a version which fades and do not count.
func uses(m meta, kind, listed string, counts, fades func(lifecycle.GVK) bool) (found []use, stale bool) {
	managers := map[string][]string{}
	for _, f := range m.fields {
		switch k := lifecycle.ParseGVK(f.apiVersion, kind); {
		case counts(k) && !controlPlane(f.manager):
			if !slices.Contains(managers[f.apiVersion], f.manager) {
				managers[f.apiVersion] = append(managers[f.apiVersion], f.manager)
			}
		case fades(k) && !controlPlane(f.manager):
			stale = true
		}
	}
	for v, names := range managers {
		slices.Sort(names)
		word := "field manager "
		if len(names) > 1 {
			word = "field managers "
		}
		found = append(found, use{v, word + strings.Join(names, ", ")})
	}
	slices.SortFunc(found, func(a, b use) int { return cmp.Compare(a.apiVersion, b.apiVersion) })
	if m.lastApplied != "" && managers[m.lastApplied] == nil && fades(lifecycle.ParseGVK(m.lastApplied, kind)) {
		if len(m.fields) == 0 && counts(lifecycle.ParseGVK(m.lastApplied, kind)) {
			return append(found, use{m.lastApplied, "kubectl apply"}), stale
		}
		stale = true
	}
	if len(m.fields) == 0 && m.lastApplied == "" && counts(lifecycle.ParseGVK(listed, kind)) {
		found = append(found, use{apiVersion: listed})
	}
	return found, stale
}

// controlPlane reports whether a field manager is a part of the control plane, which an upgrade replaces.
func controlPlane(manager string) bool {
	switch manager {
	case "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "cloud-controller-manager":
		return true
	}
	return strings.HasPrefix(manager, "api-priority-and-fairness-config-")
}
