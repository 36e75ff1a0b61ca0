package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// metric is what a release declares of a name. Labels of nil are not known.
type metric struct {
	kind   string
	labels []string
}

func (m metric) String() string {
	labels := "?"
	switch {
	case m.labels != nil && len(m.labels) == 0:
		labels = "-"
	case m.labels != nil:
		labels = strings.Join(m.labels, ",")
	}
	return m.kind + "\t" + labels
}

// history is what each release declares, by name and then by the place of the release.
type history map[string]map[int]metric

func (h history) add(release int, metrics map[string]metric) {
	for name, m := range metrics {
		if h[name] == nil {
			h[name] = map[int]metric{}
		}
		h[name][release] = m
	}
}

// carry keeps metrics that newer releases declare by the end of their name alone, as where a prefix is put before the names of a whole set
// at run time.
func (h history) carry(releases int) {
	for name, found := range h {
		for i := 1; i < releases; i++ {
			before, was := found[i-1]
			if _, is := found[i]; is || !was {
				continue
			}
			for rest := name; strings.Contains(rest, "_"); {
				_, rest, _ = strings.Cut(rest, "_")
				if _, short := h[rest][i]; short && strings.Contains(rest, "_") {
					found[i] = before
					break
				}
			}
		}
	}
}

// write prints a row for each run of releases that declare a metric alike.
func (h history) write(w io.Writer, component string, versions []string) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		if !own(name) {
			continue
		}
		for i := 0; i < len(versions); i++ {
			m, there := h[name][i]
			if !there {
				continue
			}
			from := i
			for i+1 < len(versions) {
				next, there := h[name][i+1]
				if !there || next.String() != m.String() {
					break
				}
				i++
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", component, name, versions[from], versions[i], m)
		}
	}
}

// own reports whether a name says whose it is: http_requests_total may be anybody's.
func own(name string) bool {
	return slices.ContainsFunc([]string{"kube_", "node_", "coredns_", "etcd_", "prometheus_", "alertmanager_"},
		func(p string) bool { return strings.HasPrefix(name, p) })
}
