package live

import (
	"cmp"
	"slices"
	"strings"

	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/kube"
)

// use is the evidence that an object is written through an API version.
type use struct {
	apiVersion string
	owner      string // in words; "" when it is not known
}

// uses applies the rule of the package comment to one object of a kind. counts says which of the kind's API versions
// count: they fade at the target and the cluster serves them. listed is the version through which the object was read.
// stale reports leftovers that name a version which fades and do not count.
func uses(m kube.Metadata, kind, listed string, counts, fades func(lifecycle.GVK) bool) (found []use, stale bool) {
	managers := map[string][]string{}
	for _, f := range m.Writers {
		switch k := lifecycle.ParseGVK(f.APIVersion, kind); {
		case counts(k) && !controlPlane(f.Manager):
			if !slices.Contains(managers[f.APIVersion], f.Manager) {
				managers[f.APIVersion] = append(managers[f.APIVersion], f.Manager)
			}
		case fades(k) && !controlPlane(f.Manager):
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
	if m.LastApplied != "" && managers[m.LastApplied] == nil && fades(lifecycle.ParseGVK(m.LastApplied, kind)) {
		if len(m.Writers) == 0 && counts(lifecycle.ParseGVK(m.LastApplied, kind)) {
			return append(found, use{m.LastApplied, "kubectl apply"}), stale
		}
		stale = true
	}
	if len(m.Writers) == 0 && m.LastApplied == "" && counts(lifecycle.ParseGVK(listed, kind)) {
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
