package kube

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

const (
	pageSize    = 500
	maxRestarts = 3     // how often one list starts again because its continue token expired
	maxPages    = 4_000 // of one list: two million objects
)

// Items reads a list in JSON, one object at a time, in pages of a size, and returns what keep makes of them.
func Items[T, R any](ctx context.Context, c *Cluster, path string, query url.Values, size int, keep func(T) []R) ([]R, error) {
	return pages(ctx, c, path, query, "application/json", size, func(resp *http.Response, kept *[]R, seen *int) (string, error) {
		return jsonList(resp.Body, func(item T) {
			*seen++
			*kept = append(*kept, keep(item)...)
		})
	})
}

// pages reads a list in pages. When a continue token expires the list goes on where the server offers a new token: what
// was there all the time is still seen. Otherwise it starts anew.
func pages[T any](ctx context.Context, c *Cluster, path string, query url.Values, accept string, size int,
	read func(*http.Response, *[]T, *int) (string, error)) ([]T, error) {
	var all []T
	next := ""
	seen := map[string]bool{}
	for restarts := 0; ; {
		q := url.Values{"limit": {strconv.Itoa(size)}}
		for k, v := range query {
			q[k] = v
		}
		if next != "" {
			q.Set("continue", next)
		}
		var kept []T
		objects, following := 0, ""
		err := c.get(ctx, path, q, accept, func(resp *http.Response) (err error) {
			kept, objects = nil, 0
			following, err = read(resp, &kept, &objects)
			return err
		})
		if code(err) == http.StatusGone && next != "" && restarts < maxRestarts {
			restarts++
			clear(seen)
			if next = expired(err); next == "" {
				all = nil
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		c.seen.Add(int64(objects))
		all = append(all, kept...)
		switch next = following; {
		case next == "":
			return all, nil
		case seen[next]:
			return nil, errors.New("the list has no end: the server gives a continue token that it gave before")
		case len(seen) == maxPages:
			return nil, fmt.Errorf("the list has no end: more than %d pages", maxPages)
		}
		seen[next] = true
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
