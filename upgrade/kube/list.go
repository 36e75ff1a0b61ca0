package kube

import (
	"context"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strconv"
)

const (
	pageSize    = 500
	maxRestarts = 3 // how often one list starts again because its continue token expired
	metadata    = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1," +
		"application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
)

// list reads the metadata of all objects under a path, page by page, and returns what keep makes of them. An object of a
// page that is answered twice, because the first answer broke off, counts once.
func list[T any](ctx context.Context, c *Cluster, path string, query url.Values, keep func(meta) []T) ([]T, error) {
	return pages(ctx, c, path, query, metadata, pageSize, func(resp *http.Response, kept *[]T, seen *int) (string, error) {
		take := func(m meta) { *seen++; *kept = append(*kept, keep(m)...) }
		kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type"))
		if kind == "application/vnd.kubernetes.protobuf" {
			return protoList(resp.Body, take)
		}
		return jsonList(resp.Body, func(j jsonItem) { take(j.meta()) })
	})
}

// pages reads a list in pages. When a continue token expires the list goes on where the server offers a new token: what
// was there all the time is still seen. Otherwise it starts anew.
func pages[T any](ctx context.Context, c *Cluster, path string, query url.Values, accept string, size int,
	read func(*http.Response, *[]T, *int) (string, error)) ([]T, error) {
	var all []T
	next := ""
	for restarts := 0; ; {
		q := url.Values{"limit": {strconv.Itoa(size)}}
		for k, v := range query {
			q[k] = v
		}
		if next != "" {
			q.Set("continue", next)
		}
		var kept []T
		seen, following := 0, ""
		err := c.get(ctx, path, q, accept, func(resp *http.Response) (err error) {
			kept, seen = nil, 0
			following, err = read(resp, &kept, &seen)
			return err
		})
		if code(err) == http.StatusGone && next != "" && restarts < maxRestarts {
			restarts++
			if next = expired(err); next == "" {
				all = nil
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		c.seen.Add(int64(seen))
		all = append(all, kept...)
		if next = following; next == "" {
			return all, nil
		}
	}
}

// expired returns the token that the answer of 410 offers for going on.
func expired(err error) string {
	var s *statusError
	if errors.As(err, &s) {
		return s.next
	}
	return ""
}
