package kube

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Metadata is what is kept of an object's metadata.
type Metadata struct {
	Namespace, Name string
	Labels          map[string]string
	LastApplied     string // the API version that the annotation last-applied-configuration names
	Writers         []Writer
	Controller      string // the object that made and owns it: "ReplicaSet web-1"; "" for none
	LeftAlone       bool   // annotations tell Argo CD or Flux not to compare it
}

// Writer is one entry of metadata.managedFields, without the fields themselves.
type Writer struct {
	Manager, APIVersion string
	Subresource         string
	At                  time.Time
}

// lastAppliedKey is where kubectl apply keeps the manifest that it applied.
const lastAppliedKey = "kubectl.kubernetes.io/last-applied-configuration"

// lastAppliedVersion returns the API version in an annotation's text, "" when there is none.
func lastAppliedVersion(text []byte) string {
	var manifest struct {
		APIVersion string `json:"apiVersion"`
	}
	if json.Unmarshal(text, &manifest) != nil {
		return ""
	}
	return manifest.APIVersion
}

func kept(o metav1.ObjectMeta) Metadata {
	m := Metadata{Namespace: o.Namespace, Name: o.Name, Labels: o.Labels}
	if text := o.Annotations[lastAppliedKey]; text != "" {
		m.LastApplied = lastAppliedVersion([]byte(text))
	}
	for _, f := range o.ManagedFields {
		w := Writer{Manager: f.Manager, APIVersion: f.APIVersion, Subresource: f.Subresource}
		if f.Time != nil {
			w.At = f.Time.Time
		}
		m.Writers = append(m.Writers, w)
	}
	for _, r := range o.OwnerReferences {
		if r.Controller != nil && *r.Controller {
			m.Controller = r.Kind + " " + r.Name
		}
	}
	m.LeftAlone = leftAlone(o.Annotations)
	return m
}

// leftAlone reports whether annotations take an object out of what Argo CD and Flux compare: those that say so, those of hooks, which
// neither compares, and that of what Flux makes once and never looks at again
// (https://argo-cd.readthedocs.io/en/stable/user-guide/compare-options/, https://argo-cd.readthedocs.io/en/stable/user-guide/resource_hooks/,
// https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources and
// https://fluxcd.io/flux/components/helm/helmreleases/#drift-detection, read 2026-11).
func leftAlone(annotations map[string]string) bool {
	ssa := annotations["kustomize.toolkit.fluxcd.io/ssa"]
	return strings.Contains(annotations["argocd.argoproj.io/compare-options"], "IgnoreExtraneous") ||
		annotations["argocd.argoproj.io/hook"] != "" || annotations["helm.sh/hook"] != "" ||
		annotations["kustomize.toolkit.fluxcd.io/reconcile"] == "disabled" || ssa == "Ignore" || ssa == "IfNotPresent" ||
		annotations["helm.toolkit.fluxcd.io/driftDetection"] == "disabled"
}

const (
	metadata = "application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1," +
		"application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json"
	protobuf = "application/vnd.kubernetes.protobuf"
	// protoMagic begins every answer in Kubernetes' protobuf encoding.
	protoMagic = "k8s\x00"
	// maxPage is the largest page in protobuf that is held in memory, in bytes.
	maxPage = 256 << 20
)

// List reads the metadata of all objects under a path, page by page, and returns what keep makes of them. An object of a
// page that is answered twice, because the first answer broke off, counts once.
func List[T any](ctx context.Context, c *Cluster, path string, query url.Values, keep func(Metadata) []T) ([]T, error) {
	return pages(ctx, c, path, query, metadata, pageSize, func(resp *http.Response, out *[]T, seen *int) (string, error) {
		take := func(o metav1.ObjectMeta) { *seen++; *out = append(*out, keep(kept(o))...) }
		if kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind == protobuf {
			return protoList(resp.Body, take)
		}
		return jsonList(resp.Body, func(o metav1.PartialObjectMetadata) { take(o.ObjectMeta) })
	})
}

// protoList reads a PartialObjectMetadataList in protobuf and returns the token that continues the list, "" at its end.
func protoList(body io.Reader, yield func(metav1.ObjectMeta)) (next string, err error) {
	data, err := io.ReadAll(io.LimitReader(body, maxPage+1))
	switch {
	case err != nil:
		return "", broken(err)
	case len(data) > maxPage:
		return "", fmt.Errorf("a page of more than %d MiB", maxPage>>20)
	}
	data, ok := bytes.CutPrefix(data, []byte(protoMagic))
	if !ok {
		return "", fmt.Errorf("%w: it does not begin as protobuf of Kubernetes", errBroken)
	}
	var whole runtime.Unknown
	var list metav1.PartialObjectMetadataList
	if err := whole.Unmarshal(data); err != nil {
		return "", broken(err)
	}
	if err := list.Unmarshal(whole.Raw); err != nil {
		return "", broken(err)
	}
	for i := range list.Items {
		yield(list.Items[i].ObjectMeta)
	}
	return list.Continue, nil
}

// broken marks an answer that ends too early, so that it is asked for again.
func broken(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("%w: %w", errBroken, err)
}
