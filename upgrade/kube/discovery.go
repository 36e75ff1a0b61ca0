package kube

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Resource is one served resource in one version.
type Resource struct {
	Group, Version, Kind string
	Plural               string
	Verbs                []string
	Namespaced           bool
}

// Path is where its objects are listed: those of a namespace, or all for "".
func (r Resource) Path(namespace string) string {
	root := "/apis/" + r.Group + "/" + r.Version + "/"
	if r.Group == "" {
		root = "/api/" + r.Version + "/"
	}
	if namespace != "" {
		root += "namespaces/" + url.PathEscape(namespace) + "/"
	}
	return root + r.Plural
}

// String writes the resource as RBAC and kubectl name it: "ingresses.networking.k8s.io".
func (r Resource) String() string { return strings.TrimSuffix(r.Plural+"."+r.Group, ".") }

// Listable reports whether its objects are stored: what can be listed but not created is computed, as component statuses are.
func (r Resource) Listable() bool {
	return slices.Contains(r.Verbs, "list") && slices.Contains(r.Verbs, "create")
}

const (
	aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList," +
		"application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json"
	maxDiscovery = 64 << 20 // bytes of one discovery document
)

// discovery is the union of the documents that /api and /apis answer with: the aggregated form since 1.26, and the older
// lists of groups and of core versions.
type discovery struct {
	Items []struct {
		Metadata struct {
			Name string `json:"name"`
		} `json:"metadata"`
		Versions []struct {
			Version   string `json:"version"`
			Resources []struct {
				Resource     string   `json:"resource"`
				Scope        string   `json:"scope"`
				Verbs        []string `json:"verbs"`
				ResponseKind struct {
					Kind string `json:"kind"`
				} `json:"responseKind"`
			} `json:"resources"`
		} `json:"versions"`
	} `json:"items"`
	Versions []string `json:"versions"`
	Groups   []struct {
		Versions []struct {
			GroupVersion string `json:"groupVersion"`
		} `json:"versions"`
	} `json:"groups"`
}

// Discover returns all served resources, versions in the order of the server's preference. failed are group versions
// that could not be seen.
func (c *Cluster) Discover(ctx context.Context) (found []Resource, failed map[string]error, err error) {
	failed = map[string]error{}
	for _, path := range []string{"/api", "/apis"} {
		var d discovery
		if err := c.document(ctx, path, aggregated, &d); err != nil {
			return nil, nil, fmt.Errorf("discover the API: %w", err)
		}
		for _, g := range d.Items {
			for _, v := range g.Versions {
				for _, r := range v.Resources {
					found = append(found, Resource{g.Metadata.Name, v.Version, r.ResponseKind.Kind, r.Resource, r.Verbs, r.Scope == "Namespaced"})
				}
			}
		}
		for _, version := range d.Versions {
			c.legacy(ctx, "/api/", version, &found, failed)
		}
		for _, g := range d.Groups {
			for _, v := range g.Versions {
				c.legacy(ctx, "/apis/", v.GroupVersion, &found, failed)
			}
		}
	}
	return found, failed, ctx.Err()
}

// legacy reads the resources of one group version as servers before 1.26 list them.
func (c *Cluster) legacy(ctx context.Context, root, groupVersion string, found *[]Resource, failed map[string]error) {
	var list struct {
		Resources []struct {
			Name  string   `json:"name"`
			Kind  string   `json:"kind"`
			Space bool     `json:"namespaced"`
			Verbs []string `json:"verbs"`
		} `json:"resources"`
	}
	if err := c.document(ctx, root+groupVersion, "application/json", &list); err != nil {
		failed[groupVersion] = err
		return
	}
	group, version, named := strings.Cut(groupVersion, "/")
	if !named {
		group, version = "", groupVersion
	}
	for _, r := range list.Resources {
		if !strings.Contains(r.Name, "/") {
			*found = append(*found, Resource{group, version, r.Kind, r.Name, r.Verbs, r.Space})
		}
	}
}

// document reads one JSON document.
func (c *Cluster) document(ctx context.Context, path, accept string, into any) error {
	return c.get(ctx, path, nil, accept, func(resp *http.Response) error {
		data, err := io.ReadAll(io.LimitReader(resp.Body, maxDiscovery))
		if err != nil {
			return err
		}
		return json.Unmarshal(data, into)
	})
}
