package main

import (
	"fmt"

	"treadmill/internal/gomodule"
)

// preview is what the newest alpha, beta or release candidate says of the minor to come. It overrules the plans that stand in the newest
// release, and settles nothing: plans change until the release is out.
type preview struct {
	minor   int // 0 where there is none
	version string
	types   map[gvk]tags
	said    map[gvk]gomodule.Module
	served  map[gvk]string
}

// read adds one module of the pre-release.
func (p *preview) read(m gomodule.Module) error {
	p.minor = m.Minor
	if m.Path == "k8s.io/kubernetes" {
		p.version = m.Version
		kinds, err := served(m)
		p.served = kinds
		return err
	}
	h := history{types: map[gvk]*life{}}
	if err := h.add(m); err != nil {
		return err
	}
	for k, l := range h.types {
		p.types[k], p.said[k] = l.tags, m
	}
	return nil
}

// overrule takes what the pre-release says of an API that the newest release serves: that it is gone, or when it is to go.
func (p preview) overrule(r *row, newest int) {
	if p.minor <= newest || r.gone() {
		return
	}
	t, known := p.types[r.gvk]
	if _, ok := p.served[r.gvk]; !ok {
		r.removed, r.evidence = p.minor, "pre-release"
		r.source = fmt.Sprintf("k8s.io/kubernetes@%s swagger.json has it no more", p.version)
		if r.deprecated < 0 {
			r.deprecated = p.minor
		}
		return
	}
	if !known {
		return // its sources are in a module that is not published for the pre-release: what the newest release says stands
	}
	before := [2]int{r.deprecated, r.removed}
	r.removed, r.evidence = t.removed, ""
	if t.deprecated > 0 {
		r.deprecated = t.deprecated
	}
	if r.removed > 0 {
		r.evidence = "planned"
	}
	if t.replacement != (gvk{}) {
		r.replacement = t.replacement
	}
	if before != [2]int{r.deprecated, r.removed} {
		r.source = p.said[r.gvk].String()
	}
}

// added are the APIs that only the pre-release has. One whose sources are not there is a problem: nothing says how long it is to live.
func (p preview) added(h *history, problems *[]string) []row {
	var rows []row
	for k, resource := range p.served {
		if h.lastServed(k) >= 0 || p.minor <= h.newest {
			continue
		}
		t, known := p.types[k]
		if !known {
			*problems = append(*problems, fmt.Sprintf("%v is served by %s and not found in its sources", k, p.version))
			continue
		}
		r := row{gvk: k, resource: resource, introduced: p.minor, deprecated: t.deprecated, removed: t.removed, replacement: t.replacement,
			source: p.said[k].String()}
		if r.removed > 0 {
			r.evidence = "planned"
		}
		rows = append(rows, r)
	}
	return rows
}

// checkPreview fails where the pre-release is not one, so that a table is never made of two of them, or of one that has come out since.
func checkPreview(modules []gomodule.Module) error {
	newest, pre := 0, map[int]bool{}
	for _, m := range modules {
		if m.Pre {
			pre[m.Minor] = true
		} else {
			newest = max(newest, m.Minor)
		}
	}
	for minor := range pre {
		if minor != newest+1 {
			return fmt.Errorf("modules.txt has a pre-release of 1.%d and releases up to 1.%d: one of the minor after it is wanted, or none", minor, newest)
		}
	}
	return nil
}
