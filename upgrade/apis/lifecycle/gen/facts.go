package main

import (
	"fmt"
	"strings"
)

// fact is a line of facts.tsv: what no release says, or says wrongly, about one API version.
type fact struct {
	introduced, deprecated, removed int // -1: the releases are right
	replacement                     gvk
	payload                         bool // not a resource
	source                          string
}

// apply overrules a row. Removal was judged before.
func (f fact) apply(r *row) {
	if f.source == "" {
		return
	}
	if f.introduced >= 0 {
		r.introduced = f.introduced
	}
	if f.deprecated >= 0 {
		r.deprecated = f.deprecated
	}
	if f.replacement != (gvk{}) {
		r.replacement = f.replacement
	}
}

func parseFacts(text string) (map[gvk]fact, error) {
	facts := map[gvk]fact{}
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimRight(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "group\t") {
			continue
		}
		c := strings.Split(line, "\t")
		if len(c) != 8 {
			return nil, fmt.Errorf("facts.tsv:%d: %d columns, want 8", n, len(c))
		}
		f := fact{introduced: -1, deprecated: -1, removed: -1, source: c[7], payload: c[5] == "payload"}
		for i, into := range []*int{&f.introduced, &f.deprecated, &f.removed} {
			if c[3+i] == "-" || f.payload {
				continue
			}
			if _, err := fmt.Sscanf(c[3+i], "1.%d", into); err != nil {
				return nil, fmt.Errorf("facts.tsv:%d: %q is not a version", n, c[3+i])
			}
		}
		if apiVersion, kind, ok := strings.Cut(c[6], " "); ok {
			f.replacement = gvk{version: apiVersion, kind: kind}
			if g, v, ok := strings.Cut(apiVersion, "/"); ok {
				f.replacement = gvk{g, v, kind}
			}
		}
		facts[gvk{strings.TrimSuffix(c[0], "core"), c[1], c[2]}] = f
	}
	return facts, nil
}
