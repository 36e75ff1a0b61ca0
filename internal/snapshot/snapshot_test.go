package snapshot_test

import (
	"archive/zip"
	"bytes"
	"crypto/rand"
	"io"
	"io/fs"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"treadmill/internal/snapshot"
)

func key(t *testing.T, name string) (note.Signer, note.Verifier) {
	t.Helper()
	private, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		t.Fatal(err)
	}
	return signer, verifier
}

var files = map[string][]byte{"windows/data/a.yaml": []byte("version: 1\n"), "component/flags.tsv": []byte("x\n"), "empty": {}}

func packed(t *testing.T, signers ...note.Signer) []byte {
	t.Helper()
	data, err := snapshot.Pack(
		snapshot.Manifest{Created: "2026-11-30", Expires: "2027-05-31", Newest: "1.37"},
		files,
		map[string]string{"component/flags.tsv": "2026-11-29"},
		signers...)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestRoundTrip(t *testing.T) {
	signer, verifier := key(t, "team")
	data := packed(t, signer)
	if !bytes.Equal(data, packed(t, signer)) {
		t.Error("the same files give other bytes")
	}
	b, err := snapshot.Open(data, verifier)
	if err != nil {
		t.Fatal(err)
	}
	if b.Manifest.Newest != "1.37" || len(b.Manifest.Files) != 3 || b.Manifest.Files[0].Read != "2026-11-29" ||
		strings.Join(b.Keys, " ") != "team" {
		t.Errorf("%+v", b)
	}
	for name, want := range files {
		if got, err := fs.ReadFile(b.FS(), name); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is %q (%v)", name, got, err)
		}
	}
}

// TestKeysChange: a snapshot that the old and the new key have signed is read by programs that know either.
func TestKeysChange(t *testing.T) {
	oldSigner, oldKey := key(t, "team")
	newSigner, newKey := key(t, "team-2027")
	both := packed(t, oldSigner, newSigner)
	for name, known := range map[string][]note.Verifier{"old": {oldKey}, "new": {newKey}, "both": {oldKey, newKey}} {
		if _, err := snapshot.Open(both, known...); err != nil {
			t.Errorf("with the %s key: %v", name, err)
		}
	}
	if _, err := snapshot.Open(packed(t, newSigner), oldKey); err == nil ||
		!strings.Contains(err.Error(), "not signed by a known key (team+") {
		t.Errorf("signed by an unknown key: %v", err)
	}
}

// edit packs a snapshot anew with a change, as one who has no key could.
func edit(t *testing.T, data []byte, change func(name string, text []byte) (string, []byte)) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		name, text := change(f.Name, text)
		if name == "" {
			continue
		}
		e, err := w.Create(name)
		if err == nil {
			_, err = e.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestOpenRefuses(t *testing.T) {
	signer, verifier := key(t, "team")
	good := packed(t, signer)
	same := func(name string, text []byte) (string, []byte) { return name, text }
	for want, data := range map[string][]byte{
		"component/flags.tsv is not what its manifest says": edit(t, good, func(name string, text []byte) (string, []byte) {
			return name, bytes.Replace(text, []byte("x\n"), []byte("y\n"), 1)
		}),
		"not signed by a known key": edit(t, good, func(name string, text []byte) (string, []byte) {
			return name, bytes.Replace(text, []byte("2027-05-31"), []byte("2099-05-31"), 1)
		}),
		"empty is in its manifest and not in it": edit(t, good, func(name string, text []byte) (string, []byte) {
			if name == "empty" {
				return "", nil
			}
			return same(name, text)
		}),
		"is no name of a file": edit(t, good, func(name string, text []byte) (string, []byte) {
			if name == "empty" {
				return "../empty", nil
			}
			return same(name, text)
		}),
		"it has no manifest": edit(t, good, func(name string, text []byte) (string, []byte) {
			if name == snapshot.ManifestName {
				return "", nil
			}
			return same(name, text)
		}),
		"it is no snapshot": []byte("not a zip file"),
	} {
		if _, err := snapshot.Open(data, verifier); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	var more bytes.Buffer
	w := zip.NewWriter(&more)
	z, err := zip.NewReader(bytes.NewReader(good), int64(len(good)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		if err := w.Copy(f); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Create("other"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := snapshot.Open(more.Bytes(), verifier); err == nil ||
		!strings.Contains(err.Error(), "other is in it and not in its manifest") {
		t.Errorf("a file more: %v", err)
	}
	if _, err := snapshot.Open(good); err == nil {
		t.Error("a snapshot is taken although no key is known")
	}
	signed, err := note.Sign(&note.Note{Text: "{\"format\": 2}\n"}, signer)
	if err != nil {
		t.Fatal(err)
	}
	later := edit(t, good, func(name string, text []byte) (string, []byte) {
		if name == snapshot.ManifestName {
			return name, signed
		}
		return same(name, text)
	})
	if _, err := snapshot.Open(later, verifier); err == nil || !strings.Contains(err.Error(), "format 2") {
		t.Errorf("a later format: %v", err)
	}
}

func TestCheck(t *testing.T) {
	m := snapshot.Manifest{Created: "2026-11-30", Expires: "2027-05-31"}
	for _, c := range []struct{ today, current, want string }{
		{"2026-12-01", "2026-11-30", ""},
		{"2026-12-01", "2026-10-01", ""},
		{"2027-05-30", "2026-11-30", ""},
		{"2027-05-31", "2026-11-30", "expired on 2027-05-31"},
		{"2026-12-01", "2026-12-01", "made on 2026-11-30"},
	} {
		err := m.Check(c.today, c.current)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("on %s over %s: %v, want %q", c.today, c.current, err, c.want)
		}
	}
	if (snapshot.Manifest{}).Check("2026-12-01", "") == nil {
		t.Error("a snapshot without days is taken")
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := snapshot.Open(data); err == nil {
			t.Error("something that nobody signed is taken")
		}
	})
}
