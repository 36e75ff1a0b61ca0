// Package net is the one way out: how requests to servers are addressed, bounded, and let in.
package net

import (
	"fmt"
	"net/url"
	"strings"
)

// Join is an address with a path below that of base. Segments are texts as people wrote them: each becomes one segment of the path, with
// its "/" and "%" escaped. "." and ".." are refused, as servers and clients take them for other folders, and so is nothing at all.
func Join(base *url.URL, segments ...string) (*url.URL, error) {
	escaped := make([]string, len(segments))
	for i, s := range segments {
		if err := CheckSegment(s); err != nil {
			return nil, err
		}
		escaped[i] = url.PathEscape(s)
	}
	return base.JoinPath(escaped...), nil
}

// CheckSegment refuses a text that cannot be a segment of a path.
func CheckSegment(s string) error {
	if s == "" || s == "." || s == ".." {
		return fmt.Errorf("%q cannot be a part of an address", s)
	}
	return nil
}

// CheckPath refuses a path, escaped already, that leads to another one than it says, or is invalid.
func CheckPath(path string) error {
	for s := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		if plain, err := url.PathUnescape(s); err != nil || CheckSegment(plain) != nil {
			return fmt.Errorf("%q cannot be a part of the address %s", plain, path)
		}
	}
	return nil
}
