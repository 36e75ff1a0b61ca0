package prom_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"treadmill/slo"
	"treadmill/slo/prom"
)

const poison = "p0is0n-0f-the-server"

// What was sent to be let in is never shown, though the server says it again, wherever it came from.
func TestSecretsAreNotEchoed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(poison+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":"issued-%s","token_type":"bearer"}`, poison)
	}))
	t.Cleanup(tokens.Close)
	noTokens := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, password, _ := r.BasicAuth()
		http.Error(w, "no token for "+id+" with "+password, http.StatusUnauthorized)
	}))
	t.Cleanup(noTokens.Close)
	for name, config := range map[string]string{
		"token":                "authorization: {credentials: " + poison + "}",
		"token file":           "authorization: {credentials_file: secret}",
		"password file":        "basic_auth: {username: me, password_file: secret}",
		"header":               "http_headers: {X-Key: {secrets: [" + poison + "]}}",
		"header file":          "http_headers: {X-Key: {files: [secret]}}",
		"oauth2":               "oauth2: {client_id: me, client_secret_file: secret, token_url: " + tokens.URL + "}",
		"oauth2 without token": "oauth2: {client_id: me, client_secret_file: secret, token_url: " + noTokens.URL + "}",
	} {
		for _, status := range []int{200, 400, 401, 403, 422, 500, 503} {
			s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
				said := strings.Join(append(r.Header.Values("Authorization"), r.Header.Values("X-Key")...), " ")
				_, plain, _ := strings.Cut(said, "Basic ")
				decoded, _ := base64.StdEncoding.DecodeString(plain)
				w.WriteHeader(status)
				fmt.Fprintf(w, `{"status":"error","errorType":"bad_data","error":"not with %s or %s","warnings":["%s"]}`, said, decoded, said)
			})
			_, err := ask(t, prom.Config{Address: s.URL, HTTP: []byte(config), Dir: filepath.Dir(file)}, day(slo.Tile))
			if err == nil || strings.Contains(err.Error(), poison) ||
				strings.Contains(err.Error(), base64.StdEncoding.EncodeToString([]byte("me:"+poison))) {
				t.Errorf("%s, %d: %v", name, status, err)
			}
		}
	}
}

// Credentials go to the server that was named, and to no other that it redirects to.
func TestRedirects(t *testing.T) {
	other := serve(t, func(http.ResponseWriter, *http.Request, int) { t.Error("the other server was asked") })
	for to, want := range map[string]string{
		other.URL + "/login?token=" + poison: "the server redirects to " + other.URL + ", which was not to be asked",
		"/prefix/api/v1/query_range":         "",
		"/api/v1/query_range":                "in a circle",
	} {
		s := serve(t, func(w http.ResponseWriter, r *http.Request, _ int) {
			if strings.HasPrefix(r.URL.Path, "/prefix") {
				fmt.Fprint(w, ones(parse(t, r), 0))
				return
			}
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
		})
		_, err := ask(t, prom.Config{Address: s.URL, HTTP: []byte("authorization: {credentials: " + poison + "}")}, day(slo.Tile))
		if fmt.Sprint(err) == "<nil>" && want != "" ||
			err != nil && (want == "" || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), poison)) {
			t.Errorf("%s: %v", to, err)
		}
	}
}

// The clock of a server is that of its first answer.
func TestClock(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, r *http.Request, n int) {
		w.Header().Set("Date", start.Add(time.Duration(n)*time.Hour).Format(http.TimeFormat))
		fmt.Fprint(w, ones(parse(t, r), 0))
	})
	client, err := prom.New(prom.Config{Address: s.URL})
	if err != nil {
		t.Fatal(err)
	}
	if at := client.Clock(); !at.IsZero() {
		t.Errorf("%s before the first answer", at)
	}
	for range 2 {
		if _, err := client.Range(context.Background(), "x", day(slo.Tile)); err != nil {
			t.Fatal(err)
		}
	}
	if at := client.Clock(); !at.Equal(start.Add(time.Hour)) {
		t.Errorf("%s", at)
	}
}
