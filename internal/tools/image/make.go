package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// about is what the labels of an image say.
type about struct {
	version, commit string
	created         time.Time
}

// user is who the program runs as; 65532 is "nonroot" in images without a distribution.
const user = "65532:65532"

func keychain() authn.Keychain { return authn.DefaultKeychain }

// makeIndex makes an image of each platform=file, and says how many bytes each has to be downloaded.
func makeIndex(a about, platforms []string) (v1.ImageIndex, []int64, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	var sizes []int64
	for _, p := range platforms {
		platform, file, ok := strings.Cut(p, "=")
		where, err := v1.ParsePlatform(platform)
		if err != nil || !ok {
			return nil, nil, fmt.Errorf("%q is not of the form linux/amd64=FILE", p)
		}
		image, size, err := makeImage(a, *where, file)
		if err != nil {
			return nil, nil, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: where}})
		sizes = append(sizes, size)
	}
	return index, sizes, nil
}

func makeImage(a about, where v1.Platform, file string) (v1.Image, int64, error) {
	program, err := os.ReadFile(file)
	if err != nil {
		return nil, 0, err
	}
	var layers []v1.Layer
	var size int64
	for _, entries := range [][]entry{base(), {{"usr/local/bin/treadmill", 0o755, program}}} {
		layer, err := layerOf(a.created, entries)
		if err != nil {
			return nil, 0, err
		}
		n, err := layer.Size()
		if err != nil {
			return nil, 0, err
		}
		layers, size = append(layers, layer), size+n
	}
	image, err := mutate.AppendLayers(mutate.MediaType(empty.Image, types.OCIManifestSchema1), layers...)
	if err != nil {
		return nil, 0, err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return nil, 0, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Variant, config.Created = where.OS, where.Architecture, where.Variant, v1.Time{Time: a.created}
	config.Config = v1.Config{
		User: user, Entrypoint: []string{"/usr/local/bin/treadmill"}, WorkingDir: "/work",
		Env: []string{"PATH=/usr/local/bin", "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt", "HOME=/tmp"},
		Labels: map[string]string{
			"org.opencontainers.image.title":    "treadmill",
			"org.opencontainers.image.version":  a.version,
			"org.opencontainers.image.revision": a.commit,
			"org.opencontainers.image.created":  a.created.UTC().Format(time.RFC3339),
			"org.opencontainers.image.licenses": "Apache-2.0",
		},
	}
	image, err = mutate.ConfigFile(image, config)
	return image, size, err
}

// entry is a file of a layer, or a folder where its name ends in a slash.
type entry struct {
	name string
	mode int64
	text []byte
}

// base is what every program finds on a system.
func base() []entry {
	var roots bytes.Buffer
	for r := range bundle.Roots() {
		_ = pem.Encode(&roots, &pem.Block{Type: "CERTIFICATE", Bytes: r.Certificate}) // a buffer takes all
	}
	return []entry{
		{"etc/passwd", 0o644, []byte("root:x:0:0:root:/:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/tmp:/sbin/nologin\n")},
		{"etc/group", 0o644, []byte("root:x:0:\nnonroot:x:65532:\n")},
		{"etc/ssl/certs/ca-certificates.crt", 0o644, roots.Bytes()},
		{"tmp/", 0o1777, nil},
		{"work/", 0o755, nil},
	}
}

// layerOf packs entries with one time and one owner, so that the same content is the same layer.
func layerOf(at time.Time, entries []entry) (v1.Layer, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.text)), ModTime: at, Typeflag: tar.TypeReg, Format: tar.FormatPAX}
		if strings.HasSuffix(e.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(e.text); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil },
		tarball.WithCompressionLevel(gzip.BestCompression), tarball.WithMediaType(types.OCILayer))
}
