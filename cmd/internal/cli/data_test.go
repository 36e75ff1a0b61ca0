package cli_test

import (
	"crypto/rand"
	"io"
	"io/fs"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/mod/sumdb/note"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli"
	"treadmill/internal/snapshot"
	"treadmill/upgrade/apis/lifecycle"
)

// home runs commands with a home of their own.
type home struct {
	t   *testing.T
	dir string
}

func (h home) run(want int, args ...string) string {
	h.t.Helper()
	var out, errs strings.Builder
	env := app.Env{Args: append([]string{"treadmill"}, args...), Stdout: &out, Stderr: &errs, Stdin: strings.NewReader(""), Now: time.Now,
		Open: func(name string) (fs.File, error) { return os.Open(name) },
		Getenv: func(name string) string {
			if name == "HOME" {
				return h.dir
			}
			return ""
		}}
	if got := cli.Main(h.t.Context(), env); got != want {
		h.t.Fatalf("%v: status %d, want %d\n%s%s", args, got, want, out.String(), errs.String())
	}
	return out.String() + errs.String()
}

// later is a snapshot in which Kubernetes 1.38 is out and has taken an API away.
func later(t *testing.T, signer note.Signer, created string) []byte {
	t.Helper()
	files := map[string][]byte{}
	for _, n := range []string{"builtin.tsv", "config.tsv", "custom.tsv", "rewrite.tsv"} {
		content, err := fs.ReadFile(lifecycle.Files(), n)
		if err != nil {
			t.Fatal(err)
		}
		text := string(content)
		if n == "builtin.tsv" {
			text = strings.Replace(text, "newest\t1.37\n", "newest\t1.38\n", 1)
			text = strings.Replace(
				text,
				"coordination.k8s.io\tv1alpha2\tLeaseCandidate\tleasecandidates\t1.32\t1.35\t-\t-\t",
				"coordination.k8s.io\tv1alpha2\tLeaseCandidate\tleasecandidates\t1.32\t1.35\t1.38\tobserved\t",
				1,
			)
		}
		files["lifecycle/"+n] = []byte(text)
	}
	data, err := snapshot.Pack(snapshot.Manifest{Created: created, Expires: "2027-06-30", Newest: "1.38"}, files, nil, signer)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestDataUpdate: an old program with a new snapshot from a registry answers for 1.38; snapshots that were changed, have expired, are
// older or are signed by somebody else are refused with the reason, and nothing changes.
func TestDataUpdate(t *testing.T) {
	private, public, err := note.GenerateKey(rand.Reader, "team")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	reference := strings.TrimPrefix(server.URL, "http://") + "/platform/data:latest"
	publish(t, reference, later(t, signer, "2026-12-18"))

	h := home{t, t.TempDir()}
	object := filepath.Join(h.dir, "lease.yaml")
	put(t, object, "apiVersion: coordination.k8s.io/v1alpha2\nkind: LeaseCandidate\nmetadata: {name: x, namespace: d}\n")
	if out := h.run(0, "upgrade", "scan", object, "--now", "2026-12-20", "--to", "1.38"); !strings.Contains(out, "0 removed") {
		t.Error(out)
	}
	if out := h.run(0, "data", "status", "--now", "2026-12-20"); !strings.Contains(out, "those in the program") {
		t.Error(out)
	}
	h.run(0, "data", "update", "oci://"+reference, "--data-key", public, "--now", "2026-12-20")
	if out := h.run(1, "upgrade", "scan", object, "--now", "2026-12-20", "--to", "1.38"); !strings.Contains(out, "1 removed") ||
		!strings.Contains(out, "snapshot of 2026-12-18, signed by team") {
		t.Error(out)
	}
	if out := h.run(0, "data", "status", "--now", "2026-12-20"); !strings.Contains(out, "a snapshot of 2026-12-18, signed by team") ||
		!regexp.MustCompile(`lifecycle +snapshot`).MatchString(out) {
		t.Error(out)
	}

	good := later(t, signer, "2026-12-19")
	file := filepath.Join(h.dir, "bundle.zip")
	_, stranger, err := note.GenerateKey(rand.Reader, "stranger")
	if err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]struct {
		data []byte
		now  string
	}{
		"is no snapshot":                          {good[:len(good)-30], "2026-12-20"},
		"it expired on 2027-06-30":                {good, "2027-07-01"},
		"and the tables in use are of 2026-12-18": {later(t, signer, "2026-12-17"), "2026-12-20"},
		"not what its manifest says":              {changed(good), "2026-12-20"},
	} {
		put(t, file, string(c.data))
		if out := h.run(3, "data", "update", file, "--now", c.now); !strings.Contains(out, "nothing changes") {
			t.Errorf("%s: %s", want, out)
		} else if !strings.Contains(out, want) && want != "not what its manifest says" {
			t.Errorf("got %s, want %s", out, want)
		}
	}
	put(t, file, string(good))
	other := home{t, t.TempDir()}
	if out := other.run(3, "data", "update", file, "--data-key", stranger, "--now", "2026-12-20"); !strings.Contains(
		out,
		"not signed by a known key (stranger+",
	) {
		t.Error(out)
	}
	if out := h.run(0, "data", "status", "--now", "2026-12-20"); !strings.Contains(out, "2026-12-18") {
		t.Error("a refused snapshot changed something: " + out)
	}
	// One that has expired since is left aside, and said.
	if out := h.run(0, "upgrade", "scan", object, "--now", "2027-07-01", "--to", "1.38"); !strings.Contains(out, "0 removed") ||
		!strings.Contains(out, "data/ignored") {
		t.Error(out)
	}
	if out := h.run(3, "upgrade", "scan", object, "--now", "2027-07-01", "--data", file); !strings.Contains(out, "it expired on 2027-06-30") {
		t.Error(out)
	}
}

