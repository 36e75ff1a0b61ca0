package live_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/live"
	"treadmill/upgrade/kube"
)

// claims is where the tests' objects are listed: resource claims, which 1.38 no longer serves as v1beta1.
const claims = "/apis/resource.k8s.io/v1/resourceclaims"

const discoveryDocument = `{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"resource.k8s.io"},"versions":[
 {"version":"v1","resources":[{"resource":"resourceclaims","responseKind":{"kind":"ResourceClaim"},"verbs":["get","list","create"]}]},
 {"version":"v1beta1","resources":[{"resource":"resourceclaims","responseKind":{"kind":"ResourceClaim"},"verbs":["get","list","create"]}]}]}]}`

// server is an API server with one resource. answer gets the number of the call for the list, from 1, and its continue token.
type server struct {
	answer func(w http.ResponseWriter, call int, next string)
	mu     sync.Mutex
	calls  int
	accept []string
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method != http.MethodGet:
		http.Error(w, "only get", http.StatusMethodNotAllowed)
	case r.URL.Path == "/apis":
		fmt.Fprint(w, discoveryDocument)
	case r.URL.Path == "/api":
		fmt.Fprint(w, `{"kind":"APIGroupDiscoveryList","items":[]}`)
	case r.URL.Path == claims:
		s.mu.Lock()
		s.calls++
		call := s.calls
		s.accept = append(s.accept, r.Header.Get("Accept"))
		s.mu.Unlock()
		s.answer(w, call, r.URL.Query().Get("continue"))
	default:
		http.NotFound(w, r)
	}
}

// connect starts the server and connects to it through a kubeconfig.
func connect(t *testing.T, handler http.Handler) *kube.Cluster {
	t.Helper()
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	config := fmt.Sprintf("apiVersion: v1\nkind: Config\ncurrent-context: test\nclusters: [{name: c, cluster: {server: %q}}]\n"+
		"users: [{name: u, user: {token: t}}]\ncontexts: [{name: test, context: {cluster: c, user: u}}]\n", s.URL)
	loaded, err := kube.Load([]kube.File{{Name: "config", Data: []byte(config)}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := loaded.Connect("test")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// objects scans the server for 1.38.
func objects(t *testing.T, handler http.Handler) live.Result {
	t.Helper()
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	target, err := upgrade.ParseMinor("1.38")
	if err != nil {
		t.Fatal(err)
	}
	r, err := live.Objects(t.Context(), connect(t, handler), table, target)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// claim is an object that a manager wrote through an API version.
func claim(name, apiVersion, manager string) metav1.PartialObjectMetadata {
	return metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: "gpu", Name: name, UID: "u-" + "1", Generation: 3,
		Labels: map[string]string{"app": "x"},
		ManagedFields: []metav1.ManagedFieldsEntry{
			{Manager: manager, Operation: "Update", APIVersion: apiVersion, FieldsV1: metav1.NewFieldsV1(`{"f:spec":{}}`)},
		}}}
}

// page answers with a list, in protobuf or in JSON.
func page(w http.ResponseWriter, protobuf bool, next string, items ...metav1.PartialObjectMetadata) {
	list := metav1.PartialObjectMetadataList{ListMeta: metav1.ListMeta{Continue: next, ResourceVersion: "7"}, Items: items}
	body, kind := mustJSON(list), "application/json"
	if protobuf {
		body, kind = mustProto(&list), "application/vnd.kubernetes.protobuf"
	}
	w.Header().Set("Content-Type", kind)
	_, _ = w.Write(body) // a client that went away is not the server's business
}

func mustJSON(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

func mustProto(list *metav1.PartialObjectMetadataList) []byte {
	raw, err := list.Marshal()
	if err != nil {
		panic(err)
	}
	unknown := runtime.Unknown{TypeMeta: runtime.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadataList"}, Raw: raw}
	data, err := unknown.Marshal()
	if err != nil {
		panic(err)
	}
	return append([]byte("k8s\x00"), data...)
}

// names joins the names of what was found.
func names(r live.Result) string {
	var out []string
	for _, o := range r.Objects {
		out = append(out, o.Name)
	}
	return strings.Join(out, " ")
}
