//go:build e2e

package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// door is a server before Prometheus that lets in who shows what it wants to see, and goes on to Prometheus by its own password.
func (l *living) door(t *testing.T, header, want string) string {
	t.Helper()
	target, err := url.Parse(l.url)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Transport: l.transport(), Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.SetBasicAuth("reader", poison)
	}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get(header); got != want {
			http.Error(w, fmt.Sprintf("%s: %q is not %q", header, got, want), http.StatusUnauthorized)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// tokens is a server that issues a token to who knows a secret, in the way of OAuth2's client credentials. It counts those.
func tokens(t *testing.T, token, secret string) (address string, issued *atomic.Int64) {
	t.Helper()
	issued = &atomic.Int64{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, password, _ := r.BasicAuth()
		if r.FormValue("grant_type") != "client_credentials" || id != "treadmill" || password != secret {
			http.Error(w, "no token for "+id+" with "+password+" and "+r.Form.Encode(), http.StatusUnauthorized)
			return
		}
		issued.Add(1)
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"access_token":%q,"token_type":"Bearer","expires_in":3600}`, token)
	}))
	t.Cleanup(server.Close)
	return server.URL, issued
}

// accessLiving: treadmill is let in with a token, with one that a server issues, as a tenant; and what it shows for that is in
// nothing that it writes, however it is turned away.
func accessLiving(t *testing.T, l *living) {
	const token = "issued-" + poison
	issuer, issued := tokens(t, token, poison)
	secret := filepath.Join(l.dir, "secret")
	write(t, secret, poison+"\n")
	ways := map[string]struct{ config, header, value string }{
		"token":      {"authorization: {credentials: " + poison + "}", "Authorization", "Bearer " + poison},
		"token file": {"authorization: {credentials_file: secret}", "Authorization", "Bearer " + poison},
		"OAuth2": {
			"oauth2: {client_id: treadmill, client_secret_file: secret, token_url: " + issuer + "}",
			"Authorization",
			"Bearer " + token,
		},
		"tenant":        {"http_headers: {X-Key: {secrets: [" + poison + "]}}", "X-Scope-OrgID", "team-a"},
		"secret header": {"http_headers: {X-Key: {secrets: [" + poison + "]}}", "X-Key", poison},
	}
	ask := [][]string{
		{"slo", "gate"},
		{"slo", "report", "-o", "html"},
		{"slo", "suggest", "--since", "3d"},
		{"rules", "backtest", "--since", "3d", "--baseline", "ALERTS", "-o", "json"},
	}
	for name, way := range ways {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			through := *l
			through.config = filepath.Join(l.dir, strings.ReplaceAll(name, " ", "-")+".yaml")
			write(t, through.config, way.config+"\n")
			door := l.door(t, way.header, way.value)
			for _, command := range ask {
				if status, out, errs := through.run(t, door, append(slices.Clone(command), l.slo("healthy"), "--prometheus-tenant",
					"team-a")...); status != 0 {
					t.Errorf("treadmill %v: status %d\n%s%s", command, status, out, errs)
				}
			}
			var wait sync.WaitGroup
			for how, fault := range turnedAway(t) {
				front := httptest.NewServer(fault)
				t.Cleanup(front.Close)
				for i, command := range ask {
					if i > 0 && name != "OAuth2" {
						break // the other commands ask through the same client
					}
					wait.Go(func() {
						status, out, errs := through.run(t, front.URL, append(slices.Clone(command), l.slo("healthy"), "--prometheus-tenant", "team-a")...)
						if status != 3 {
							t.Errorf("%s: treadmill %v: status %d\n%s%s", how, command, status, out, errs)
						}
					})
				}
			}
			wait.Wait()
			if n := issued.Load(); name == "OAuth2" && n < int64(len(ask)) {
				t.Errorf("%d tokens were issued", n)
			}
		})
	}
	t.Run("no token", func(t *testing.T) {
		through := *l
		through.config = filepath.Join(l.dir, "way.yaml")
		wrong, _ := tokens(t, token, "another secret")
		write(t, through.config, "oauth2: {client_id: treadmill, client_secret_file: secret, token_url: "+wrong+"}\n")
		if status, out, errs := through.run(t, l.door(t, "Authorization", "nothing"), "slo", "gate", l.slo("healthy")); status != 3 ||
			!strings.Contains(out, "oauth2") {
			t.Errorf("status %d\n%s%s", status, out, errs)
		}
	})
}

// turnedAway is the ways in which a server refuses, with all that it was sent in its answers.
func turnedAway(t *testing.T) map[string]http.HandlerFunc {
	t.Helper()
	other := httptest.NewServer(
		http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("the other server was asked with %v", r.Header) }),
	)
	t.Cleanup(other.Close)
	echo := func(r *http.Request) string {
		return fmt.Sprintf(
			"%s %s %s %s",
			r.Header.Get("Authorization"),
			r.Header.Get("X-Key"),
			url.QueryEscape(r.Header.Get("Authorization")),
			r.URL.String(),
		)
	}
	out := map[string]http.HandlerFunc{
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/login?token="+url.QueryEscape(echo(r)), http.StatusFound)
		},
		"truncated": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "5000")
			fmt.Fprintf(w, `{"status":"success","warnings":[%q],"data":{`, echo(r))
			panic(http.ErrAbortHandler)
		},
		"warnings of an invalid answer": func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintf(w, `{"status":"success","warnings":[%q],"data":{"resultType":"scalar","result":[0,%q]}}`, echo(r), echo(r))
		},
	}
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusInternalServerError} {
		out[fmt.Sprint(status)] = func(w http.ResponseWriter, r *http.Request) { http.Error(w, "not with "+echo(r), status) }
	}
	return out
}