// changed is a snapshot with one byte of its contents turned.
func changed(data []byte) []byte {
	out := append([]byte{}, data...)
	out[len(out)/2] ^= 1
	return out
}

func publish(t *testing.T, reference string, data []byte) {
	t.Helper()
	ref, err := name.ParseReference(reference)
	if err != nil {
		t.Fatal(err)
	}
	image, err := mutate.Append(empty.Image, mutate.Addendum{Layer: static.NewLayer(data, types.MediaType(snapshot.MediaType))})
	if err == nil {
		err = remote.Write(ref, image)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestDataFolder: a folder of tables is used as it is, and each table says that it comes from there.
func TestDataFolder(t *testing.T) {
	h := home{t, t.TempDir()}
	tables := filepath.Join(h.dir, "tables", "component")
	if err := os.MkdirAll(tables, 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"flags.tsv": "date\t2026-12-18\nkubelet\tnode-labels\t1.37\t1.37\t-\nkubelet\tv\t1.37\t1.38\t-\n",
		"gates.tsv": "date\t2026-12-18\nOld\t1.37\t1.37\tBeta\ttrue\tfalse\nNew\t1.38\t1.38\tBeta\ttrue\tfalse\n",
	} {
		put(t, filepath.Join(tables, name), text)
	}
	out := h.run(0, "data", "status", "--data", filepath.Dir(tables), "--now", "2026-12-20")
	if !regexp.MustCompile(`component +folder`).MatchString(out) || strings.Contains(out, "feature gates") ||
		!regexp.MustCompile(`metrics +program`).MatchString(out) {
		t.Error(out)
	}
	object := filepath.Join(h.dir, "join.yaml")
	put(
		t,
		object,
		"apiVersion: kubeadm.k8s.io/v1beta4\nkind: JoinConfiguration\nnodeRegistration:\n  kubeletExtraArgs: [{name: node-labels, value: a=b}]\n",
	)
	if out := h.run(1, "upgrade", "scan", object, "--data", filepath.Dir(tables), "--to", "1.38", "--now", "2026-12-20"); !strings.Contains(
		out,
		"--node-labels",
	) {
		t.Error(out)
	}
}
