// Package scan judges the APIs that objects use: which of them a Kubernetes version has removed or deprecated.
//
// The way through it: []object.Object + lifecycle.Table + target → Find → []Finding. It reads nothing and changes
// nothing. An API that the table does not know, such as that of a custom resource, is left alone.
package scan

import (
	"cmp"
	"fmt"
	"slices"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
)

// The IDs of findings.
const (
	Removed          = "api/removed"       // the target does not serve the API
	Deprecated       = "api/deprecated"    // the target serves the API and warns of it
	ConfigRemoved    = "config/removed"    // the component of the target does not read the file
	ConfigDeprecated = "config/deprecated" // it reads it and warns
	Unreached        = "api/unreached"     // a chart has an API that the target has removed, where its values do not lead
	Release          = "chart/release"     // a chart changes with the version, and its release has an API that the target has removed
)

// Replacement names the API that takes the place of another.
type Replacement struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
}

// Finding is one object that uses an API that is removed or deprecated.
type Finding struct {
	diag.Finding
	Source       object.Source      `json:"source"`
	Group        string             `json:"group"` // "" for the core group
	APIVersion   string             `json:"apiVersion"`
	Kind         string             `json:"kind"`
	Namespace    string             `json:"namespace"`
	Name         string             `json:"name"`
	Owner        string             `json:"owner"` // who wrote, made or called it; "" where that is not known
	IntroducedIn upgrade.Minor      `json:"introducedIn"`
	DeprecatedIn upgrade.Minor      `json:"deprecatedIn"`
	RemovedIn    upgrade.Minor      `json:"removedIn"` // "" when no removal is planned
	Evidence     lifecycle.Evidence `json:"evidence"`  // of RemovedIn
	Replacement  *Replacement       `json:"replacement"`
	Fixable      bool               `json:"fixable"`         // whether "upgrade fix" has a rule for it; package fix knows whether it takes the object
	Before       upgrade.Minor      `json:"before,omitzero"` // of chart/release: the older version for which the chart makes it
	AlsoSeen     []Sighting         `json:"alsoSeen"`        // what else is known of the object: see Fuse

	gitOps bool    // the owner is a GitOps object
	tail   string  // the message without the object that it begins with
	owners []owner // of what was fused into it
}

// Plain are findings about something else than an object.
func Plain(fs []diag.Finding) []Finding {
	out := make([]Finding, len(fs))
	for i, f := range fs {
		out[i] = Finding{Finding: f, AlsoSeen: []Sighting{}}
	}
	return out
}

// Find judges objects for a target version. An API that is removed there is an error, one that is deprecated a warning.
func Find(objects []object.Object, table *lifecycle.Table, target upgrade.Minor) []Finding {
	return find(objects, table, target, Removed, Deprecated)
}

// Config judges configuration files in the same way; the table is that of lifecycle.LoadConfig.
func Config(objects []object.Object, table *lifecycle.Table, target upgrade.Minor) []Finding {
	return find(objects, table, target, ConfigRemoved, ConfigDeprecated)
}

// find judges objects, with IDs for what is removed and deprecated.
func find(objects []object.Object, table *lifecycle.Table, target upgrade.Minor, removed, deprecated string) []Finding {
	found := []Finding{}
	made := places(objects)
	for _, o := range objects {
		api, ok := apiOf(o, table, target)
		if !ok || !api.DeprecatedAt(target) || (!o.Before.IsZero() || o.Unreached != "") && !api.RemovedAt(target) {
			continue
		}
		if o.Unreached != "" && made[place{o.Position, o.APIVersion, o.Kind}] {
			continue
		}
		f := of(o)
		f.Before, f.IntroducedIn, f.DeprecatedIn, f.RemovedIn = o.Before, api.Introduced, api.Deprecated, api.Removed
		f.Evidence, f.ID, f.Severity = api.Evidence, deprecated, diag.Warning
		if api.RemovedAt(target) {
			f.ID, f.Severity = removed, diag.Error
		}
		switch {
		case !o.Before.IsZero():
			f.ID, f.Severity = Release, diag.Warning
		case o.Unreached != "":
			f.ID, f.Severity = Unreached, diag.Warning
		}
		if api.Replacement.Kind != "" {
			f.Replacement = &Replacement{api.Replacement.APIVersion(), api.Replacement.Kind}
		}
		f.Fixable = o.Source == object.File && (api.Rewrite == lifecycle.Same || api.Rewrite == lifecycle.Moved)
		f.gitOps, f.tail = o.GitOps, message(api, o, target)
		f.Message = subject(o) + f.tail
		found = append(found, f)
	}
	Sort(found)
	return found
}

