package net_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"pgregory.net/rapid"

	"treadmill/internal/net"
)

func TestJoin(t *testing.T) {
	base, err := url.Parse("http://h/prometheus/")
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string]string{
		"team": "http://h/prometheus/rules/team", "a/b": "http://h/prometheus/rules/a%2Fb", "50%": "http://h/prometheus/rules/50%25",
		"../x": "http://h/prometheus/rules/..%2Fx", "ü ?#": "http://h/prometheus/rules/%C3%BC%20%3F%23", "...": "http://h/prometheus/rules/...",
		"..": "", ".": "", "": "", "%2e%2e": "http://h/prometheus/rules/%252e%252e",
	} {
		u, err := net.Join(base, "rules", s)
		if want == "" {
			if err == nil {
				t.Errorf("%q is taken: %s", s, u)
			}
		} else if err != nil || u.String() != want {
			t.Errorf("%q: %v, %v; want %s", s, u, err, want)
		}
	}
}

// TestJoinedTextsReachTheServerAsTheyAre sends any text as a segment: a server reads the same text, in the same folder.
func TestJoinedTextsReachTheServerAsTheyAre(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.EscapedPath() }))
	defer server.Close()
	base, err := url.Parse(server.URL + "/p")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.StringOfN(rapid.RuneFrom([]rune("ab./%\\?#ü: ")), 1, 6, -1).Draw(rt, "text")
		u, err := net.Join(base, "v1", s)
		if s == "." || s == ".." {
			if err == nil {
				rt.Fatalf("%q is taken", s)
			}
			return
		}
		if err != nil {
			rt.Fatal(err)
		}
		resp, err := server.Client().Get(u.String())
		if err != nil {
			rt.Fatal(err)
		}
		_ = resp.Body.Close()
		if want := "/p/v1/" + url.PathEscape(s); got != want {
			rt.Fatalf("%q arrives as %s, want %s", s, got, want)
		}
	})
}

func TestCheckPath(t *testing.T) {
	for path, ok := range map[string]bool{
		"/api/v1/namespaces/x/secrets": true, "/api/v1/namespaces/../secrets": false, "/api/v1/namespaces/%2e%2E/secrets": false,
		"/api/v1/namespaces//secrets": false, "/api/v1/namespaces/a%2F..%2Fb/secrets": true, "/api/v1/%zz": false,
		"/metrics": true, "/api/v1/pods/": true,
	} {
		if err := net.CheckPath(path); (err == nil) != ok {
			t.Errorf("%s: %v", path, err)
		}
	}
}
