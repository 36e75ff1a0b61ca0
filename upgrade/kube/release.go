package kube

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"
	"treadmill/internal/diag"
	"treadmill/upgrade/apis/lifecycle"
	manifest "treadmill/upgrade/apis/read"
)

// maxStored bounds the answer that holds one stored release; etcd's own limit is 1.5 MiB unless it was raised.
const maxStored = 16 << 20

// revision is one stored revision of a Helm release, as its labels describe it.
type revision struct {
	kind            string // of what it is stored in: "secrets" or "configmaps"
	namespace, name string // of the release
	object          string // the name of the secret or config map
	number          int
	deployed        bool
}

// Releases finds the Helm releases of a cluster in secrets and config maps, and reads the manifest of the last deployed
// revision of each; of one that was never deployed, the newest. want chooses the objects to keep, as in manifest.Reader.
// Only the chosen revisions are read, one at a time.
func (c *Cluster) Releases(ctx context.Context, want func(apiVersion, kind []byte) bool) (Result, []manifest.HelmRelease, error) {
	var out Result
	var releases []manifest.HelmRelease
	if err := c.there(ctx); err != nil {
		return out, nil, err
	}
	for _, kind := range []string{"secrets", "configmaps"} {
		query := url.Values{"labelSelector": {"owner=helm"}}
		if kind == "secrets" {
			query.Set("fieldSelector", "type=helm.sh/release.v1")
		}
		all, err := list(ctx, c, resource{GVK: lifecycle.GVK{Version: "v1"}, plural: kind}.path(c.Namespace), query, func(m meta) []revision { return asRevision(kind, m) })
		if err != nil {
			out.Findings = append(out.Findings, c.unread("Helm releases in "+kind, err))
			continue
		}
		for _, r := range latest(all) {
			release, err := c.release(ctx, r)
			if err != nil {
				out.Findings = append(out.Findings, c.unread(fmt.Sprintf("Helm release %s/%s", r.namespace, r.name), err))
				continue
			}
			found := c.applied(ctx, release, want)
			release.Manifest = nil
			releases = append(releases, release)
			out.add(found)
		}
	}
	slices.SortFunc(releases, func(a, b manifest.HelmRelease) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Revision, b.Revision))
	})
	out.sort()
	return out, releases, ctx.Err()
}

// asRevision reads the labels that Helm puts on what it stores.
func asRevision(kind string, m meta) []revision {
	number, err := strconv.Atoi(m.labels["version"])
	if err != nil || m.labels["name"] == "" {
		return nil
	}
	return []revision{{kind, m.namespace, m.labels["name"], m.name, number, m.labels["status"] == "deployed"}}
}

// latest chooses one revision of each release: the newest deployed one, or else the newest.
func latest(all []revision) []revision {
	slices.SortFunc(all, func(a, b revision) int {
		deployed := map[bool]int{true: 0, false: 1}
		return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.name, b.name),
			cmp.Compare(deployed[a.deployed], deployed[b.deployed]), cmp.Compare(b.number, a.number))
	})
	return slices.CompactFunc(all, func(a, b revision) bool { return a.namespace == b.namespace && a.name == b.name })
}

// release reads and unpacks one revision.
func (c *Cluster) release(ctx context.Context, r revision) (manifest.HelmRelease, error) {
	var object struct {
		Data map[string]string `json:"data"`
	}
	path := "/api/v1/namespaces/" + url.PathEscape(r.namespace) + "/" + r.kind + "/" + url.PathEscape(r.object)
	err := c.get(ctx, path, nil, "application/json", func(resp *http.Response) error {
		data, err := io.ReadAll(io.LimitReader(resp.Body, maxStored+1))
		if err != nil {
			return err
		}
		if len(data) > maxStored {
			return fmt.Errorf("it is larger than %d MiB", maxStored>>20)
		}
		if json.Unmarshal(data, &object) != nil {
			return errors.New("the answer is no JSON")
		}
		return nil
	})
	if err != nil {
		return manifest.HelmRelease{}, err
	}
	stored := []byte(object.Data["release"])
	if r.kind == "secrets" {
		if stored, err = base64.StdEncoding.DecodeString(object.Data["release"]); err != nil {
			return manifest.HelmRelease{}, errors.New("the secret's data is no base64")
		}
	}
	return manifest.ReadRelease(stored)
}

// applied reads the objects of a release's manifest.
func (c *Cluster) applied(ctx context.Context, r manifest.HelmRelease, want func(apiVersion, kind []byte) bool) Result {
	place := c.at().File + ": release " + r.Namespace + "/" + r.Name
	reader := manifest.Reader{Want: want, Open: func(string) (fs.File, error) { return text{bytes.NewReader(r.Manifest), len(r.Manifest)}, nil }}
	read, err := reader.Read(ctx, []string{"release"})
	if err != nil {
		return Result{Findings: []diag.Finding{c.unread(place, err)}}
	}
	for i := range read.Objects {
		o := &read.Objects[i]
		o.Source, o.File = manifest.Release, place
		o.Owner = fmt.Sprintf("Helm release %s/%s (chart %s-%s, revision %d)", r.Namespace, r.Name, r.Chart, r.Version, r.Revision)
	}
	for i := range read.Findings {
		read.Findings[i].File = place
	}
	return Result{Objects: read.Objects, Findings: read.Findings, Seen: read.Seen}
}

// text is a text as a file.
type text struct {
	*bytes.Reader
	size int
}

func (t text) Stat() (fs.FileInfo, error) { return textInfo(t.size), nil }
func (t text) Close() error               { return nil }

// textInfo describes a text of so many bytes.
type textInfo int

func (i textInfo) Name() string       { return "text" }
func (i textInfo) Size() int64        { return int64(i) }
func (i textInfo) Mode() fs.FileMode  { return 0o444 }
func (i textInfo) ModTime() time.Time { return time.Time{} }
func (i textInfo) IsDir() bool        { return false }
func (i textInfo) Sys() any           { return nil }
