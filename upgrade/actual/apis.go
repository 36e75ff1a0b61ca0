package actual

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/crd"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/live"
	"treadmill/upgrade/apis/object"
)

// The IDs of differences between manifests and objects.
const (
	FindingWritten   = "drift/api-version"   // somebody writes an object through another API version than its file
	FindingUnmanaged = "drift/api-unmanaged" // an object of an old API that no file makes
	FindingDefined   = "drift/crd"           // a definition that differs among clusters which are to be alike
)

// APISide is what a cluster says of its objects.
type APISide struct {
	Cluster, Context string
	Alike            string // clusters of one name here are to be alike; "" for none
	live.Writing
}

// Tree is the objects that files make.
type Tree struct {
	Objects []object.Object
	Table   *lifecycle.Table
	Target  upgrade.Minor // APIs that fade there are old
}

// Kinds are the kinds of a tree.
func (t Tree) Kinds() map[live.GroupKind]bool {
	out := map[live.GroupKind]bool{}
	for _, o := range t.Objects {
		k := lifecycle.ParseGVK(o.APIVersion, o.Kind)
		out[live.GroupKind{Group: k.Group, Kind: k.Kind}] = true
	}
	return out
}

// APIs compares the objects of files with those of clusters, by the API versions that they are written through.
func APIs(t Tree, sides []APISide) []drift.Finding {
	byName := map[string][]object.Object{}
	for _, o := range t.Objects {
		byName[o.Kind+"\x00"+o.Name] = append(byName[o.Kind+"\x00"+o.Name], o)
	}
	var out []drift.Finding
	for _, s := range sides {
		for _, w := range s.Objects {
			if f, ok := t.compare(w, byName[w.Kind+"\x00"+w.Name]); ok {
				f.Kind, f.Cluster, f.Live = drift.APIs, s.Cluster, "context "+s.Context+", "+w.Kind+" "+place(w)
				f.Message += " (context " + s.Context + ")"
				f.Diff = drift.Differ(f.Want, f.Have)
				if f.File == "" {
					f.File = "context " + s.Context
				}
				out = append(out, f)
			}
		}
	}
	return drift.Sort(append(out, defined(sides)...))
}

func place(w live.Written) string { return strings.TrimPrefix(w.Namespace+"/"+w.Name, "/") }

// compare compares an object with the files that may make it: of its name and kind, in its namespace or in one that the file leaves open.
func (t Tree) compare(w live.Written, named []object.Object) (f drift.Finding, apart bool) {
	var own []object.Object
	for _, o := range named {
		if (o.Namespace == "" || o.Namespace == w.Namespace) && t.one(o, w) {
			own = append(own, o)
		}
	}
	var others []live.By
	old := false
	for _, by := range w.By {
		if !slices.ContainsFunc(own, func(o object.Object) bool { return o.APIVersion == by.APIVersion }) {
			fades := t.fades(by.APIVersion, w.Kind)
			if len(own) > 0 || fades {
				others, old = append(others, by), old || fades
			}
		}
	}
	if len(others) == 0 || len(own) == 0 && made(w.Group, w.Kind) {
		return f, false
	}
	f.Subject, f.Have, f.Owner = w.Kind+" "+place(w), "apiVersion: "+others[0].APIVersion, w.Owner
	last := slices.MaxFunc(others, func(a, b live.By) int { return a.At.Compare(b.At) })
	if f.Since = last.At; f.Owner == "" {
		f.Owner = "field manager " + last.Manager
	}
	f.Severity = diag.Warning
	if len(own) == 0 {
		f.ID = FindingUnmanaged
		f.Message = fmt.Sprintf("%s %s is of an old API and no file makes it: %s%s", w.Kind, place(w), who(others), of(w.Owner))
		return f, true
	}
	if !old {
		f.Severity = diag.Info
	}
	f.ID, f.Position, f.Want = FindingWritten, own[0].Position, "apiVersion: "+own[0].APIVersion
	f.Message = fmt.Sprintf("%s %s is %s in the file, and %s%s", w.Kind, place(w), own[0].APIVersion, who(others), of(w.Owner))
	return f, true
}

