package live_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"treadmill/upgrade"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/live"
)

// role is an API server that lets its user list in the namespace gpu only. It notes the other paths that were asked for.
type role struct {
	mu    sync.Mutex
	paths []string
}

func (s *role) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	resource := `{"resource":%q,"responseKind":{"kind":%q},"scope":%q,"verbs":["get","list","create"]}`
	switch r.URL.Path {
	case "/api":
		fmt.Fprint(w, `{"kind":"APIGroupDiscoveryList","items":[]}`)
	case "/apis":
		fmt.Fprintf(
			w,
			`{"kind":"APIGroupDiscoveryList","items":[{"metadata":{"name":"resource.k8s.io"},"versions":[{"version":"v1beta1","resources":[%s,%s]}]},`+
				`{"metadata":{"name":"apiextensions.k8s.io"},"versions":[{"version":"v1","resources":[%s]}]}]}`,
			fmt.Sprintf(resource, "resourceclaims", "ResourceClaim", "Namespaced"),
			fmt.Sprintf(resource, "deviceclasses", "DeviceClass", "Cluster"),
			fmt.Sprintf(resource, "customresourcedefinitions", "CustomResourceDefinition", "Cluster"),
		)
	case "/apis/resource.k8s.io/v1beta1/namespaces/gpu/resourceclaims":
		page(w, false, "", claim("a", "resource.k8s.io/v1beta1", "kubectl"))
	case "/api/v1/namespaces/gone":
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprint(w, `{"kind":"Status","message":"namespaces \"gone\" not found"}`)
	case "/api/v1/namespaces/gpu/secrets", "/api/v1/namespaces/gpu/configmaps":
		fmt.Fprint(w, `{"kind":"List","items":[]}`)
	default:
		s.mu.Lock()
		s.paths = append(s.paths, r.URL.Path)
		s.mu.Unlock()
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"kind":"Status","message":"no"}`)
	}
}

// TestNamespace scans one namespace as a user who has no more than a Role there.
func TestNamespace(t *testing.T) {
	table, err := lifecycle.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := &role{}
	c := connect(t, s)
	c.Namespace = "gpu"
	r, err := live.Objects(t.Context(), c, table, upgrade.V1(38))
	if err != nil || names(r) != "a" || len(r.Findings) > 0 {
		t.Errorf("%v: %s %v", err, names(r), r.Findings)
	}
	if r, err := live.Releases(t.Context(), c, nil); err != nil || len(r.Findings) > 0 {
		t.Errorf("releases: %v %v", err, r.Findings)
	}
	if got := strings.Join(s.paths, " "); got != "/api/v1/namespaces/gpu /api/v1/namespaces/gpu" {
		t.Errorf("asked for what a Role does not give: %s", got)
	}
	c.Namespace = "gone"
	if _, err := live.Objects(t.Context(), c, table, upgrade.V1(38)); err == nil ||
		!strings.Contains(err.Error(), `the namespace gone: 404 Not Found: namespaces "gone" not found`) {
		t.Errorf("a namespace that is not there: %v", err)
	}
	all, err := live.Objects(t.Context(), connect(t, s), table, upgrade.V1(38))
	if err != nil || len(all.Findings) != 3 {
		t.Errorf("without a namespace: %v %v", err, all.Findings)
	}
}
