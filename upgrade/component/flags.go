// Package component knows what the components of Kubernetes take on their command lines and in their configuration, release by release:
// flags, feature gates and admission plugins.
//
// The way through it: flags.tsv and gates.tsv (derived, see gen) → KnownFlags, KnownGates → Refuses: why a component of a release does
// not start with what is set. It knows kube-apiserver, kube-controller-manager, kube-scheduler, kubelet and kube-proxy since 1.28; what
// it never saw, such as a flag of a distribution, it does not judge.
package component

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"treadmill/internal/yamlx"
	"treadmill/upgrade"
)

//go:generate go run ./gen -out flags.tsv

// run is the releases from to to in which a component has a flag.
type run struct {
	from, to   upgrade.Minor
	deprecated bool
}

// Flags are the flags of the components of Kubernetes.
type Flags struct {
	oldest, newest, preview upgrade.Minor
	runs                    map[string][]run // by component and flag
	plugins                 map[string][]run // by admission plugin
	Date                    string           // the day on which their sources were read
}

// KnownFlags is the embedded table.
func KnownFlags() (Flags, error) { return FlagsIn(nil) }

// FlagsIn is the table in files of the form of Files, or the embedded one for nil.
func FlagsIn(from fs.FS) (Flags, error) {
	t := Flags{runs: map[string][]run{}, plugins: map[string][]run{}}
	text, err := read(from, "flags.tsv")
	if err != nil {
		return t, err
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		switch {
		case strings.HasPrefix(line, "#") || f[0] == "component":
		case len(f) == 2 && f[0] == "date":
			t.Date = f[1]
		case len(f) == 3 && f[0] == "preview":
			if err := t.preview.UnmarshalText([]byte(f[1])); err != nil {
				return t, fmt.Errorf("flags.tsv:%d: %w", n, err)
			}
		case len(f) == 5:
			r := run{deprecated: f[4] == "deprecated"}
			for i, into := range []*upgrade.Minor{&r.from, &r.to} {
				if err := into.UnmarshalText([]byte(f[2+i])); err != nil {
					return t, fmt.Errorf("flags.tsv:%d: %w", n, err)
				}
			}
			if name, ok := strings.CutPrefix(f[1], "enable-admission-plugins="); ok {
				t.plugins[name] = append(t.plugins[name], r)
			} else {
				t.add(f[0]+" "+f[1], r)
			}
		default:
			return t, fmt.Errorf("flags.tsv:%d: %d columns, want 5", n, len(f))
		}
	}
	return t, nil
}

func (t *Flags) add(key string, r run) {
	t.runs[key] = append(t.runs[key], r)
	if t.oldest.IsZero() || r.from.Less(t.oldest) {
		t.oldest = r.from
	}
	if t.newest.Less(r.to) {
		t.newest = r.to
	}
}

// Components are the components whose flags are known.
func Components() []string {
	return []string{"kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubelet"}
}

// plain is the name of a flag as command lines write it: without dashes before it and a value behind it.
func plain(flag string) string {
	flag, _, _ = strings.Cut(strings.TrimLeft(flag, "-"), "=")
	return strings.ReplaceAll(flag, "_", "-")
}

// release names a release, which may be one that is not out yet.
func (t Flags) release(target upgrade.Minor) string {
	if target == t.preview {
		return "the pre-release of " + target.String()
	}
	return target.String()
}

// Refuses says why a component of a release does not start with a flag, "" when it does, and since which release. Dashes before the flag,
// "_" for "-" and what comes after "=" do not matter. What no release since the oldest in the table has is not judged, nor a release that
// the table does not reach.
func (t Flags) Refuses(component, flag string, target upgrade.Minor) (why string, since upgrade.Minor) {
	flag = plain(flag)
	runs := t.runs[component+" "+flag]
	if len(runs) == 0 || target.Less(t.oldest) || t.newest.Less(target) {
		return "", upgrade.Minor{}
	}
	if slices.ContainsFunc(runs, func(r run) bool { return !target.Less(r.from) && !r.to.Less(target) }) {
		return "", upgrade.Minor{}
	}
	release := t.release(target)
	last := runs[len(runs)-1].to
	if target.Less(runs[0].from) {
		return fmt.Sprintf("the %s of %s does not know the flag --%s, which comes with %s, and does not start with it", component,
			release, flag, runs[0].from), runs[0].from
	}
	return fmt.Sprintf("the %s of %s does not know the flag --%s, which is gone since %s, and does not start with it: take it off",
		component, release, flag, last.Add(1)), last.Add(1)
}

// Unknown says that no release in the table has a flag of a component, "" when one has. Nothing is said of a release that the table does not
// reach.
func (t Flags) Unknown(component, flag string, target upgrade.Minor) string {
	flag = plain(flag)
	if !slices.Contains(Components(), component) || len(t.runs[component+" "+flag]) > 0 || target.Less(t.oldest) || t.newest.Less(target) ||
		slices.Contains([]string{"help", "h", "version"}, flag) {
		return ""
	}
	var names []string
	for key := range t.runs {
		if name, known, _ := strings.Cut(key, " "); name == component && t.at(key, target) != nil {
			names = append(names, known)
		}
	}
	slices.Sort(names)
	return fmt.Sprintf("no %s of %s to %s has the flag --%s%s: it is misspelt, or gone before %[2]s; a %[1]s does not start with a flag that "+
		"it does not know", component, t.oldest, t.newest, flag, meant(flag, names))
}

// meant names what is written almost like a word, in brackets; "" where there is nothing.
func meant(word string, names []string) string {
	if near := yamlx.Nearest(word, names); near != "" {
		return " (did you mean " + near + "?)"
	}
	return ""
}

// Deprecated reports whether a component of a release has a flag that its source calls deprecated.
func (t Flags) Deprecated(component, flag string, at upgrade.Minor) bool {
	return slices.ContainsFunc(t.runs[component+" "+flag], func(r run) bool { return r.deprecated && !at.Less(r.from) && !r.to.Less(at) })
}

// Gone lists the flags of a component that a hop from a release to another takes away, by name.
func (t Flags) Gone(component string, from, to upgrade.Minor) []string {
	var out []string
	for key := range t.runs {
		name, flag, _ := strings.Cut(key, " ")
		before, _ := t.Refuses(component, flag, from)
		after, _ := t.Refuses(component, flag, to)
		if name == component && before == "" && after != "" && !to.Less(from) {
			out = append(out, flag)
		}
	}
	slices.Sort(out)
	return out
}
