// Package serve is the command `serve`: the views of other commands as pages that are kept up to date.
package serve

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/cmd/internal/site"
)

// flags say what is served, where, and how often it is made anew.
type flags struct {
	inputs
	folder string
	listen string
	hosts  []string
	every  app.Days
}

// Command is `treadmill serve`, on the tree of all commands, whose views it serves.
func Command(a *app.App, tree func(*app.App) *cobra.Command) *cobra.Command {
	f := flags{every: app.Days(15 * time.Minute)}
	c := &cobra.Command{
		Use: "serve [FOLDER]", Args: cobra.MaximumNArgs(1),
		Short: "Serve the pages of a fleet, its SLOs and rules, kept up to date",
		Long: `Looks through a folder for a fleet file, SLO specs, alert rules and manifests, and serves the pages of the commands that read them: plan,
quarter, support, windows, scan, SLOs, audit, and with --prometheus and --context the SLO review and drift. A page is what the command
makes with -o html; the JSON behind it has the same address with .json after it. Pages are refreshed when files change, and every so often.
When a refresh fails, the last good page stays and says so, with its age.

It only reads, takes nothing from readers but the address of a page, and has no login: it listens on this machine alone, for a proxy that has one.
docs/serve.md says how to put it behind one, and has the metrics.`,
		Example: `  treadmill serve
  treadmill serve platform/ --prometheus http://prometheus:9090
  treadmill serve -f fleet.yaml --slo slos/ --context prod-eu --every 1h
  treadmill serve platform/ --listen :9098 --host treadmill.example.com`,
		ValidArgsFunction: cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs),
	}
	c.PreRunE = func(*cobra.Command, []string) error {
		switch {
		case f.fleet == app.StdinArg:
			return app.Usage("pages are made again and again, which standard input cannot be read for; give the name of a fleet file")
		case time.Duration(f.every) < time.Minute:
			return app.Usage("--every must be a minute or more")
		}
		return nil
	}
	c.RunE = a.Run(func(ctx context.Context, args []string) (report.View, error) {
		f.folder = "."
		if len(args) > 0 {
			f.folder = filepath.Clean(args[0])
		}
		if f.live.Address != "" {
			if _, err := input.Client(a, f.live); err != nil {
				return report.View{}, err
			}
		}
		return f.serve(ctx, maker{app: a, tree: tree, command: c})
	})
	f.add(a, c)
	return a.Returns(c, site.Overview{})
}

func (f *flags) add(a *app.App, c *cobra.Command) {
	f.inputs.add(a, c)
	c.Flags().StringVar(&f.listen, "listen", "127.0.0.1:9098", "address to serve on")
	c.Flags().StringSliceVar(&f.hosts, "host", nil, "a name by which readers may ask, such as that of the proxy; repeat it for more (addresses and localhost always may)")
	c.Flags().Var(&f.every, "every", "refresh all pages this often")
}

// serve looks for the files, and serves the pages of them until the context ends; the view is then the last overview.
func (f flags) serve(ctx context.Context, m maker) (report.View, error) {
	a := m.app
	say := func(format string, args ...any) {
		fmt.Fprintf(a.Env.Stderr, a.Name()+": %s\n", report.Safe(fmt.Sprintf(format, args...)))
	}
	s := site.Site{Every: time.Duration(f.every), Look: 2 * time.Second, Hosts: f.hosts, Now: a.Env.Now, Log: say, Files: f.given()}
	s.Find = func() ([]site.Page, error) {
		found, err := f.find(a.Again(), f.folder)
		return m.pages(found), err
	}
	pages, err := s.Find()
	if err != nil {
		return report.View{}, err
	}
	l, err := app.Listen(ctx, f.listen)
	if err != nil {
		return report.View{}, err
	}
	say("%s on http://%s/", app.Count(len(pages), "page", "pages"), l.Addr())
	if at, ok := l.Addr().(*net.TCPAddr); ok && !at.AddrPort().Addr().IsLoopback() {
		say("everybody who reaches %s can read them: there is no login (docs/serve.md)",
			netip.AddrPortFrom(at.AddrPort().Addr().Unmap(), uint16(at.Port)))
	}
	if err := s.Serve(ctx, l); err != nil {
		return report.View{}, err
	}
	return report.View{Data: s.Overview(), Document: []byte{}}, nil
}

// inputs are what pages are made from, as the command line names it.
type inputs struct {
	fleet                  string
	slos, rules, manifests []string
	plan, records          string
	to                     app.Minor
	live                   input.Live
	clusters               input.ClusterFlags
	windows                input.WindowsFiles
	addons                 []string
	alertmanager           string
}

func (in *inputs) add(a *app.App, c *cobra.Command) {
	f := c.Flags()
	f.StringVarP(&in.fleet, "fleet", "f", "", "the fleet file (default: the one in the folder)")
	_ = c.MarkFlagFilename("fleet", "yaml", "yml", "json") // it fails for a flag that does not exist
	f.StringSliceVar(&in.slos, "slo", nil, "file or folder of SLO specs (default: those in the folder); may be repeated")
	f.StringSliceVar(&in.rules, "rules", nil, "file or folder of alert rules (default: those in the folder); may be repeated")
	f.StringSliceVar(&in.manifests, "manifests", nil, "file or folder of manifests and charts (default: those in the folder); may be repeated")
	f.StringVar(&in.plan, "plan", "", "a plan (JSON of upgrade plan) that was decided: the plan begins from it, and drift compares with it")
	f.StringVar(&in.records, "records", "", "file of past campaigns, as upgrade record writes it")
	f.StringVar(&in.alertmanager, "alertmanager", "", "configuration of Alertmanager, for who is told of alerts")
	f.Var(&in.to, "to", "Kubernetes version to go to, for the scan (default: the newest known)")
	in.live.Add(c)
	in.clusters.Add(a, c)
	f.Lookup("context").Usage = "context of the kubeconfig whose cluster is compared with the files, or \"*\" for all; repeat it for more"
	input.AddWindows(c, &in.windows)
	input.AddAddons(c, &in.addons)
}
