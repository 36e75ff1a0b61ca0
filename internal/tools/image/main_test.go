package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// limit is how large an image may be to download.
const limit = 25 << 20

// program is the binary of this machine: RELEASE_BINARY, or built.
func program(t *testing.T) string {
	t.Helper()
	if file := os.Getenv("RELEASE_BINARY"); file != "" {
		return file
	}
	file := filepath.Join(t.TempDir(), "treadmill")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags=-s -w", "-o", file, "./cmd/treadmill")
	build.Dir, build.Env = filepath.Join("..", "..", ".."), append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return file
}

// The image goes to a registry and comes back, for the platform that asks, and the program in it says its version.
func TestPushedImageIsPulledAndRuns(t *testing.T) {
	file, here := program(t), "linux/"+runtime.GOARCH
	dir := filepath.Join(t.TempDir(), "image")
	args := []string{
		"build",
		"-out",
		dir,
		"-version",
		"v1.2.0",
		"-commit",
		"0123abcd",
		"-created",
		"2026-11-23T10:00:00Z",
		here + "=" + file,
		"linux/s390x=" + file,
	}
	if err := run(args); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(registry.New())
	defer server.Close()
	to := strings.TrimPrefix(server.URL, "http://") + "/ops/treadmill:v1.2.0"
	if err := run([]string{"push", "-insecure", "-from", dir, to}); err != nil {
		t.Fatal(err)
	}
	ref, err := name.ParseReference(to, name.Insecure)
	if err != nil {
		t.Fatal(err)
	}
	image, err := remote.Image(ref, remote.WithPlatform(v1.Platform{OS: "linux", Architecture: runtime.GOARCH}))
	if err != nil {
		t.Fatal(err)
	}
	checkConfig(t, image)
	files := unpack(t, image)
	pulled := filepath.Join(t.TempDir(), "treadmill")
	if err := os.WriteFile(pulled, files["usr/local/bin/treadmill"], 0o700); err != nil { //nolint:gosec // it is to be run
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), pulled, "version").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "treadmill ") {
		t.Errorf("%v\n%s", err, out)
	}
	block, _ := pem.Decode(files["etc/ssl/certs/ca-certificates.crt"])
	if block == nil || block.Type != "CERTIFICATE" {
		t.Error("there are no certificates of authorities")
	}
}

func checkConfig(t *testing.T, image v1.Image) {
	t.Helper()
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	if config.Architecture != runtime.GOARCH || config.Config.User != user ||
		config.Config.Labels["org.opencontainers.image.version"] != "v1.2.0" {
		t.Errorf("%+v", config)
	}
	layers, err := image.Layers()
	if err != nil {
		t.Fatal(err)
	}
	var size int64
	for _, l := range layers {
		n, err := l.Size()
		if err != nil {
			t.Fatal(err)
		}
		size += n
	}
	if size > limit {
		t.Errorf("the image is %d bytes, at most %d are wanted", size, limit)
	}
}

func unpack(t *testing.T, image v1.Image) map[string][]byte {
	t.Helper()
	flat := mutate.Extract(image)
	defer flat.Close()
	files := map[string][]byte{}
	for r := tar.NewReader(flat); ; {
		h, err := r.Next()
		if err == io.EOF {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[h.Name] = text
	}
}

// Same binary and same time, same bytes.
func TestSameInputSameImage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "treadmill")
	if err := os.WriteFile(file, []byte("binary"), 0o600); err != nil {
		t.Fatal(err)
	}
	var first v1.Hash
	for i := range 2 {
		dir := filepath.Join(t.TempDir(), "image")
		if err := run([]string{"build", "-out", dir, "-created", "2026-11-23T10:00:00Z", "linux/amd64=" + file}); err != nil {
			t.Fatal(err)
		}
		index, err := os.ReadFile(filepath.Join(dir, "index.json"))
		if err != nil {
			t.Fatal(err)
		}
		hash, _, err := v1.SHA256(bytes.NewReader(index))
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 && hash != first {
			t.Errorf("%s, then %s", first, hash)
		}
		first = hash
	}
}

func TestMistakesAreTold(t *testing.T) {
	for _, args := range [][]string{{}, {"bake"}, {"build", "-created", "today"},
		{"build", "-created", "2026-11-23T10:00:00Z", "-out", t.TempDir(), "linux"}, {"push"}} {
		if err := run(args); err == nil {
			t.Errorf("%q went well", args)
		}
	}
}
