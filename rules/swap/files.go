package swap

import (
	"maps"
	"path/filepath"
	"strings"

	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/compile/promtest"
	"treadmill/rules/defaults"
)

// MaxObject is how many bytes an object may have. kubectl apply, and Argo CD unless it is told otherwise, keep a copy of an object in one
// of its annotations, and the API server takes annotations of 262,144 bytes (TotalAnnotationSizeLimitB of k8s.io/apimachinery).
const MaxObject = 200_000

// Values is the overlay of the chart for a step.
func (s *Swap) Values(step Step) []byte {
	beside := s.Platform(step)
	for i, f := range s.Beside(step) {
		name := "treadmill-guards"
		if i > 0 {
			name += "-" + f.Name
		}
		beside = append(beside, rules.Set{Name: name, Groups: f.Groups})
	}
	r := s.Final
	if step == BurnIn {
		r = defaults.Replacement{Files: s.Installed}
	}
	return defaults.Overlay(s.Installed, r, beside, s.Chart)
}

// Differences says where rendered rules are not those of a step.
func (s *Swap) Differences(step Step, got []rules.File) []string {
	return defaults.Differences(s.Rules(step), got)
}

// Files are the files of all steps by their path.
func (s *Swap) Files(format rules.Format) map[string][]byte {
	out := map[string][]byte{}
	for _, step := range Steps() {
		folder := filepath.Join(string(step), "rules")
		out[filepath.Join(folder, "kept.yaml")] = format.Append([]byte{}, sets(s.Kept(step))...)
		out[filepath.Join(folder, "platform.yaml")] = format.Append([]byte{}, atHome(s.Installed, s.Platform(step))...)
		out[filepath.Join(folder, "guards.yaml")] = format.Append([]byte{}, atHome(s.Installed, sets(s.Beside(step)))...)
		out[filepath.Join(string(step), "values.yaml")] = s.Values(step)
	}
	for _, r := range s.SLOs {
		for name, text := range promtest.Of(r, compile.Options{}).Files {
			out[filepath.Join("tests", name)] = text
		}
	}
	out["alertmanager.yaml"] = defaults.Alertmanager(s.By())
	if silence := defaults.UpgradeSilence(s.Final.Fates); silence != nil {
		out["upgrade-silence.sh"] = silence.Script()
	}
	return out
}

// sets are the objects of files: those that they were, or one for a file that holds none.
func sets(files []rules.File) []rules.Set {
	var out []rules.Set
	for _, f := range files {
		namespace, name, found := strings.Cut(f.Object, "/")
		if !found {
			namespace, name = "", f.Object
		}
		if name == "" {
			name = strings.TrimSuffix(filepath.Base(f.Name), filepath.Ext(f.Name))
		}
		out = append(out, rules.Set{Name: name, Namespace: namespace, Labels: Managed(f.Labels), Groups: f.Groups})
	}
	return out
}

// Managed is the labels of an object: those given, and who manages it.
func Managed(given ...map[string]string) map[string]string {
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
		sets[i].Namespace, sets[i].Labels = namespace, Managed(labels)
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
			return f.Labels[k] != v || k == "chart" || k == "heritage" || strings.HasPrefix(k, "helm.sh/") ||
				strings.HasPrefix(k, "app.kubernetes.io/")
		})
	}
	return namespace, labels
}
