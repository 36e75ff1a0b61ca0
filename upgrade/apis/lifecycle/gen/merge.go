package main

import (
	"cmp"
	"fmt"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"

	"treadmill/internal/gomodule"
)

// row is one line of the catalogue.
type row struct {
	gvk
	resource                        string
	introduced, deprecated, removed int // -1: not known, or never
	evidence                        string
	replacement                     gvk
	source                          string
}

// merge judges every type that is or was a resource.
func merge(h *history, facts map[gvk]fact) ([]row, error) {
	var rows []row
	var problems []string
	for k, l := range h.types {
		if !l.resource && !h.everServed(k) {
			continue
		}
		f := facts[k]
		delete(facts, k)
		if f.payload {
			continue
		}
		r, err := judge(h, k, l, f)
		if err != nil {
			problems = append(problems, err.Error())
		}
		h.coming.overrule(&r, h.newest)
		rows = append(rows, r)
	}
	rows = append(rows, h.coming.added(h, &problems)...)
	for k := range facts {
		problems = append(problems, fmt.Sprintf("facts.tsv: no release has %v", k))
	}
	slices.SortFunc(rows, func(a, b row) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.version, b.version), cmp.Compare(a.kind, b.kind))
	})
	resolve(rows, h.newest, &problems)
	if len(problems) > 0 {
		slices.Sort(problems)
		return nil, fmt.Errorf("%d problems:\n%s", len(problems), strings.Join(problems, "\n"))
	}
	return rows, nil
}

func (h *history) everServed(k gvk) bool {
	for _, kinds := range h.served {
		if _, ok := kinds[k]; ok {
			return true
		}
	}
	return false
}

// judge decides what one type's life was. What releases really serve stands above their tags, which are kept for what
// is to come; facts stand above tags where no served list speaks.
func judge(h *history, k gvk, l *life, f fact) (row, error) {
	r := row{gvk: k, resource: h.resource(k), introduced: l.introduced, deprecated: l.deprecated, removed: -1,
		replacement: l.replacement, source: l.said.String()}
	last := h.lastServed(k)
	switch {
	case last == h.newest && (l.removed < 0 || l.removed > h.newest):
		if r.removed = l.removed; r.removed > 0 {
			r.evidence = "planned"
		}
	case last == h.newest:
		return r, fmt.Errorf("%v is served by 1.%d although its tag says removed in 1.%d", k, last, l.removed)
	case last >= h.servedSince():
		r.removed, r.evidence = last+1, "observed"
		r.source = fmt.Sprintf("k8s.io/kubernetes swagger.json 1.%d 1.%d", last, last+1)
	case l.removed > 0 && l.removed <= h.servedSince():
		r.removed, r.evidence = l.removed, "tag"
	case f.removed > 0:
		r.removed, r.evidence = f.removed, "hand"
		r.source = f.source
	default:
		return r, fmt.Errorf("%v is gone (last in 1.%d, tagged %d, in sources of 1.%d to 1.%d) and nothing says since when: add it to facts.tsv", k, last, l.removed, l.first, l.last)
	}
	f.apply(&r)
	if r.introduced < 0 && l.first > oldest(h) {
		r.introduced = l.first
	}
	if r.removed > 0 && (r.deprecated < 0 || r.deprecated > r.removed) {
		r.deprecated = r.removed
	}
	return r, nil
}

func oldest(h *history) int { return h.modules[0].Minor }

// lastServed is the last minor that serves a kind, -1 when none that is known does.
func (h *history) lastServed(k gvk) int {
	for _, minor := range sortedDown(func(yield func(int) bool) {
		for m := range h.served {
			if !yield(m) {
				return
			}
		}
	}) {
		if _, ok := h.served[minor][k]; ok {
			return minor
		}
	}
	return -1
}

// resolve follows every replacement to one that lives: that nothing plans to remove or that nothing more stable succeeds.
// A chain that ends at something that is gone, or that only the minor to come will have, leaves no replacement.
func resolve(rows []row, newest int, problems *[]string) {
	index := map[gvk]row{}
	for _, r := range rows {
		index[r.gvk] = r
	}
	for i, r := range rows {
		rows[i].replacement = gvk{}
		if r.removed < 0 && r.deprecated < 0 {
			continue
		}
		to := next(rows, newest, r)
		for range 10 {
			n, ok := index[to]
			if !ok && to != (gvk{}) {
				*problems = append(*problems, fmt.Sprintf("%v is replaced by %v, which no release has", r.gvk, to))
			}
			further := next(rows, newest, n)
			if n.removed < 0 || further == (gvk{}) {
				break
			}
			to = further
		}
		if index[to].gone() || index[to].introduced > newest {
			to = gvk{}
		}
		rows[i].replacement = to
	}
}

func (r row) gone() bool {
	return r.removed > 0 && r.evidence != "planned" && r.evidence != "pre-release"
}

// next is the replacement that an API is tagged with, else the most stable living version of its kind in its group:
// one that is more stable than itself.
func next(rows []row, newest int, from row) gvk {
	if from.replacement != (gvk{}) {
		return from.replacement
	}
	best := row{gvk: from.gvk}
	for _, r := range rows {
		if r.group == from.group && r.kind == from.kind && !r.gone() && r.introduced <= newest && stability(r.version) > stability(best.version) {
			best = r
		}
	}
	if best.gvk == from.gvk {
		return gvk{}
	}
	return best.gvk
}

// stability orders v1alpha1 < v1alpha2 < v1beta1 < v1 < v2.
func stability(version string) int {
	rest := strings.TrimPrefix(version, "v")
	rank := 2
	major, minor := rest, "0"
	for i, stage := range []string{"alpha", "beta"} {
		if a, b, ok := strings.Cut(rest, stage); ok {
			major, minor, rank = a, b, i
		}
	}
	return rank*10_000 + number(major)*100 + number(minor)
}

// number reads a number of a version, -1 when it is none.
func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

func sortedDown(seq iter.Seq[int]) []int {
	s := slices.Sorted(seq)
	slices.Reverse(s)
	return s
}

func write(w io.Writer, h *history, rows []row) {
	fmt.Fprintln(w, "# Code generated by upgrade/apis/lifecycle/gen; DO NOT EDIT.")
	fmt.Fprintln(w, "# Versions are Kubernetes minors. evidence says where \"removed\" is from: observed = the API server of that release no")
	fmt.Fprintln(w, "# longer serves it; tag = the lifecycle tag in its source; planned = such a tag for a release to come; pre-release = an alpha, beta or")
	fmt.Fprintln(w, "# release candidate of that release no longer serves it, which may still change; hand = facts.tsv.")
	fmt.Fprintf(w, "newest\t1.%d\n", h.newest)
	fmt.Fprint(w, gomodule.Preview(h.modules))
	fmt.Fprintf(w, "date\t%s\n", gomodule.ReadOn(modulesText))
	fmt.Fprintln(w, strings.Join([]string{"group", "version", "kind", "resource", "introduced", "deprecated", "removed", "evidence",
		"replacement", "source"}, "\t"))
	for _, r := range rows {
		fmt.Fprintln(w, strings.Join([]string{cmp.Or(r.group, "core"), r.version, r.kind, r.resource, minor(r.introduced), minor(r.deprecated),
			minor(r.removed), cmp.Or(r.evidence, "-"), replacementText(r.replacement), r.source}, "\t"))
	}
}

func minor(n int) string {
	if n < 0 {
		return "-"
	}
	return fmt.Sprintf("1.%d", n)
}

func replacementText(k gvk) string {
	if k == (gvk{}) {
		return "-"
	}
	return k.String()
}
