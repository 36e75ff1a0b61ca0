package component

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"treadmill/upgrade"
)

// pluginForm is what a name can be; what is not of it, such as $(PLUGINS), is filled in later.
var pluginForm = regexp.MustCompile(`^[A-Za-z0-9]+$`)

// Plugins are the admission plugins that a flag of a component names, none for a flag that names none.
func Plugins(component, flag, value string) []string {
	flag = plain(flag)
	if component != "kube-apiserver" || flag != "enable-admission-plugins" && flag != "disable-admission-plugins" {
		return nil
	}
	var out []string
	for name := range strings.SplitSeq(value, ",") {
		if name = strings.Trim(name, " \t\n\"'"); pluginForm.MatchString(name) {
			out = append(out, name)
		}
	}
	return out
}

// RefusesPlugin says why a kube-apiserver of a release does not start with an admission plugin that it is told to use or to leave out, ""
// when it does. Nothing is said of a release that the table does not reach.
func (t Flags) RefusesPlugin(name string, target upgrade.Minor) string {
	runs := t.plugins[name]
	at := func(r run) bool { return !target.Less(r.from) && !r.to.Less(target) }
	if len(t.plugins) == 0 || target.Less(t.oldest) || t.newest.Less(target) || slices.ContainsFunc(runs, at) {
		return ""
	}
	why := "the kube-apiserver of " + t.release(target) + " does not know the admission plugin " + name
	switch {
	case len(runs) == 0:
		names := slices.DeleteFunc(slices.Sorted(maps.Keys(t.plugins)), func(n string) bool { return !slices.ContainsFunc(t.plugins[n], at) })
		return fmt.Sprintf("%s%s and does not start with it: no release of %s to %s has it, it is misspelt, or gone before %[3]s", why,
			meant(name, names), t.oldest, t.newest)
	case target.Less(runs[0].from):
		return fmt.Sprintf("%s, which comes with %s, and does not start with it", why, runs[0].from)
	}
	return fmt.Sprintf("%s, which is gone since %s, and does not start with it: take it off", why, runs[len(runs)-1].to.Add(1))
}
