package kube

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"treadmill/internal/diag"
	"treadmill/upgrade/apis/render/release"
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

// Releases finds the Helm releases of a cluster in secrets and config maps, and reads the last deployed revision of each; of
// one that was never deployed, the newest. Only the chosen revisions are read, one at a time: use sees each with its
// manifest, which is not kept. What cannot be read is a finding.
func (c *Cluster) Releases(ctx context.Context, use func(release.Release)) ([]release.Release, []diag.Finding, error) {
	var lost []diag.Finding
	var releases []release.Release
	if err := c.There(ctx); err != nil {
		return nil, nil, err
	}
	for _, kind := range []string{"secrets", "configmaps"} {
		query := url.Values{"labelSelector": {"owner=helm"}}
		if kind == "secrets" {
			query.Set("fieldSelector", "type=helm.sh/release.v1")
		}
		all, err := List(
			ctx,
			c,
			Resource{Version: "v1", Plural: kind}.Path(c.Namespace),
			query,
			func(m Metadata) []revision { return asRevision(kind, m) },
		)
		if err != nil {
			lost = append(lost, c.Unread("Helm releases in "+kind, err))
			continue
		}
		for _, r := range latest(all) {
			one, err := c.release(ctx, r)
			if err != nil {
				lost = append(lost, c.Unread(fmt.Sprintf("Helm release %s/%s", r.namespace, r.name), err))
				continue
			}
			use(one)
			one.Manifest = nil
			releases = append(releases, one)
		}
	}
	slices.SortFunc(releases, func(a, b release.Release) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Revision, b.Revision))
	})
	return releases, diag.Sort(lost), ctx.Err()
}

// asRevision reads the labels that Helm puts on what it stores.
func asRevision(kind string, m Metadata) []revision {
	number, err := strconv.Atoi(m.Labels["version"])
	if err != nil || m.Labels["name"] == "" {
		return nil
	}
	return []revision{{kind, m.Namespace, m.Labels["name"], m.Name, number, m.Labels["status"] == "deployed"}}
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
func (c *Cluster) release(ctx context.Context, r revision) (release.Release, error) {
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
		return release.Release{}, err
	}
	stored := []byte(object.Data["release"])
	if r.kind == "secrets" {
		if stored, err = base64.StdEncoding.DecodeString(object.Data["release"]); err != nil {
			return release.Release{}, errors.New("the secret's data is no base64")
		}
	}
	return release.Decode(stored)
}
