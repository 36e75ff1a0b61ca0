package read

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured/unstructuredscheme"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"

	"treadmill/internal/diag"
)

// decoded is what an API server's decoder makes of a document, in its strict mode.
type decoded struct {
	apiVersion, kind string
	twice, fails     bool // a key is there twice; it takes no object from it
}

func decode(text string) (out decoded) {
	strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, unstructuredscheme.NewUnstructuredCreator(),
		unstructuredscheme.NewUnstructuredObjectTyper(), json.SerializerOptions{Yaml: true, Strict: true})
	var o unstructured.Unstructured
	_, _, err := strict.Decode([]byte(text), nil, &o)
	if runtime.IsStrictDecodingError(err) {
		said := err.Error()
		out.twice = strings.Contains(said, "already set") || strings.Contains(said, "duplicate field")
	} else if err != nil {
		return decoded{fails: true}
	}
	out.apiVersion, out.kind = o.GetAPIVersion(), o.GetKind()
	return out
}

// sees is what is read of one document: its objects, and whether anything is told, or that a key is there twice.
func sees(text string) (objects []string, findings []diag.Finding, twice bool) {
	var p Parser
	heads, findings := p.Read(Document{Text: []byte(text), Position: diag.Position{File: "f", Line: 1}})
	for o := range heads.Objects() {
		if o.named() {
			objects = append(objects, string(o.APIVersion)+" "+string(o.Kind))
		}
	}
	return objects, findings, slices.ContainsFunc(findings, func(f diag.Finding) bool { return f.ID == Duplicate })
}

// taken holds what is read of one document to what the decoder makes of it: an object that a server takes is seen, or something is told.
func taken(t *testing.T, text string) {
	t.Helper()
	want := decode(text)
	if want.fails || want.apiVersion == "" || want.kind == "" || strings.HasSuffix(want.kind, "List") {
		return
	}
	if objects, findings, _ := sees(text); !slices.Contains(objects, want.apiVersion+" "+want.kind) && len(findings) == 0 {
		t.Errorf("a server takes it as %s %s; read: %q\n%q", want.apiVersion, want.kind, objects, text)
	}
}

// What an API server's decoder takes as an object is one here, and keys that are there twice for the one are so for the other.
func TestAgreesWithDecoder(t *testing.T) {
	const head = "apiVersion: v1\nkind: ConfigMap\n"
	for _, text := range []string{
		head + "metadata: {name: a}\n", head + "data: {a: b, a: c}\n", head + "data:\n  a: b\n  a: c\n", head + "kind: Secret\n",
		head + "data: &x {a: b}\nother:\n  <<: *x\n  c: d\n", head + "data:\n  ? a\n  : b\n", head + "data: {\"a\": b, 'a': c}\n",
		head + "data: {yes: b}\n", "apiVersion: v1\nkind: [a]\n", "apiVersion: v1\nkind: ''\n", "kind: ConfigMap\n", "apiVersion: v1\n",
		"- a\n", "text\n", "{}\n", "\n", "%YAML 1.1\n---\n" + head, "\ufeff" + head, "--- # first\n" + head + "...\n",
		head + "data:\n\ta: b\n", "apiVersion: v1\n  kind: Pod\n", `{"apiVersion":"v1","kind":"Pod","spec":{"a":1,"a":2}}`,
		`{"apiVersion":"v1","kind":"Pod"}`, `{"apiVersion":"v1","kind":"Pod","kind":"Pod"}`, `{"apiVersion":"v1","kind":"Pod",}`,
		`{"apiVersion":"v1","kind":7}`, `{"APIVERSION":"v1","Kind":"Pod"}`, `{"apiVersion":"v1","kind":"Pod"`,
	} {
		taken(t, text)
		want := decode(text)
		switch objects, findings, twice := sees(text); {
		case want.fails && len(objects) > 0 && len(findings) == 0:
			t.Errorf("read as %q in silence, and no server takes it: %q", objects, text)
		case !want.fails && want.twice != twice:
			t.Errorf("a server sees a key twice: %v; told: %v\n%q", want.twice, findings, text)
		}
	}
}

// The decoder differs where it is less exact: it takes a key that a merge gives for written twice, and two keys of different types for two.
func TestDecoderIsLessExact(t *testing.T) {
	const head = "apiVersion: v1\nkind: ConfigMap\n"
	for text, twice := range map[string]bool{
		head + "data: &x {a: b}\nother:\n  <<: *x\n  a: c\n": false,
		head + "data: {1: b, \"1\": c}\n":                    true,
	} {
		if _, findings, got := sees(text); got != twice || decode(text).twice == twice {
			t.Errorf("told: %v\n%q", findings, text)
		}
	}
}

// FuzzDecoder looks for objects that a server takes and that are not seen.
func FuzzDecoder(f *testing.F) {
	for seed := range uint64(64) {
		w := writer{Rand: rand.New(rand.NewPCG(seed, 1))}
		w.object("", 1)
		f.Add(w.b.String())
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) < 1<<14 && !strings.Contains(text, "---") {
			taken(t, text)
		}
	})
}
