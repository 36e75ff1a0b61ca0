// Package lifecycle knows when each built-in Kubernetes API version came, was deprecated and left, and what replaces it.
//
// The way through it: Load → Table → Find. The embedded table is derived by the generator in gen from the sources and
// the OpenAPI documents of Kubernetes releases; Parse reads the same format from elsewhere. It knows resources, not the
// options and payloads that share their API groups, and no custom resources.
package lifecycle

import (
	"embed"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"treadmill/upgrade"
)

//go:generate go run ./gen -out builtin.tsv

//go:embed builtin.tsv config.tsv custom.tsv rewrite.tsv
var files embed.FS

// Files are the files of the tables that come with Treadmill.
func Files() fs.FS { return files }

// text is that of a table; from nil it is the embedded one.
func text(from fs.FS, name string) (string, error) {
	if from == nil {
		from = files
	}
	content, err := fs.ReadFile(from, name)
	return string(content), err
}

// GVK names a kind in a version of an API group. The core group is "".
type GVK struct {
	Group, Version, Kind string
}

// APIVersion is the group and version as manifests write them: "apps/v1", or "v1" for the core group.
func (k GVK) APIVersion() string {
	if k.Group == "" {
		return k.Version
	}
	return k.Group + "/" + k.Version
}

// String writes "apps/v1 Deployment".
func (k GVK) String() string { return k.APIVersion() + " " + k.Kind }

// ParseGVK takes the apiVersion and the kind of a manifest apart.
func ParseGVK(apiVersion, kind string) GVK {
	if group, version, ok := strings.Cut(apiVersion, "/"); ok {
		return GVK{group, version, kind}
	}
	return GVK{"", apiVersion, kind}
}

// Evidence says how it is known when an API is removed.
type Evidence string

// The kinds of evidence.
const (
	Observed Evidence = "observed" // the API server of the release before serves it, that of the release does not
	Tag      Evidence = "tag"      // the lifecycle tag in its source, for releases that are out
	Planned  Evidence = "planned"  // such a tag for a release to come; it may still move
	Hand     Evidence = "hand"     // written by hand from a cited source
	// Prerelease: an alpha, beta or release candidate of the release no longer serves it; it may still come back.
	Prerelease Evidence = "pre-release"
)

// API is the life of one kind in one API version. Minors that are unknown, or will not be, are zero.
type API struct {
	GVK
	Resource    string // the plural name, such as "ingresses"
	Introduced  upgrade.Minor
	Deprecated  upgrade.Minor
	Removed     upgrade.Minor // the first minor that no longer serves it
	Evidence    Evidence      // of Removed; "" when that is zero
	Replacement GVK           // zero when there is none
	Source      string

	Rewrite       Rewrite // whether "upgrade fix" has a rule; "" for an API that stays
	RewriteReason string  // of Rewrite: what differs, or why it cannot be done
}

// RemovedAt reports whether a Kubernetes minor no longer serves the API.
func (a API) RemovedAt(m upgrade.Minor) bool { return !a.Removed.IsZero() && !m.Less(a.Removed) }

// DeprecatedAt reports whether the API is deprecated in a Kubernetes minor, or gone.
func (a API) DeprecatedAt(m upgrade.Minor) bool {
	return a.RemovedAt(m) || !a.Deprecated.IsZero() && !m.Less(a.Deprecated)
}

// Table is a catalogue of APIs.
type Table struct {
	Newest upgrade.Minor // the newest minor that the table has seen released
	// Preview is the minor after it where an alpha, beta or release candidate of it was read, and PreviewVersion that one, such as
	// "1.38.0-beta.0".
	Preview        upgrade.Minor
	PreviewVersion string
	Date           string // the day on which its sources were read
	APIs           []API  // by group, version and kind
	byKind         map[GVK]int
	fading         map[string]map[string]bool // by API version: the kinds that are deprecated or removed in some release
}

// Load reads the embedded table.
func Load() (*Table, error) { return In(nil) }

// In reads the table in files of the form of Files, or the embedded one for nil.
func In(from fs.FS) (*Table, error) {
	builtin, err := text(from, "builtin.tsv")
	if err != nil {
		return nil, err
	}
	t, err := Parse("builtin.tsv", builtin)
	if err != nil {
		return nil, err
	}
	rewrites, err := text(from, "rewrite.tsv")
	if err != nil {
		return nil, err
	}
	return t, t.rewrite("rewrite.tsv", rewrites)
}

// LoadConfig reads the embedded table of configuration files, such as those of kubeadm, which components read and no API
// server serves.
func LoadConfig() (*Table, error) { return ConfigIn(nil) }

// ConfigIn reads the table of configuration files in files of the form of Files, or the embedded one for nil.
func ConfigIn(from fs.FS) (*Table, error) {
	config, err := text(from, "config.tsv")
	if err != nil {
		return nil, err
	}
	return Parse("config.tsv", config)
}

// Find returns what is known of a kind.
func (t *Table) Find(k GVK) (API, bool) {
	i, ok := t.byKind[k]
	if !ok {
		return API{}, false
	}
	return t.APIs[i], true
}

// Fading reports whether an API, such as "extensions/v1beta1" "Ingress", is deprecated or removed in some release, so that
// objects of any other need not be kept. Without a kind it reports whether any of the API version is removed.
func (t *Table) Fading(apiVersion, kind []byte) bool {
	if len(kind) == 0 {
		return slices.ContainsFunc(t.Of(string(apiVersion)), func(a API) bool { return !a.Removed.IsZero() })
	}
	return t.fading[string(apiVersion)][string(kind)]
}

// Known reports whether a group is one of the table's.
func (t *Table) Known(group string) bool {
	return slices.ContainsFunc(t.APIs, func(a API) bool { return a.Group == group })
}

// Half reports whether the table has a kind, or an API version; the other is "".
func (t *Table) Half(apiVersion, kind string) bool {
	return slices.ContainsFunc(t.APIs, func(a API) bool {
		return a.Kind == kind || apiVersion != "" && a.APIVersion() == apiVersion
	})
}

// Of lists the APIs of a group version.
func (t *Table) Of(apiVersion string) []API {
	var out []API
	for _, a := range t.APIs {
		if a.APIVersion() == apiVersion {
			out = append(out, a)
		}
	}
	return out
}

// Served lists what an API server of a minor serves by default, as Helm charts ask for it: each API version, such as
// "policy/v1", and each kind in it, such as "policy/v1/PodDisruptionBudget". Alphas are off, and so are betas that came in
// 1.24 or later, unless an older beta of the kind was on (https://kep.k8s.io/3136, read 2026-11-23).
func (t *Table) Served(m upgrade.Minor) []string {
	on := map[string]bool{}
	for _, a := range t.APIs {
		if m.Less(a.Introduced) || a.RemovedAt(m) || strings.Contains(a.Version, "alpha") {
			continue
		}
		if strings.Contains(a.Version, "beta") && !a.Introduced.Less(upgrade.V1(24)) && !slices.ContainsFunc(t.APIs, func(b API) bool {
			return b.Group == a.Group && b.Kind == a.Kind && strings.Contains(b.Version, "beta") && b.Introduced.Less(upgrade.V1(24))
		}) {
			continue
		}
		on[a.APIVersion()], on[a.APIVersion()+"/"+a.Kind] = true, true
	}
	return slices.Sorted(maps.Keys(on))
}

// Last is the last minor that the table says anything about: planned removals reach beyond Newest.
func (t *Table) Last() upgrade.Minor {
	last := t.Newest
	for _, a := range t.APIs {
		if last.Less(a.Removed) {
			last = a.Removed
		}
	}
	return last
}
