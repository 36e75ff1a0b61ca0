package net_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"treadmill/internal/net"
)

// get asks once with a token and returns the answer or the error.
func get(t *testing.T, c *http.Client, url string) (string, error) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer token-of-the-test")
	resp, err := c.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return string(text), err
}

func client(limits net.Limits, stay bool) (*http.Client, *net.Secrets) {
	s := &net.Secrets{}
	if limits.Body == 0 {
		limits.Body = 1 << 20
	}
	return net.Client(http.DefaultTransport, limits, s, stay), s
}

// TestSilence: a server that never answers, and one that stops in the middle, are given up.
func TestSilence(t *testing.T) {
	release := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/half" {
			_, _ = io.WriteString(w, "half of")
			w.(http.Flusher).Flush()
		}
		<-release
	}))
	defer s.Close()
	defer close(release)
	for _, path := range []string{"/never", "/half"} {
		c, _ := client(net.Limits{Timeout: 50 * time.Millisecond}, false)
		_, err := get(t, c, s.URL+path)
		var silent *net.Silent
		if !errors.As(err, &silent) || !strings.Contains(err.Error(), "no answer within 50ms (--timeout)") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestWhatKnowsNoDeadlineIsLeftBehind: a credential plugin is run by what is below, and does not hear of contexts.
func TestWhatKnowsNoDeadlineIsLeftBehind(t *testing.T) {
	release := make(chan struct{})
	defer close(release)
	deaf := roundTripper(func(*http.Request) (*http.Response, error) { <-release; return nil, errors.New("late") })
	c := net.Client(deaf, net.Limits{Timeout: 50 * time.Millisecond, Body: 1}, &net.Secrets{}, false)
	var silent *net.Silent
	if _, err := get(t, c, "http://x"); !errors.As(err, &silent) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://x", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Do(req); !errors.Is(err, context.Canceled) { //nolint:bodyclose // there is none
		t.Error(err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestSize: an answer of just as much as it may have is read, one without end is not.
func TestSize(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := 100
		if r.URL.Path == "/more" {
			n = 1 << 20
		}
		_, _ = io.WriteString(w, strings.Repeat("x", n))
	}))
	defer s.Close()
	c, _ := client(net.Limits{Body: 100}, false)
	if text, err := get(t, c, s.URL+"/"); err != nil || len(text) != 100 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
	var large *net.TooLarge
	if text, err := get(t, c, s.URL+"/more"); !errors.As(err, &large) || len(text) != 100 {
		t.Errorf("%d bytes, %v", len(text), err)
	}
}

// TestCredentialsStayWithTheirHost: a redirect within the host is followed; one to another host, or to another scheme, is not.
func TestCredentialsStayWithTheirHost(t *testing.T) {
	asked := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	defer other.Close()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here":
			_, _ = io.WriteString(w, "here")
		case "/within":
			http.Redirect(w, r, "/here", http.StatusFound)
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
		case "/scheme":
			http.Redirect(w, r, "https://"+r.Host+"/here", http.StatusFound)
		default:
			http.Redirect(w, r, "/circle", http.StatusFound)
		}
	}))
	defer s.Close()
	for path, want := range map[string]string{"/within": "", "/away": "which was not to be asked", "/scheme": "which was not to be asked",
		"/circle": "in a circle"} {
		c, _ := client(net.Limits{}, false)
		text, err := get(t, c, s.URL+path)
		if want == "" && (err != nil || text != "here") || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %q, %v", path, text, err)
		}
	}
	stay, _ := client(net.Limits{}, true)
	if text, err := get(t, stay, s.URL+"/within"); err != nil || text == "here" {
		t.Errorf("followed where nothing is to be: %q, %v", text, err)
	}
	if asked != 0 {
		t.Errorf("the other host got %d requests", asked)
	}
}

// TestEchoes: what was sent to be let in is not shown, whatever a server says.
func TestEchoes(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "not allowed: "+r.Header.Get("Authorization"))
	}))
	defer s.Close()
	c, secrets := client(net.Limits{}, false)
	text, err := get(t, c, s.URL)
	if err != nil || !strings.Contains(text, "token-of-the-test") {
		t.Fatal(text, err)
	}
	secrets.Add("pass word", "ab")
	if got := secrets.Redact(text + " pass word pass+word ab"); got != "not allowed: Bearer <secret> <secret> <secret> ab" {
		t.Error(got)
	}
}

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"7": 7 * time.Second, "99999": 99999 * time.Second, "Mon, 30 Nov 2026 12:01:00 GMT": time.Minute, "Mon, 30 Nov 2026 11:00:00 GMT": 0,
		"": 0, "-3": 0, "soon": 0, "99999999999999999999": 0,
	} {
		if got := net.RetryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

// TestTrouble: errors of TLS and of names say what to look at.
func TestTrouble(t *testing.T) {
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	secure.Config.ErrorLog = nil
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	pool := x509.NewCertPool()
	pool.AddCert(secure.Certificate())
	for name, c := range map[string]struct {
		config    *tls.Config
		url, want string
	}{
		"nobody trusts it": {nil, secure.URL, "signed by nobody who is trusted here"},
		"for another name": {&tls.Config{RootCAs: pool, ServerName: "other.test"}, secure.URL, "is for another name"},
		"plain http":       {nil, strings.Replace(plain.URL, "http:", "https:", 1), "look at the scheme and the port"},
		"expired": {&tls.Config{RootCAs: pool, Time: func() time.Time { return time.Date(2199, 1, 1, 0, 0, 0, 0, time.UTC) }},
			secure.URL, "look at the clock"},
		"no such name":      {nil, "http://no-such-name.invalid", "look at the address"},
		"nothing to say to": {nil, "http://127.0.0.1:1", "refused"},
	} {
		made := net.Client(&http.Transport{TLSClientConfig: c.config}, net.Limits{Body: 100, Timeout: 10 * time.Second}, &net.Secrets{}, false)
		if _, err := get(t, made, c.url); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if net.Explain(nil) != nil || fmt.Sprint(net.Explain(io.EOF)) != "EOF" {
		t.Error("other errors change")
	}
}
