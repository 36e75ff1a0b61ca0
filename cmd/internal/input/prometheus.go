package input

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/rules/eval"
	"treadmill/slo/prom"
)

// Live is the flags that name a Prometheus server.
type Live struct{ Address, config, tenant string }

// Add adds the flags to a command.
func (l *Live) Add(c *cobra.Command) {
	c.Flags().StringVar(&l.Address, "prometheus", "", "address of a server with the Prometheus HTTP API, such as http://prometheus:9090")
	l.AddAccess(c)
}

// AddAccess is the flags that say how to be let in.
func (l *Live) AddAccess(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&l.config, "prometheus-config", "", "file that says how to authenticate, as http_config in Prometheus's own configuration")
	f.StringVar(&l.tenant, "prometheus-tenant", "", "tenant of Mimir or Thanos (the header X-Scope-OrgID)")
}

// Client makes the client of the server that the flags name.
func Client(a *app.App, l Live) (*prom.Client, error) { return ConnectTo(a, l, prom.New) }

// ConnectTo makes a client of the server that the flags name. What it does not take is a mistake in the command line.
func ConnectTo[T any](a *app.App, l Live, open func(prom.Config) (*T, error)) (*T, error) {
	c := prom.Config{Address: l.Address, Tenant: l.tenant, Timeout: a.Timeout}
	if l.config != "" {
		in, err := a.Read(l.config)
		if err != nil {
			return nil, err
		}
		c.HTTP, c.Dir = in.Data, filepath.Dir(l.config)
	}
	client, err := open(c)
	if err != nil {
		return nil, app.Usage("%v", err)
	}
	return client, nil
}

// Warned makes findings of what a server said besides its answers.
func Warned(name string, warnings []string) []diag.Finding {
	var out []diag.Finding
	for _, w := range warnings {
		out = append(
			out,
			diag.Finding{ID: "history/warning", Severity: diag.Warning, Position: diag.Position{File: name}, Message: "of the history: " + w},
		)
	}
	return out
}

// Past is the flags that name where history comes from: a server, the folder of one, or a file.
type Past struct {
	Live
	file, tsdb string
}

// Add adds the flags to a command that needs a history.
func (p *Past) Add(c *cobra.Command) {
	p.AddOptional(c)
	app.MustHaveOne(c, "prometheus", "tsdb", "openmetrics")
}

// AddOptional is the flags of a command that can do without history.
func (p *Past) AddOptional(c *cobra.Command) {
	p.Live.Add(c)
	c.Flags().
		StringVar(&p.file, "openmetrics", "", "file of samples instead of a server: OpenMetrics with timestamps, or series in promtool test syntax")
	c.Flags().
		StringVar(&p.tsdb, "tsdb", "", "folder of a Prometheus server's data, or a snapshot, instead of a server: its blocks and its write-ahead log are read, nothing is written")
	c.MarkFlagsMutuallyExclusive("prometheus", "tsdb", "openmetrics")
}

// Given reports whether a source of history is named.
func (p Past) Given() bool { return p.Address != "" || p.file != "" || p.tsdb != "" }

// OpenHistory opens the history that the flags name.
func OpenHistory(a *app.App, p Past) (Source, error) {
	opened, err := openHistory(a, p)
	if err != nil {
		return Source{}, err
	}
	if client, ok := opened.(*prom.Client); ok && !a.Stopped {
		a.Clients = append(a.Clients, client)
	}
	return Source{Asker: opened, clock: !a.Stopped}, nil
}

// maxHistory is the largest file of samples that is read, in bytes: a million samples are about 70 MB.
const maxHistory = 1 << 29

func openHistory(a *app.App, p Past) (Asker, error) {
	switch {
	case p.tsdb != "":
		return blocks(a, p.tsdb)
	case p.file == "":
		return Client(a, p.Live)
	}
	in, err := a.ReadUpTo(p.file, maxHistory)
	if err != nil {
		return nil, err
	}
	if len(in.Data) > maxHistory {
		return nil, fmt.Errorf(
			"%s is larger than %d MiB, up to which a file of samples is read: give fewer series or days, or the folder of the server with --tsdb",
			in.Name,
			maxHistory>>20,
		)
	}
	store := eval.NewStore()
	problems := backtest.ReadSamples(store, in.Name, in.Data)
	if diag.Any(problems, diag.Error) {
		return nil, errors.New("the history cannot be read: " + problems[0].String())
	}
	a.Notes = append(a.Notes, problems...)
	return backtest.Local{Store: store}, nil
}
