// Command snapshot packs the tables of facts of this tree into a signed snapshot, makes keys to sign it with, and pushes it to an OCI
// registry.
package main

import (
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/mod/sumdb/note"

	"treadmill/internal/snapshot"
	"treadmill/rules/lint"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/component"
	"treadmill/upgrade/windows"
)

func main() {
	newKey := flag.String("newkey", "", "make a key of this name: print its private and its public half, and do nothing else")
	keys := flag.String("keys", os.Getenv("SNAPSHOT_KEYS"), "files of private keys, by comma, that sign (default: SNAPSHOT_KEYS)")
	out := flag.String("out", "dist/treadmill-data.zip", "file to write")
	created := flag.String("created", time.Now().UTC().Format(time.DateOnly), "the day that is written as that of making")
	days := flag.Int("days", 180, "after how many days it expires")
	push := flag.String("push", "", "reference in an OCI registry to push it to as well")
	flag.Parse()
	if err := run(*newKey, *keys, *out, *created, *days, *push); err != nil {
		fmt.Fprintln(os.Stderr, "snapshot:", err)
		os.Exit(1)
	}
}

func run(newKey, keys, out, created string, days int, push string) error {
	if newKey != "" {
		private, public, err := note.GenerateKey(rand.Reader, newKey)
		if err == nil {
			fmt.Printf("private, to be kept: %s\npublic, for cmd/internal/app/keys.txt or --data-key: %s\n", private, public)
		}
		return err
	}
	signers, err := signers(keys)
	if err != nil {
		return err
	}
	data, err := pack(created, days, signers)
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, data, 0o644); err != nil { // it is published
		return err
	}
	fmt.Printf("%s: %d bytes\n", out, len(data))
	if push == "" {
		return nil
	}
	return publish(push, data)
}

func signers(files string) ([]note.Signer, error) {
	var out []note.Signer
	for file := range strings.SplitSeq(files, ",") {
		if file == "" {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		s, err := note.NewSigner(strings.TrimSpace(string(text)))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		out = append(out, s)
	}
	if len(out) == 0 {
		return nil, errors.New("no key signs it: name files with -keys or SNAPSHOT_KEYS; make snapshot-key makes one")
	}
	return out, nil
}

// pack makes the snapshot of the tables in this tree.
func pack(created string, days int, signers []note.Signer) ([]byte, error) {
	day, err := windows.ParseDay(created)
	if err != nil {
		return nil, err
	}
	apis, err := lifecycle.Load()
	if err != nil {
		return nil, err
	}
	m := snapshot.Manifest{
		Created: created,
		Expires: (day + windows.Day(days)).String(),
		Newest:  apis.Newest.String(),
		Preview: apis.PreviewVersion,
	}
	files, read := map[string][]byte{}, map[string]string{}
	for table, from := range map[string]fs.FS{"windows": windows.Files(), "addons": addons.Files(), "lifecycle": lifecycle.Files(),
		"component": component.Files(), "lint": lint.Files()} {
		err := fs.WalkDir(from, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(from, path)
			files[table+"/"+path], read[table+"/"+path] = text, newest(string(text))
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return snapshot.Pack(m, files, read, signers...)
}

var readForm = regexp.MustCompile(`(?m)(?:\bread: |^date\t)(2\d\d\d-\d\d-\d\d)`)

// newest is the newest day on which a table says that it was read.
func newest(text string) string {
	last := ""
	for _, f := range readForm.FindAllStringSubmatch(text, -1) {
		last = max(last, f[1])
	}
	return last
}

// publish pushes a snapshot to an OCI registry, with the credentials that the user's registry clients have.
func publish(reference string, data []byte) error {
	ref, err := name.ParseReference(reference)
	if err != nil {
		return err
	}
	image, err := mutate.Append(mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), snapshot.ArtifactType),
		mutate.Addendum{Layer: static.NewLayer(data, types.MediaType(snapshot.MediaType))})
	if err != nil {
		return err
	}
	if err := remote.Write(ref, image, remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
		return fmt.Errorf("push %s: %w", reference, err)
	}
	digest, err := image.Digest()
	if err == nil {
		fmt.Printf("%s@%s\n", ref.Context(), digest)
	}
	return err
}
