package net

import (
	"encoding/base64"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"
)

// Secrets is what must never be shown: what a configuration names, and what was sent to be let in, which may be a token that a server
// gave out a moment ago. It is safe for concurrent use; the zero value is ready.
type Secrets struct {
	mu  sync.Mutex
	all []string // the longest first
}

// Add takes words in. Those of one or two letters would take too much else with them.
func (s *Secrets) Add(words ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range words {
		for _, form := range []string{w, url.QueryEscape(w)} {
			if len(w) > 2 && !slices.Contains(s.all, form) {
				s.all = append(s.all, form)
			}
		}
	}
	slices.SortStableFunc(s.all, func(a, b string) int { return len(b) - len(a) })
}

// Redact is a text on one line, without secrets and not long.
func (s *Secrets) Redact(text string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, secret := range s.all {
		text = strings.ReplaceAll(text, secret, "<secret>")
	}
	if strings.Contains(text, "oauth2: ") { // what the server of tokens answers may hold anything
		text, _, _ = strings.Cut(text, "\nResponse:")
	}
	const most = 400
	if text = strings.Join(strings.Fields(text), " "); len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return text
}

// watched is a request of which the credentials are noted as they are sent.
func (s *Secrets) watched(req *http.Request) *http.Request {
	trace := &httptrace.ClientTrace{WroteHeaderField: func(key string, values []string) {
		switch http.CanonicalHeaderKey(key) {
		case "Authorization", "Proxy-Authorization", "Cookie":
			for _, v := range values {
				s.Add(credentials(v)...)
			}
		}
	}}
	return req.WithContext(httptrace.WithClientTrace(req.Context(), trace))
}

// credentials is the secret parts of the value of a header.
func credentials(value string) []string {
	scheme, rest, found := strings.Cut(value, " ")
	if !found {
		return []string{value}
	}
	out := []string{rest}
	if strings.EqualFold(scheme, "Basic") {
		if plain, err := base64.StdEncoding.DecodeString(rest); err == nil {
			_, password, _ := strings.Cut(string(plain), ":")
			out = append(out, password)
		}
	}
	return out
}
