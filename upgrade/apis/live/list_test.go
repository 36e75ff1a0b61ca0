package live_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

const old, staying = "resource.k8s.io/v1beta1", "resource.k8s.io/v1"

func TestListPages(t *testing.T) {
	for _, protobuf := range []bool{true, false} {
		s := &server{answer: func(w http.ResponseWriter, call int, next string) {
			switch next {
			case "":
				page(w, protobuf, "two", claim("a", old, "kubectl"), claim("b", staying, "kubectl"))
			case "two":
				page(w, protobuf, "three", claim("c", old, "kubectl"))
			case "three":
				page(w, protobuf, "")
			}
		}}
		r := objects(t, s)
		if names(r) != "a c" || r.Seen != 3 || s.calls != 3 || len(r.Findings) > 0 {
			t.Errorf("protobuf %v: found %q of %d in %d calls, %v", protobuf, names(r), r.Seen, s.calls, r.Findings)
		}
		if o := r.Objects[0]; o.Owner != "field manager kubectl" || o.APIVersion != old || o.Namespace != "gpu" || o.File != "context test" {
			t.Errorf("%+v", o)
		}
		if !strings.Contains(s.accept[0], "as=PartialObjectMetadataList") {
			t.Errorf("asked for %s", s.accept[0])
		}
	}
}

// TestListTriesAgain breaks the second page in every way that may go better the next time.
func TestListTriesAgain(t *testing.T) {
	failures := map[string]func(w http.ResponseWriter){
		"throttled": func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "slow", http.StatusTooManyRequests)
		},
		"unavailable":       func(w http.ResponseWriter) { http.Error(w, "etcd leader changed", http.StatusServiceUnavailable) },
		"connection broken": func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"body cut off": func(w http.ResponseWriter) {
			body := string(mustJSON(map[string]any{"items": []any{claim("b", old, "m")}}))
			w.Header().Set("Content-Length", fmt.Sprint(len(body)))
			fmt.Fprint(w, body[:len(body)-3])
		},
		"protobuf cut off": func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/vnd.kubernetes.protobuf")
			fmt.Fprint(w, "k8s\x00\x12\x7f")
		},
	}
	for name, fail := range failures {
		t.Run(name, func(t *testing.T) {
			s := &server{answer: func(w http.ResponseWriter, call int, next string) {
				switch {
				case next == "":
					page(w, false, "two", claim("a", old, "m"))
				case call == 2:
					fail(w)
				default:
					page(w, false, "", claim("b", old, "m"))
				}
			}}
			if r := objects(t, s); names(r) != "a b" || r.Seen != 2 || s.calls != 3 || len(r.Findings) > 0 {
				t.Errorf("found %q of %d in %d calls, %v", names(r), r.Seen, s.calls, r.Findings)
			}
		})
	}
}

// TestListExpired lets the continue token expire: the server offers another one, or the list starts anew.
func TestListExpired(t *testing.T) {
	gone := func(w http.ResponseWriter, next string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusGone)
		fmt.Fprintf(w, `{"kind":"Status","metadata":{"continue":%q},"message":"too old","reason":"Expired","code":410}`, next)
	}
	for _, offer := range []string{"", "inconsistent"} {
		s := &server{answer: func(w http.ResponseWriter, call int, next string) {
			switch {
			case next == "":
				page(w, true, "two", claim("a", old, "m"))
			case call == 2:
				gone(w, offer)
			default:
				page(w, true, "", claim("b", old, "m"))
			}
		}}
		calls := map[string]int{"": 4, "inconsistent": 3}[offer]
		if r := objects(t, s); names(r) != "a b" || s.calls != calls || len(r.Findings) > 0 {
			t.Errorf("offer %q: found %q in %d calls, %v", offer, names(r), s.calls, r.Findings)
		}
	}
	s := &server{answer: func(w http.ResponseWriter, call int, next string) {
		if next == "" {
			page(w, true, "two", claim("a", old, "m"))
			return
		}
		gone(w, "")
	}}
	if r := objects(t, s); len(r.Findings) != 1 || r.Findings[0].ID != "input/unread" {
		t.Errorf("a token that always expires: %v", r.Findings)
	}
}

func TestListForbidden(t *testing.T) {
	s := &server{answer: func(w http.ResponseWriter, _ int, _ string) {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, `{"kind":"Status","message":"resourceclaims is forbidden: User \"u\" cannot list"}`)
	}}
	r := objects(t, s)
	if len(r.Findings) != 1 || s.calls != 1 || !strings.HasPrefix(r.Findings[0].Message, "resourceclaims.resource.k8s.io cannot be read: ") ||
		!strings.Contains(r.Findings[0].Message, "clusterrole") && !strings.Contains(r.Findings[0].Message, "ClusterRole") {
		t.Errorf("%v in %d calls", r.Findings, s.calls)
	}
}

// TestUse is the rule of what counts as use.
func TestUse(t *testing.T) {
	applied := claim("applied", staying, "")
	applied.ManagedFields = nil
	applied.Annotations = map[string]string{
		"kubectl.kubernetes.io/last-applied-configuration": `{"apiVersion":"` + old + `","kind":"ResourceClaim"}`,
	}
	stale := claim("stale", staying, "kubectl-client-side-apply")
	stale.Annotations = applied.Annotations
	bare := claim("bare", "", "")
	bare.ManagedFields = nil
	gone := claim("unserved", "resource.k8s.io/v1alpha3", "operator") // the server does not serve it
	both := claim("both", old, "b")
	both.ManagedFields = append(both.ManagedFields, claim("", old, "a").ManagedFields[0], claim("", staying, "c").ManagedFields[0])
	for _, protobuf := range []bool{true, false} {
		s := &server{answer: func(w http.ResponseWriter, _ int, _ string) {
			page(w, protobuf, "", applied, stale, bare, gone, both, claim("controller", old, "kube-controller-manager"))
		}}
		r := objects(t, s)
		var got []string
		for _, o := range r.Objects {
			got = append(got, o.Name+" by "+o.Owner)
		}
		if want := "applied by kubectl apply, both by field managers a, b"; strings.Join(got, ", ") != want || r.Stale != 2 || r.Seen != 6 {
			t.Errorf("protobuf %v: got %q, %d stale of %d; want %q", protobuf, got, r.Stale, r.Seen, want)
		}
	}
}