// apiOf finds the API of an object. Of one whose kind a template decides it is that of any kind, if the target has removed all.
func apiOf(o object.Object, table *lifecycle.Table, target upgrade.Minor) (lifecycle.API, bool) {
	if o.Kind != "" {
		return table.Find(lifecycle.ParseGVK(o.APIVersion, o.Kind))
	}
	all := table.Of(o.APIVersion)
	if len(all) == 0 || slices.ContainsFunc(all, func(a lifecycle.API) bool { return !a.RemovedAt(target) }) {
		return lifecycle.API{}, false
	}
	return slices.MaxFunc(all, func(a, b lifecycle.API) int { return a.Removed.Compare(b.Removed) }), true
}

// place is a line that makes objects of an API.
type place struct {
	diag.Position
	apiVersion, kind string
}

// places are those of the objects that are made, and not only written.
func places(objects []object.Object) map[place]bool {
	out := map[place]bool{}
	for _, o := range objects {
		if o.Unreached == "" && o.Source == object.Helm {
			out[place{o.Position, o.APIVersion, o.Kind}] = true
		}
	}
	return out
}

// Sort orders findings by place, then by what they are about, in place.
func Sort(found []Finding) { slices.SortFunc(found, compare) }

// compare orders findings by place, then by what they are about: a total order up to findings that are the same.
func compare(a, b Finding) int {
	return cmp.Or(diag.Compare(a.Finding, b.Finding), cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Source, b.Source), cmp.Compare(a.Owner, b.Owner))
}

// subject names an object, and who is behind it.
func subject(o object.Object) string {
	what := o.APIVersion + " " + o.Kind
	if o.Name != "" {
		what += fmt.Sprintf(" %q", o.Name)
	}
	if o.Owner != "" {
		what += " by " + o.Owner
	}
	return what + ": "
}

// message says what is the matter with an object, and the way out.
func message(api lifecycle.API, o object.Object, target upgrade.Minor) string {
	what := ""
	switch {
	case api.RemovedAt(target) && api.Evidence == lifecycle.Planned:
		what += fmt.Sprintf("removal is planned for %s", api.Removed)
	case api.RemovedAt(target) && api.Evidence == lifecycle.Prerelease:
		what += fmt.Sprintf("removed in the pre-release of %s", api.Removed)
	case api.RemovedAt(target):
		what += fmt.Sprintf("removed in %s", api.Removed)
	case api.Removed.IsZero():
		what += fmt.Sprintf("deprecated since %s", api.Deprecated)
	case api.Evidence == lifecycle.Planned:
		what += fmt.Sprintf("deprecated since %s, removal planned for %s", api.Deprecated, api.Removed)
	case api.Evidence == lifecycle.Prerelease:
		what += fmt.Sprintf("deprecated since %s, removed in the pre-release of %s", api.Deprecated, api.Removed)
	default:
		what += fmt.Sprintf("deprecated since %s, removed in %s", api.Deprecated, api.Removed)
	}
	if !o.Before.IsZero() {
		return what + fmt.Sprintf("; the chart makes it so for %s and not for %s: upgrade a release with the newer manifest first, as Helm "+
			"cannot upgrade one whose stored manifest has an API that is gone", o.Before, target)
	}
	if o.Unreached != "" {
		what += "; not reached with these values: " + o.Unreached
	}
	if api.Replacement.Kind == "" {
		return what + "; nothing replaces it"
	}
	if api.Replacement.Kind == o.Kind {
		return what + "; use " + api.Replacement.APIVersion()
	}
	return what + "; use " + api.Replacement.String()
}
