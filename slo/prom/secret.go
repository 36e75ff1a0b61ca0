package prom

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/prometheus/common/config"
)

// secrets is what must never be shown: what the configuration names, and what was sent to be let in, which may be a token that a server
// gave out a moment ago. It is safe for concurrent use.
type secrets struct {
	mu  sync.Mutex
	all []string // the longest first
}

// add takes words in. Those of one or two letters would take too much else with them.
func (s *secrets) add(words ...string) {
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

// redact is a text on one line, without secrets and not long.
func (s *secrets) redact(text string) string {
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
func (s *secrets) watched(req *http.Request) *http.Request {
	trace := &httptrace.ClientTrace{WroteHeaderField: func(key string, values []string) {
		switch http.CanonicalHeaderKey(key) {
		case "Authorization", "Proxy-Authorization", "Cookie":
			for _, v := range values {
				s.add(credentials(v)...)
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

// of notes the secrets of a configuration. A file that cannot be read has none; whoever needs it will say so.
func (s *secrets) of(c config.HTTPClientConfig) {
	file := func(name string) {
		if name != "" {
			if text, err := config.NewFileSecret(name).Fetch(context.Background()); err == nil {
				s.add(text)
			}
		}
	}
	if c.BasicAuth != nil {
		s.add(string(c.BasicAuth.Password))
		file(c.BasicAuth.PasswordFile)
	}
	if c.Authorization != nil {
		s.add(string(c.Authorization.Credentials))
		file(c.Authorization.CredentialsFile)
	}
	if c.OAuth2 != nil {
		s.add(string(c.OAuth2.ClientSecret))
		file(c.OAuth2.ClientSecretFile)
	}
	if c.HTTPHeaders != nil {
		for _, h := range c.HTTPHeaders.Headers {
			for _, word := range h.Secrets {
				s.add(string(word))
			}
			for _, name := range h.Files {
				file(name)
			}
		}
	}
	s.add(string(c.BearerToken))
	file(c.BearerTokenFile)
}
