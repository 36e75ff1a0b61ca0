// Package prom reads live numbers from a server that speaks the Prometheus HTTP API: Prometheus, Thanos, Mimir, VictoriaMetrics.
//
// The way through it: Config → New → Client.Range → []slo.Series on the grid that was asked for. Ranges are cut into
// pieces, pieces that are too much for the server into smaller ones, and what fails for the moment is asked again. What
// the server leaves out, warns of or answers at other times than asked is said and never smoothed. The package knows no
// SLO, and no secret leaves it: errors hold neither passwords nor tokens.
package prom

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/prometheus/client_golang/api"
	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/config"

	"treadmill/slo"
)

// Config says which server to ask and how.
type Config struct {
	Address string        // http://host:9090, with the path under which the API lives where that is not /
	HTTP    []byte        // how to authenticate: YAML as in http_config of Prometheus's configuration; nil means not at all
	Dir     string        // the folder that files named in HTTP are relative to
	Pause   time.Duration // the first pause before asking again; 0 means half a second. It doubles each time
	Timeout time.Duration // of one request, its answer included; 0 means net.Timeout
	Tenant  string        // the X-Scope-OrgID header of Mimir and Thanos, "" for none
}

// Client asks one server. It is safe for concurrent use.
type Client struct {
	api   v1.API
	http  api.Client
	pause time.Duration
	guard *guard
}

// New makes a client. It asks the server nothing.
func New(c Config) (*Client, error) {
	u, through, guard, err := connection(c)
	if err != nil {
		return nil, err
	}
	client, err := api.NewClient(api.Config{Address: u.String(), Client: through})
	if err != nil {
		return nil, fmt.Errorf("configure the client of Prometheus: %s", guard.secrets.Redact(err.Error()))
	}
	pause := c.Pause
	if pause == 0 {
		pause = 500 * time.Millisecond
	}
	return &Client{api: v1.NewAPI(client), http: client, pause: pause, guard: guard}, nil
}

// authentication is the HTTP configuration, with a user of the address moved into it.
func authentication(c Config, u *url.URL) (config.HTTPClientConfig, error) {
	auth := config.DefaultHTTPClientConfig
	if c.HTTP != nil {
		read, err := config.LoadHTTPConfig(string(c.HTTP))
		if err != nil {
			return auth, fmt.Errorf("the HTTP configuration of Prometheus is not right: %s", yamlProblem(err))
		}
		read.SetDirectory(c.Dir)
		auth = *read
	}
	if u.User != nil {
		if auth.BasicAuth != nil || auth.Authorization != nil || auth.OAuth2 != nil {
			return auth, errors.New("the address of Prometheus has a user and the HTTP configuration another way to authenticate: choose one")
		}
		password, _ := u.User.Password()
		auth.BasicAuth = &config.BasicAuth{Username: u.User.Username(), Password: config.Secret(password)}
	}
	return auth, nil
}

// yamlProblem leaves out the values that YAML errors quote: one of them may be a token.
func yamlProblem(err error) string {
	var lines []string
	for _, line := range strings.Split(err.Error(), "\n") {
		if i := strings.IndexByte(line, '`'); i >= 0 {
			line = line[:i] + "…"
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return strings.Join(lines, " ")
}

// Clock is what the clock of the server said when it first answered; zero before, and when it does not say.
func (c *Client) Clock() time.Time {
	if ms := c.guard.clock.Load(); ms != 0 {
		return time.UnixMilli(ms).UTC()
	}
	return time.Time{}
}

// Range asks for a query at every moment of a grid.
func (c *Client) Range(ctx context.Context, query string, grid slo.Grid) (slo.Answer, error) {
	r := &ranged{client: c, query: query, grid: grid, at: map[string]int{}}
	const piece = 5000 // points of one request: under Prometheus's limit of 11,000, and a few megabytes at the most
	for from := 0; from < grid.N; from += piece {
		if err := r.fetch(ctx, from, min(from+piece, grid.N)); err != nil {
			return slo.Answer{}, fmt.Errorf("query Prometheus: %w", c.plain(err))
		}
	}
	return r.answer(), nil
}

// plain is an error without secrets, addresses with users and line ends.
func (c *Client) plain(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	var answer *v1.Error
	if errors.As(err, &answer) && answer.Detail != "" && answer.Detail != answer.Msg {
		return errors.New(c.guard.secrets.Redact(answer.Msg + ": " + answer.Detail))
	}
	return errors.New(c.guard.secrets.Redact(err.Error()))
}
