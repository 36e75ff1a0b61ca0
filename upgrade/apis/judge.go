package apis

import (
	"context"
	"io"
	"io/fs"
	"slices"

	"treadmill/upgrade"
	"treadmill/upgrade/apis/auditlog"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/live"
	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/scan"
	"treadmill/upgrade/apis/warn"
	"treadmill/upgrade/component"
	"treadmill/upgrade/kube"
)

// Catalogues are what APIs are judged by.
type Catalogues struct {
	APIs, Config *lifecycle.Table
	Addons       lifecycle.Customs
	Warnings     *warn.Table
	Flags        component.Flags
	Gates        component.Gates

	plain map[string]map[string]bool // kinds by API version about which there is nothing to say at the versions of Between
	from  upgrade.Minor
}

// Load reads the embedded catalogues.
func Load() (c Catalogues, err error) { return In(nil, nil) }

// In reads the catalogues whose tables of lives and of components are in files of the form of lifecycle.Files and component.Files, or the
// embedded ones for nil.
func In(lives, components fs.FS) (c Catalogues, err error) {
	if c.APIs, err = lifecycle.In(lives); err != nil {
		return c, err
	}
	if c.Config, err = lifecycle.ConfigIn(lives); err != nil {
		return c, err
	}
	if c.Warnings, err = warn.Load(); err != nil {
		return c, err
	}
	if c.Flags, err = component.FlagsIn(components); err != nil {
		return c, err
	}
	if c.Gates, err = component.GatesIn(components); err != nil {
		return c, err
	}
	c.Addons, err = lifecycle.CustomIn(lives)
	return c, err
}

// Between is the catalogues for a way from one version to another; from may be zero.
func (c Catalogues) Between(from, target upgrade.Minor) Catalogues {
	early := target
	if !from.IsZero() && from.Less(target) {
		early, c.from = from, from
	}
	c.plain = map[string]map[string]bool{}
	for _, a := range c.APIs.APIs {
		if a.Deprecated.IsZero() && a.Removed.IsZero() && !early.Less(a.Introduced) {
			if c.plain[a.APIVersion()] == nil {
				c.plain[a.APIVersion()] = map[string]bool{}
			}
			c.plain[a.APIVersion()][a.Kind] = true
		}
	}
	return c
}

// Want reports whether there may be something to say of an object; of one whose kind is not known, if any of its API version goes.
func (c Catalogues) Want(apiVersion, kind []byte) bool {
	if len(kind) == 0 {
		return c.APIs.Fading(apiVersion, nil)
	}
	return !c.plain[string(apiVersion)][string(kind)]
}

// Evidence is all that is known of how APIs are used: by files, by what is in clusters, and by those who call them.
type Evidence struct {
	Files Files
	Live  live.Result
	Calls []auditlog.Call
}

// Judge makes one finding of all that is known about one use of an API that goes.
func (c Catalogues) Judge(e Evidence, target upgrade.Minor) []scan.Finding {
	written, unknown := live.Dumped(e.Files.Dumps, c.APIs, target)
	resources := scan.Resources(e.Files.Definitions, e.Files.Objects, target)
	return scan.Fuse(slices.Concat(
		scan.Find(slices.Concat(e.Files.Objects, written, e.Live.Objects), c.APIs, target),
		scan.Dumps(unknown), scan.Setup(e.Files.Setup, c.Flags, c.Gates, target), scan.Served(e.Files.Objects, c.APIs, target, c.from),
		scan.Definitions(e.Live.Definitions, e.Live.Custom, target),
		scan.Config(e.Files.Objects, c.Config, target), scan.Addons(e.Files.Objects, c.Addons, resources), resources,
		scan.References(e.Files.References, c.APIs, target), scan.Warnings(e.Files.Uses, c.APIs, target),
		c.calls(e.Calls, target)))
}

// calls judges calls: those of built-in APIs by the table, the others by the word of the server.
func (c Catalogues) calls(found []auditlog.Call, target upgrade.Minor) []scan.Finding {
	objects, rest := auditlog.Objects(found, c.APIs)
	out := scan.Find(objects, c.APIs, target)
	for _, call := range rest {
		if call.Deprecated {
			o := object.Object{Source: call.Source, APIVersion: call.APIVersion(), Kind: call.Resource, Owner: call.Owner(), Position: call.Position}
			out = append(out, scan.Custom(o, call.Removed, target, "the API server that serves it calls it deprecated"))
		}
	}
	return out
}

// Ask says what of a cluster is read.
type Ask struct {
	Objects  bool // for who writes them through old APIs
	Releases bool // the manifests that Helm has stored
	Calls    bool // of deprecated APIs, by the API server's own count
}

// Cluster reads a cluster. What cannot be seen is a finding.
func (c Catalogues) Cluster(ctx context.Context, cluster *kube.Cluster, ask Ask, target upgrade.Minor) Evidence {
	var e Evidence
	take := func(what string, r live.Result, err error) {
		e.Live.Add(r)
		if err != nil {
			e.Live.Findings = append(e.Live.Findings, cluster.Unread(what, err))
		}
	}
	if ask.Objects {
		r, err := live.Objects(ctx, cluster, c.APIs, target)
		take("the cluster", r, err)
	}
	if ask.Releases {
		r, err := live.Releases(ctx, cluster, c.APIs.Fading)
		take("Helm releases", r, err)
	}
	if ask.Calls {
		found, err := live.Calls(ctx, cluster)
		e.Calls = found
		take("/metrics", live.Result{}, err)
	}
	return e
}

// Requested reads the calls out of a page of metrics that is read for something else too.
func Requested(c *kube.Cluster, into *[]auditlog.Call) func(page io.Reader) error {
	return live.Requested(c, into)
}

// Add takes other evidence in.
func (e *Evidence) Add(other Evidence) {
	e.Files.add(other.Files)
	e.Live.Add(other.Live)
	e.Calls = append(e.Calls, other.Calls...)
}
