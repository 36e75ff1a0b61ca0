package live_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"treadmill/upgrade/apis/live"
)

// stored is a release as Helm keeps it in a secret, in base64 once more.
func stored(t *testing.T, name string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	fmt.Fprintf(
		z,
		`{"name":%q,"namespace":"shop","version":1,"info":{"status":"deployed"},"chart":{"metadata":{"name":"c","version":"1.0.0"}},`+
			`"manifest":"apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: %s}\n"}`,
		name,
		name,
	)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString(b.Bytes())))
}

// TestReleasesThatCannotBeRead has one release that is huge, one that is cut off, one that is no release and one that is fine: each of the
// first is named, without any of its content, and the last is read.
func TestReleasesThatCannotBeRead(t *testing.T) {
	fine := stored(t, "fine")
	secrets := map[string]string{
		"huge": strings.Repeat("hunter2!", 3<<20),
		"cut":  fine[:len(fine)/2/4*4],
		"none": "aHVudGVyMg==",
		"fine": fine,
	}
	all := func(_, _ []byte) bool { return true }
	r, err := live.Releases(t.Context(), connect(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var items []string
		switch path := req.URL.Path; {
		case path == "/api/v1/secrets":
			for name := range secrets {
				items = append(
					items,
					fmt.Sprintf(
						`{"metadata":{"namespace":"shop","name":%q,"labels":{"owner":"helm","name":%q,"status":"deployed","version":"1"}}}`,
						name,
						name,
					),
				)
			}
			fmt.Fprintf(w, `{"kind":"List","items":[%s]}`, strings.Join(items, ","))
		case path == "/api/v1/configmaps":
			fmt.Fprint(w, `{"kind":"List","items":[]}`)
		default:
			fmt.Fprintf(w, `{"data":{"release":%q}}`, secrets[path[strings.LastIndexByte(path, '/')+1:]])
		}
	})), all)
	if err != nil || names(r) != "fine" || len(r.Findings) != 3 {
		t.Fatalf("%v: %s, %v", err, names(r), r.Findings)
	}
	for i, want := range []string{"shop/cut cannot be read: the release is", "shop/huge cannot be read: it is larger than 16 MiB",
		"shop/none cannot be read: the release is no base64"} {
		if m := r.Findings[i].Message; !strings.Contains(m, want) || strings.Contains(m, "hunter2") {
			t.Errorf("%s, want %s", m, want)
		}
	}
}
