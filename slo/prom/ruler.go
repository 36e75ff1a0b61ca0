package prom

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/prometheus/common/config"

	"treadmill/internal/net"
)

// Ruler is the rules of a server with the configuration API of Mimir's ruler
// (https://grafana.com/docs/mimir/latest/references/http-api/#ruler, read 2026-11). Rules go in and come out as YAML.
type Ruler struct {
	base    *url.URL
	http    *http.Client
	secrets *net.Secrets
}

// NewRuler makes a client of a ruler. The address is that of its Prometheus API, such as http://mimir:8080/prometheus.
func NewRuler(c Config) (*Ruler, error) {
	u, client, guard, err := connection(c)
	if err != nil {
		return nil, err
	}
	return &Ruler{base: u, http: client, secrets: &guard.secrets}, nil
}

// connection is what a client needs: the address without its user, and the way to be let in.
func connection(c Config) (*url.URL, *http.Client, *guard, error) {
	u, err := url.Parse(c.Address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, nil, nil, errors.New("the address of Prometheus must be a URL such as http://prometheus:9090")
	}
	if u.RawQuery != "" || u.Fragment != "" {
		return nil, nil, nil, errors.New(
			"the address of Prometheus must not have a query: tokens and headers belong into the file of --prometheus-config",
		)
	}
	auth, err := authentication(c, u)
	if err != nil {
		return nil, nil, nil, err
	}
	u.User = nil
	g := &guard{limits: net.Limits{Timeout: cmp.Or(c.Timeout, net.Timeout), Body: maxBody}}
	noteSecrets(&g.secrets, auth)
	if auth.ProxyURL.URL == nil && auth.NoProxy == "" { // as every other program does
		auth.ProxyFromEnvironment = true
	}
	if c.Tenant != "" {
		if auth.HTTPHeaders == nil {
			auth.HTTPHeaders = &config.Headers{Headers: map[string]config.Header{}}
		}
		auth.HTTPHeaders.Headers["X-Scope-OrgID"] = config.Header{Values: []string{c.Tenant}}
	}
	next, err := config.NewRoundTripperFromConfig(auth, "treadmill", config.WithUserAgent("treadmill"))
	if err != nil {
		return nil, nil, nil, fmt.Errorf("configure the client of Prometheus: %s", g.secrets.Redact(err.Error()))
	}
	client := net.Client(next, g.limits, &g.secrets, !auth.FollowRedirects)
	g.next, client.Transport = client.Transport, g
	return u, client, g, nil
}

// Namespace returns the groups of a namespace: a map from it to a list; nil when it has none.
func (r *Ruler) Namespace(ctx context.Context, namespace string) ([]byte, error) {
	status, body, err := r.send(ctx, http.MethodGet, namespace, nil)
	switch {
	case err != nil:
		return nil, err
	case status == http.StatusNotFound:
		return nil, nil
	case status != http.StatusOK:
		return nil, r.refused("reading the rules", status, body)
	}
	return body, nil
}

// Set writes one group into a namespace, instead of the one of its name.
func (r *Ruler) Set(ctx context.Context, namespace string, group []byte) error {
	status, body, err := r.send(ctx, http.MethodPost, namespace, group)
	if err == nil && status/100 != 2 {
		err = r.refused("writing a group", status, body)
	}
	return err
}

func (r *Ruler) refused(doing string, status int, body []byte) error {
	return fmt.Errorf(
		"%s: the server answers %d %s: %s",
		doing,
		status,
		http.StatusText(status),
		r.secrets.Redact(strings.TrimSpace(string(body))),
	)
}

func (r *Ruler) send(ctx context.Context, method, namespace string, body []byte) (int, []byte, error) {
	u, err := net.Join(r.base, "config", "v1", "rules", namespace)
	if err != nil {
		return 0, nil, fmt.Errorf("the namespace: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, errors.New(r.secrets.Redact(err.Error()))
	}
	req.Header.Set("Content-Type", "application/yaml")
	resp, err := r.http.Do(req)
	if err != nil {
		var failed *url.Error
		if errors.As(err, &failed) {
			err = failed.Err
		}
		return 0, nil, errors.New(r.secrets.Redact(err.Error()))
	}
	defer func() { _ = resp.Body.Close() }() // it has been read, or its error was
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, nil, errors.New(r.secrets.Redact(err.Error()))
	}
	return resp.StatusCode, text, nil
}
