package live

import (
	"bytes"
	"context"

	"treadmill/upgrade/apis/object"
	"treadmill/upgrade/apis/read"
	"treadmill/upgrade/apis/render/release"
	"treadmill/upgrade/kube"
)

// Releases reads the objects of the manifests that Helm has stored in a cluster, of one revision a release. want chooses the
// objects to keep; the others are only counted.
func Releases(ctx context.Context, c *kube.Cluster, want func(apiVersion, kind []byte) bool) (Result, error) {
	var out Result
	_, lost, err := c.Releases(ctx, func(r release.Release) { out.applied(c, r, want) })
	out.Findings = append(out.Findings, lost...)
	out.sort()
	return out, err
}

// applied takes the objects of a release's manifest.
func (r *Result) applied(c *kube.Cluster, from release.Release, want func(apiVersion, kind []byte) bool) {
	place := c.At().File + ": release " + from.Namespace + "/" + from.Name
	owner := from.Describe()
	seen, lost := r.Seen, len(r.Findings)
	var p read.Parser
	for d := range read.Text(place, bytes.NewReader(from.Manifest)) {
		found, findings := p.Read(d)
		r.Findings = append(append(r.Findings, d.Findings...), findings...)
		for h := range found.Objects() {
			r.Seen++
			if want(h.APIVersion, h.Kind) {
				o := object.Object{Source: object.Release, APIVersion: string(h.APIVersion), Kind: string(h.Kind),
					Namespace: string(h.Namespace), Name: string(h.Name), Owner: owner}
				o.File, o.Line, o.Column = place, h.Line, h.Column
				r.Objects = append(r.Objects, o)
			}
		}
	}
	if r.Seen == seen && len(r.Findings) == lost {
		r.Findings = append(r.Findings, read.None(place))
	}
}
