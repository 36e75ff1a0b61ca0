package rules

import (
	"maps"
	"path/filepath"
	"strings"

	"treadmill/rules"
)

// ruleSets are the objects of files: those that they were, or one for a file that holds none.
func ruleSets(files []rules.File) []rules.Set {
	var sets []rules.Set
	for _, f := range files {
		namespace, name, found := strings.Cut(f.Object, "/")
		if !found {
			namespace, name = "", f.Object
		}
		if name == "" {
			name = strings.TrimSuffix(filepath.Base(f.Name), filepath.Ext(f.Name))
		}
		sets = append(sets, rules.Set{Name: name, Namespace: namespace, Labels: managed(f.Labels), Groups: f.Groups})
	}
	return sets
}

// managed is the labels of an object: those given, and who manages it.
func managed(given ...map[string]string) map[string]string {
	out := map[string]string{}
	for _, labels := range given {
		maps.Copy(out, labels)
	}
	out["app.kubernetes.io/managed-by"] = "treadmill"
	return out
}

// atHome puts new objects where the installed ones are.
func atHome(installed []rules.File, sets []rules.Set) []rules.Set {
	namespace, labels := home(installed)
	for i := range sets {
		sets[i].Namespace, sets[i].Labels = namespace, managed(labels)
	}
	return sets
}

// home is the namespace that the installed objects have in common, and the labels, by which a Prometheus selects them. Those that
// say which chart wrote an object are left out: it did not write ours.
func home(files []rules.File) (namespace string, labels map[string]string) {
	first := true
	for _, f := range files {
		if f.Object == "" {
			continue
		}
		own, _, found := strings.Cut(f.Object, "/")
		if !found {
			own = ""
		}
		if first {
			namespace, labels, first = own, maps.Clone(f.Labels), false
		}
		if own != namespace {
			namespace = ""
		}
		maps.DeleteFunc(labels, func(k, v string) bool {
			return f.Labels[k] != v || k == "chart" || k == "heritage" || strings.HasPrefix(k, "helm.sh/") || strings.HasPrefix(k, "app.kubernetes.io/")
		})
	}
	return namespace, labels
}
