package release_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"strings"
	"testing"

	"treadmill/upgrade/apis/render/release"
)

// pack stores a text as Helm stores a release.
func pack(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(base64.StdEncoding.EncodeToString(b.Bytes()))
}

const storedRelease = `{"name":"web","namespace":"shop","version":4,"info":{"status":"deployed"},"config":{"password":"hunter2"},
 "chart":{"metadata":{"name":"web","version":"1.2.3"},"templates":[{"name":"x","data":"eA=="}]},
 "manifest":"---\n# Source: web/templates/pdb.yaml\napiVersion: policy/v1beta1\nkind: PodDisruptionBudget\n","hooks":[{"manifest":"apiVersion: batch/v1beta1\nkind: CronJob\n"}]}`

func TestDecode(t *testing.T) {
	r, err := release.Decode(pack(t, storedRelease))
	if err != nil {
		t.Fatal(err)
	}
	if r.Name != "web" || r.Namespace != "shop" || r.Revision != 4 || r.Status != "deployed" || r.Chart != "web" || r.Version != "1.2.3" {
		t.Errorf("%+v", r)
	}
	if !bytes.Contains(r.Manifest, []byte("\n---\napiVersion: batch/v1beta1")) || !bytes.HasPrefix(r.Manifest, []byte("---\n# Source")) {
		t.Errorf("manifest %q", r.Manifest)
	}
}

// TestDecodeRefuses gives it what is no release. No error may hold any of the content.
func TestDecodeRefuses(t *testing.T) {
	plain := func(s string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte(s))) }
	packed := pack(t, storedRelease)
	for name, c := range map[string]struct {
		stored []byte
		want   string
	}{
		"not base64":   {[]byte("hunter2 hunter2"), "no base64"},
		"not gzip":     {plain("\x1f\x8bhunter2"), "no gzip"},
		"not JSON":     {plain("hunter2"), "no JSON of Helm"},
		"cut off":      {packed[:len(packed)/2/4*4], "cut off"},
		"a bomb":       {pack(t, `{"manifest":"`+strings.Repeat("hunter2", 6<<20)+`"}`), "larger than 32 MiB"},
		"wrong type":   {plain(`{"name":{"hunter2":1}}`), "no JSON of Helm"},
		"nothing":      {nil, "no JSON of Helm"},
		"endless list": {plain(strings.Repeat("[", 1<<20)), "no JSON of Helm"},
	} {
		_, err := release.Decode(c.stored)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// FuzzDecode makes sure that whatever is stored ends in a release or an error that holds none of it.
func FuzzDecode(f *testing.F) {
	f.Add(pack(f, storedRelease))
	f.Add([]byte("H4sIAAAAAAAA"))
	f.Add([]byte(base64.StdEncoding.EncodeToString([]byte(storedRelease))))
	f.Fuzz(func(t *testing.T, stored []byte) {
		r, err := release.Decode(stored)
		if err != nil && (r.Name != "" || len(r.Manifest) > 0) {
			t.Errorf("an error together with %+v", r)
		}
	})
}
