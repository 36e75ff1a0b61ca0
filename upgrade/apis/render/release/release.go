// Package release unpacks the revisions of releases that Helm stores in a cluster.
package release

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxRelease bounds a Helm release when it is unpacked, in bytes. etcd holds at most 1.5 MiB of it packed, and text packs
// to about a tenth: what grows beyond is a bomb.
const maxRelease = 32 << 20

// Release is one revision of a Helm release.
type Release struct {
	Name, Namespace string
	Revision        int
	Status          string // "deployed", "failed", ...
	Chart, Version  string // of the chart
	AppVersion      string // of what the chart installs
	Manifest        []byte // the documents that Helm applied, hooks at the end
}

// Decode decodes a release as Helm 3 and 4 store it in the key "release" of a secret or a config map: JSON, packed by
// gzip, in base64. It reads no more than maxRelease bytes of it. Errors never hold any of the content.
func Decode(stored []byte) (Release, error) {
	packed := make([]byte, base64.StdEncoding.DecodedLen(len(stored)))
	n, err := base64.StdEncoding.Decode(packed, bytes.TrimSpace(stored))
	if err != nil {
		return Release{}, errors.New("the release is no base64")
	}
	packed = packed[:n]
	var r io.Reader = bytes.NewReader(packed)
	if bytes.HasPrefix(packed, []byte{0x1f, 0x8b}) {
		if r, err = gzip.NewReader(r); err != nil {
			return Release{}, errors.New("the release is no gzip")
		}
	}
	limited := &io.LimitedReader{R: r, N: maxRelease + 1}
	var release storedRelease
	err = json.NewDecoder(limited).Decode(&release)
	switch {
	case limited.N <= 0:
		return Release{}, fmt.Errorf("the release is larger than %d MiB when it is unpacked", maxRelease>>20)
	case err != nil:
		return Release{}, errors.New("the release is no JSON of Helm, or is cut off")
	}
	return release.plain(), nil
}

// storedRelease is what is read of a stored release.
type storedRelease struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
	Version   int    `json:"version"`
	Info      struct {
		Status string `json:"status"`
	} `json:"info"`
	Chart struct {
		Metadata struct {
			Name    string `json:"name"`
			Version string `json:"version"`
			App     string `json:"appVersion"`
		} `json:"metadata"`
	} `json:"chart"`
	Manifest string `json:"manifest"`
	Hooks    []struct {
		Manifest string `json:"manifest"`
	} `json:"hooks"`
}

func (h storedRelease) plain() Release {
	var documents bytes.Buffer
	documents.WriteString(h.Manifest)
	for _, hook := range h.Hooks {
		documents.WriteString("\n---\n" + hook.Manifest)
	}
	return Release{Name: h.Name, Namespace: h.Namespace, Revision: h.Version, Status: h.Info.Status,
		Chart: h.Chart.Metadata.Name, Version: h.Chart.Metadata.Version, AppVersion: h.Chart.Metadata.App, Manifest: documents.Bytes()}
}

// Describe names a release, its chart and its revision.
func (r Release) Describe() string {
	return fmt.Sprintf("Helm release %s/%s (chart %s-%s, revision %d)", r.Namespace, r.Name, r.Chart, r.Version, r.Revision)
}
