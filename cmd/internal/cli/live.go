package cli

import (
	"errors"
	"path/filepath"

	"github.com/spf13/cobra"

	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/rules/eval"
	"treadmill/slo/prom"
)

// live is the flags that name a Prometheus server.
type live struct{ address, config, tenant string }

func (l *live) flags(c *cobra.Command) {
	c.Flags().StringVar(&l.address, "prometheus", "", "address of a server with the Prometheus HTTP API, such as http://prometheus:9090")
	l.access(c)
}

// access is the flags that say how to be let in.
func (l *live) access(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&l.config, "prometheus-config", "", "file that says how to authenticate, as http_config in Prometheus's own configuration")
	f.StringVar(&l.tenant, "prometheus-tenant", "", "tenant of Mimir or Thanos (the header X-Scope-OrgID)")
}

// client makes the client of the server that the flags name.
func (a *app) client(l live) (*prom.Client, error) { return connectTo(a, l, prom.New) }

// connectTo makes a client of the server that the flags name. What it does not take is a mistake in the command line.
func connectTo[T any](a *app, l live, open func(prom.Config) (*T, error)) (*T, error) {
	c := prom.Config{Address: l.address, Tenant: l.tenant}
	if l.config != "" {
		in, err := a.read(l.config)
		if err != nil {
			return nil, err
		}
		c.HTTP, c.Dir = in.data, filepath.Dir(l.config)
	}
	client, err := open(c)
	if err != nil {
		return nil, usage("%v", err)
	}
	return client, nil
}

// warned makes findings of what a server said besides its answers.
func warned(name string, warnings []string) []diag.Finding {
	var out []diag.Finding
	for _, w := range warnings {
		out = append(out, diag.Finding{ID: "history/warning", Severity: diag.Warning, Position: diag.Position{File: name}, Message: "of the history: " + w})
	}
	return out
}

// past is the flags that name where history comes from: a server, the folder of one, or a file.
type past struct {
	live
	file, tsdb string
}

func (p *past) flags(c *cobra.Command) {
	p.optional(c)
	c.MarkFlagsOneRequired("prometheus", "tsdb", "openmetrics")
}

// optional is the flags of a command that can do without history.
func (p *past) optional(c *cobra.Command) {
	p.live.flags(c)
	c.Flags().StringVar(&p.file, "openmetrics", "", "file of samples in place of a server: OpenMetrics with timestamps, or series in the words of promtool's tests")
	c.Flags().StringVar(&p.tsdb, "tsdb", "", "folder of a Prometheus server's data, or a snapshot, in place of a server: its blocks and its write-ahead log are read, nothing is written")
	c.MarkFlagsMutuallyExclusive("prometheus", "tsdb", "openmetrics")
}

// given reports whether a source of history is named.
func (p past) given() bool { return p.address != "" || p.file != "" || p.tsdb != "" }

// source opens the history that the flags name.
func (a *app) source(p past) (source, error) {
	opened, err := a.asker(p)
	if err != nil {
		return source{}, err
	}
	if client, ok := opened.(*prom.Client); ok && !a.stopped {
		a.clients = append(a.clients, client)
	}
	return source{opened, !a.stopped}, nil
}

func (a *app) asker(p past) (asker, error) {
	switch {
	case p.tsdb != "":
		return a.blocks(p.tsdb)
	case p.file == "":
		return a.client(p.live)
	}
	in, err := a.read(p.file)
	if err != nil {
		return nil, err
	}
	store := eval.NewStore()
	problems := backtest.ReadSamples(store, in.name, in.data)
	if diag.Any(problems, diag.Error) {
		return nil, errors.New("the history cannot be read: " + problems[0].String())
	}
	a.notes = append(a.notes, problems...)
	return backtest.Local{Store: store}, nil
}