// one reports whether a kind of a file is that of an object: of its group, or of one from or to which the kind has moved.
func (t Tree) one(o object.Object, w live.Written) bool {
	k := lifecycle.ParseGVK(o.APIVersion, o.Kind)
	if k.Group == w.Group {
		return true
	}
	if api, ok := t.Table.Find(k); ok && api.Replacement.Group == w.Group {
		return true
	}
	return slices.ContainsFunc(w.By, func(by live.By) bool {
		api, ok := t.Table.Find(lifecycle.ParseGVK(by.APIVersion, w.Kind))
		return ok && (api.Group == k.Group || api.Replacement.Group == k.Group && api.Replacement.Kind == k.Kind)
	})
}

func (t Tree) fades(apiVersion, kind string) bool {
	api, ok := t.Table.Find(lifecycle.ParseGVK(apiVersion, kind))
	return ok && api.DeprecatedAt(t.Target)
}

// who says who writes through which version, and when.
func who(all []live.By) string {
	var out []string
	for _, by := range all {
		text := fmt.Sprintf("%s writes it as %s", by.Manager, by.APIVersion)
		if !by.At.IsZero() {
			text += ", last on " + by.At.UTC().Format(time.DateOnly)
		}
		out = append(out, text)
	}
	slices.Sort(out)
	return strings.Join(slices.Compact(out), "; ")
}

func of(owner string) string {
	if owner == "" {
		return ""
	}
	return ", for " + owner
}

// defined compares the definitions of clusters that are to be alike: what most of them have is what all should.
func defined(sides []APISide) []drift.Finding {
	type key struct{ alike, name string }
	all := map[key][]int{}
	text := map[key]map[int]string{}
	for i, s := range sides {
		for _, d := range s.Definitions {
			if k := (key{s.Alike, d.Metadata.Name}); s.Alike != "" {
				if text[k] == nil {
					text[k] = map[int]string{}
				}
				all[k], text[k][i] = append(all[k], i), versions(d)
			}
		}
	}
	var out []drift.Finding
	for k, which := range all {
		most := usual(text[k])
		for _, i := range which {
			if have := text[k][i]; have != most {
				f := drift.Finding{Kind: drift.APIs, Cluster: sides[i].Cluster, Subject: "CRD " + k.name, Live: "context " + sides[i].Context,
					Want: most, Have: have, Diff: drift.Differ(most, have)}
				f.ID, f.Severity, f.File = FindingDefined, diag.Warning, f.Live
				f.Message = fmt.Sprintf("the definition %s has other versions than in the other clusters of the group %s: %s; there: %s (%s)",
					k.name, k.alike, strings.ReplaceAll(have, "\n", ", "), strings.ReplaceAll(most, "\n", ", "), f.Live)
				out = append(out, f)
			}
		}
	}
	return out
}

// usual is what most have; of several the first.
func usual(text map[int]string) string {
	counts := map[string]int{}
	for _, t := range text {
		counts[t]++
	}
	best := ""
	for t, n := range counts {
		if best == "" || n > counts[best] || n == counts[best] && t < best {
			best = t
		}
	}
	return best
}

// versions are the versions of a definition: which are served, which is stored, and in which objects are stored yet.
func versions(d crd.Definition) string {
	var served []string
	stored := ""
	for _, v := range d.Spec.Versions {
		if v.Served {
			served = append(served, v.Name)
		}
		if v.Storage {
			stored = v.Name
		}
	}
	slices.Sort(served)
	have := slices.Sorted(slices.Values(d.Status.StoredVersions))
	return "served: " + list(served) + "\nstorage: " + stored + "\nstored: " + list(have)
}
