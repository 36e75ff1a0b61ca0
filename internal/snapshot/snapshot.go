// Package snapshot packs the tables of facts into one signed file, and takes such a file apart again.
//
// The way through it: Files → Pack → bytes (a zip file with the signed manifest in it) → Open (signature, format, names, sizes,
// checksums) → Bundle → Check (not expired, not older than what is there) → FS. The signature is that of a signed note
// (golang.org/x/mod/sumdb/note, Ed25519), the form in which Go's checksum database signs: its text is the manifest, and a note may carry
// the signatures of several keys, which is how keys are changed. It opens no files, knows no network and no clock.
package snapshot

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Format is the version of the form of a snapshot that this package writes and reads.
const Format = 1

// MediaType is the type of the layer, and ArtifactType that of the artefact, as which an OCI registry holds a snapshot.
const (
	MediaType    = "application/vnd.treadmill.data.layer.v1+zip"
	ArtifactType = "application/vnd.treadmill.data.v1"
)

// ManifestName is the file of the signed manifest in a snapshot.
const ManifestName = "manifest"

// maxFile and maxFiles bound what a snapshot is taken apart into: tables are of a few hundred thousand bytes.
const (
	maxFile  = 16 << 20
	maxFiles = 1000
)

// Manifest says what a snapshot holds. Days are such as 2026-11-30.
type Manifest struct {
	Format  int    `json:"format"`
	Created string `json:"created"` // the day on which it was made
	Expires string `json:"expires"` // the first day on which it is not to be used any more
	Newest  string `json:"newest"`  // the newest minor of Kubernetes that is out by it, such as "1.37"
	Preview string `json:"preview,omitempty"`
	Files   []File `json:"files"` // by name
}

// File is one table.
type File struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Size   int    `json:"size"`
	Read   string `json:"read,omitempty"` // the newest day on which a source of it was read
}

// Bundle is a snapshot whose signature, names and checksums are right.
type Bundle struct {
	Manifest Manifest
	Keys     []string // names of the known keys that signed it
	files    *zip.Reader
}

// FS is the tables by the names of the manifest.
func (b Bundle) FS() fs.FS { return b.files }

// Pack makes a snapshot of files. The same files and the same manifest give the same bytes. The manifest's list of files is made here;
// read says when a file was read.
func Pack(m Manifest, files map[string][]byte, read map[string]string, signers ...note.Signer) ([]byte, error) {
	m.Format, m.Files = Format, []File{}
	names := slices.Sorted(maps.Keys(files))
	for _, name := range names {
		sum := sha256.Sum256(files[name])
		m.Files = append(m.Files, File{Name: name, SHA256: hex.EncodeToString(sum[:]), Size: len(files[name]), Read: read[name]})
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return nil, err
	}
	signed, err := note.Sign(&note.Note{Text: string(text) + "\n"}, signers...)
	if err != nil {
		return nil, fmt.Errorf("sign the manifest: %w", err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, name := range append([]string{ManifestName}, names...) {
		w, err := z.Create(name) // without a time: same files, same bytes
		if err != nil {
			return nil, err
		}
		content := signed
		if i > 0 {
			content = files[name]
		}
		if _, err := w.Write(content); err != nil {
			return nil, err
		}
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Open takes a snapshot apart. It fails, with the reason, for one that no known key has signed, that is of a form that this package does
// not know, or whose files are not those of its manifest.
func Open(data []byte, keys ...note.Verifier) (Bundle, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return Bundle{}, fmt.Errorf("it is no snapshot: %w", err)
	}
	contents, err := unpack(z)
	if err != nil {
		return Bundle{}, err
	}
	signed, ok := contents[ManifestName]
	if !ok {
		return Bundle{}, errors.New("it is no snapshot: it has no manifest")
	}
	if len(keys) == 0 {
		return Bundle{}, errors.New("no key is known that its signature could be checked with: this build has none, name one")
	}
	n, err := note.Open(signed, note.VerifierList(keys...))
	if err != nil {
		return Bundle{}, fmt.Errorf("its manifest is not signed by a known key (%s): %w", names(keys), err)
	}
	b := Bundle{files: z}
	for _, s := range n.Sigs {
		b.Keys = append(b.Keys, s.Name)
	}
	var form struct {
		Format int `json:"format"`
	}
	if err := json.Unmarshal([]byte(n.Text), &form); err != nil {
		return b, fmt.Errorf("its manifest: %w", err)
	}
	if form.Format != Format {
		return b, fmt.Errorf("it is of format %d, and this treadmill reads format %d: a newer treadmill is needed", form.Format, Format)
	}
	if err := json.Unmarshal([]byte(n.Text), &b.Manifest); err != nil {
		return b, fmt.Errorf("its manifest: %w", err)
	}
	delete(contents, ManifestName)
	return b, b.Manifest.compare(contents)
}

func names(keys []note.Verifier) string {
	var out []string
	for _, k := range keys {
		out = append(out, fmt.Sprintf("%s+%08x", k.Name(), k.KeyHash()))
	}
	return strings.Join(out, ", ")
}

// unpack reads every file of a snapshot, within bounds.
func unpack(z *zip.Reader) (map[string][]byte, error) {
	if len(z.File) > maxFiles {
		return nil, fmt.Errorf("it has %d files, more than %d", len(z.File), maxFiles)
	}
	out := map[string][]byte{}
	for _, f := range z.File {
		if !fs.ValidPath(f.Name) || f.Mode()&fs.ModeType != 0 || out[f.Name] != nil {
			return nil, fmt.Errorf("%.60q is no name of a file, or one that it has twice", f.Name)
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		text, err := io.ReadAll(io.LimitReader(r, maxFile+1))
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, fmt.Errorf("%s: %w", f.Name, err)
		}
		if len(text) > maxFile {
			return nil, fmt.Errorf("%s is larger than %d bytes", f.Name, maxFile)
		}
		out[f.Name] = append([]byte{}, text...)
	}
	return out, nil
}

// compare holds the files of a snapshot to its manifest, both ways.
func (m Manifest) compare(contents map[string][]byte) error {
	for _, f := range m.Files {
		text, ok := contents[f.Name]
		if !ok {
			return fmt.Errorf("%s is in its manifest and not in it", f.Name)
		}
		if sum := sha256.Sum256(text); hex.EncodeToString(sum[:]) != f.SHA256 {
			return fmt.Errorf("%s is not what its manifest says: it was changed after it was signed", f.Name)
		}
		delete(contents, f.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(contents)) {
		return fmt.Errorf("%s is in it and not in its manifest", name)
	}
	return nil
}

// Check refuses a snapshot that has expired by a day, and one made before the tables that are in use. Days are such as 2026-11-30, and
// compare as texts.
func (m Manifest) Check(today, current string) error {
	switch {
	case m.Created == "" || m.Expires == "":
		return errors.New("its manifest does not say when it was made and when it expires")
	case m.Expires <= today:
		return fmt.Errorf("it expired on %s: take a newer one", m.Expires)
	case m.Created < current:
		return fmt.Errorf("it was made on %s, and the tables in use are of %s: an older one would take facts away", m.Created, current)
	}
	return nil
}
