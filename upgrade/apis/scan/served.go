package scan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
)

// The IDs of APIs that a version does not serve for another reason than that it has removed them.
const (
	NotServed = "api/not-served" // it comes in a later version
	Unknown   = "api/unknown"    // no version serves it
)

// Served finds objects whose API one of the versions does not serve, though it is not gone: an API that comes later, one that never
// was, and one that is not known as a placeholder stands in its place. The first version is the one to go to.
func Served(objects []object.Object, table *lifecycle.Table, versions ...upgrade.Minor) []Finding {
	found := []Finding{}
	groups := map[string]string{}
	for _, a := range table.APIs {
		groups[strings.ToLower(a.Group)] = a.Group
	}
	at := func(o object.Object) diag.Position {
		return diag.Position{File: o.File, Line: o.Line, Column: o.Column}
	}
	filled := map[diag.Position]bool{}
	for _, o := range objects {
		filled[at(o)] = filled[at(o)] || !Placeholder(o.APIVersion, o.Kind)
	}
	for _, o := range objects {
		if !o.Before.IsZero() || o.Unreached != "" || o.Source == object.Live {
			continue
		}
		api, known := table.Find(lifecycle.ParseGVK(o.APIVersion, o.Kind))
		switch {
		case Placeholder(o.APIVersion, o.Kind):
			if !filled[at(o)] {
				found = append(found, about(o, read.Template, diag.Error,
					"a placeholder stands in its apiVersion or kind, so that its API is not known: scan what comes out when it is filled in"))
			}
		case known:
			if f, ok := later(o, api, table, versions); ok {
				found = append(found, f)
			}
		default:
			if f, ok := impossible(o, table, groups); ok {
				found = append(found, f)
			}
		}
	}
	Sort(found)
	return found
}

// of is a finding about an object, of which is said so far what it is and where.
func of(o object.Object) Finding {
	f := Finding{
		Source:     o.Source,
		Group:      lifecycle.ParseGVK(o.APIVersion, o.Kind).Group,
		APIVersion: o.APIVersion,
		Kind:       o.Kind,
		Namespace:  o.Namespace,
		Name:       o.Name,
		Owner:      o.Owner,
	}
	f.Position = o.Position
	return f
}

// about is a finding about an object that no table has a row for.
func about(o object.Object, id string, severity diag.Severity, tail string) Finding {
	f := of(o)
	f.ID, f.Severity, f.Message = id, severity, subject(o)+tail
	f.gitOps, f.tail = o.GitOps, tail
	return f
}

// Placeholder reports whether something is still to be put into the API of an object: ${V}, $(V), {{ v }}, <v>, %V%, @V@, __V__, TODO.
// A kind may be a word such as Todo, but is not all in capitals then.
func Placeholder(apiVersion, kind string) bool {
	api := apiVersion + " " + kind
	if strings.ContainsAny(api, "${}<>%@()[]*?|") || strings.Contains(api, "__") {
		return true
	}
	return kind == strings.ToUpper(kind) && stands(kind) || slices.ContainsFunc(strings.Split(apiVersion, "/"), stands)
}

// stands reports whether a word stands for one that is still to be written.
func stands(word string) bool {
	word = strings.NewReplacer("-", "", "_", "", " ", "").Replace(strings.ToLower(word))
	return slices.Contains([]string{"todo", "fixme", "changeme", "replaceme", "fillme", "fillin", "fillmein", "tbd",
		"xxx", "placeholder"}, word) ||
		word != "" && strings.Trim(word, ".\u2026") == ""
}

// later is the finding for an API that comes after one of the versions.
func later(o object.Object, api lifecycle.API, table *lifecycle.Table, versions []upgrade.Minor) (Finding, bool) {
	for i, v := range versions {
		switch {
		case v.IsZero() || !v.Less(api.Introduced):
			continue
		case i > 0 && (o.Source == object.Helm || api.DeprecatedAt(versions[0])): // a chart was rendered for the first, at which the other is told
			continue
		}
		tail := fmt.Sprintf("not served at %s: introduced in %s", v, api.Introduced)
		use, ok := servedAs(api, table, v)
		if ok {
			tail += "; use " + use
		}
		f := about(o, NotServed, diag.Error, tail)
		if ok {
			f.Replacement = &Replacement{use, api.Kind}
		}
		f.IntroducedIn, f.DeprecatedIn, f.RemovedIn, f.Evidence = api.Introduced, api.Deprecated, api.Removed, api.Evidence
		return f, true
	}
	return Finding{}, false
}

// servedAs is the API version by which a version serves a kind: the newest of its group, or else one that was replaced by it.
func servedAs(api lifecycle.API, table *lifecycle.Table, v upgrade.Minor) (string, bool) {
	var all []lifecycle.API
	for _, a := range table.APIs {
		if a.Kind == api.Kind && !v.Less(a.Introduced) && !a.RemovedAt(v) && (a.Group == api.Group || a.Replacement == api.GVK) {
			all = append(all, a)
		}
	}
	if len(all) == 0 {
		return "", false
	}
	best := slices.MaxFunc(all, func(a, b lifecycle.API) int {
		return cmp.Or(cmp.Compare(boolean(a.Group == api.Group), boolean(b.Group == api.Group)), a.Introduced.Compare(b.Introduced))
	})
	return best.APIVersion(), true
}

func boolean(b bool) int {
	if b {
		return 1
	}
	return 0
}

// impossible is the finding for an API of one of Kubernetes' own groups that no release has: an error where that is certain, and a
// warning where a release that the table does not know may bring it. Kinds that are no resources are left alone, and so is what has
// no group, as other programs write too, but for objects with a name whose kind is one of Kubernetes.
func impossible(o object.Object, table *lifecycle.Table, groups map[string]string) (Finding, bool) {
	k := lifecycle.ParseGVK(o.APIVersion, o.Kind)
	group, ours := groups[strings.ToLower(k.Group)]
	if !ours || slices.Contains([]string{"Scale", "Eviction", "Status", "Table", "WatchEvent"}, k.Kind) ||
		strings.HasSuffix(k.Kind, "Options") || strings.HasSuffix(k.Kind, "List") {
		return Finding{}, false
	}
	var as []string
	elsewhere := false
	for _, a := range table.APIs {
		if a.Kind == k.Kind {
			elsewhere = true
			if a.Removed.IsZero() {
				as = append(as, a.APIVersion())
			}
		}
	}
	if k.Group == "" && (o.Name == "" || !elsewhere) {
		return Finding{}, false
	}
	slices.Sort(as)
	severity, tail := diag.Warning, fmt.Sprintf("no release up to %s serves it", table.Newest)
	if group != k.Group || elsewhere {
		severity = diag.Error
	}
	if len(as) > 0 {
		tail += "; the kind is served as " + strings.Join(as, ", ")
	}
	return about(o, Unknown, severity, tail), true
}
