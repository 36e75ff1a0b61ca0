package scan

import (
	"context"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/apis"
	"treadmill/upgrade/apis/object"
)

// liveFlags say what a scan reads besides files.
type liveFlags struct {
	clusters input.ClusterFlags
	live     bool
	releases bool
	metrics  string
	server   input.Live // of metrics, when they are a URL
	audits   []string
	space    string // the only namespace to look at; "" for all
}

// metricsLive is the value of --metrics that stands for the clusters themselves.
const metricsLive = "live"

func (l *liveFlags) add(a *app.App, c *cobra.Command) {
	f := c.Flags()
	f.BoolVar(&l.live, "live", false, "scan the objects of clusters, for who writes them through old APIs")
	l.clusters.Add(a, c)
	f.BoolVar(&l.releases, "releases", false, "scan the manifests that Helm has stored in the clusters")
	f.StringVar(&l.metrics, "metrics", "",
		"metrics of an API server that name the deprecated APIs which were called: a file, \"live\", or the URL of a Prometheus server that scrapes it")
	l.server.AddAccess(c)
	app.CompleteFileOr(c, "metrics", cobra.CompletionWithDesc("live", "the clusters of --context"))
	f.StringVarP(&l.space, "namespace", "n", "", "look at one namespace of the clusters only, for which a Role is enough")
	f.StringSliceVar(&l.audits, "audit-log", nil, "audit log of an API server, as it is or in gzip; repeat it for more")
}

// args accepts paths; without any, something else must be there to scan.
func (l *liveFlags) args(_ *cobra.Command, args []string) error {
	if (len(l.clusters.Contexts) > 0 || l.space != "") && !l.releases && l.metrics != metricsLive {
		l.live = true
	}
	if len(args) == 0 && !l.any() {
		return app.Usage("name files or folders to scan, or one of --live, --releases, --metrics, --audit-log")
	}
	return nil
}

func (l *liveFlags) any() bool { return l.inClusters() || l.metrics != "" || len(l.audits) > 0 }

// inClusters reports whether clusters are to be object.
func (l *liveFlags) inClusters() bool { return l.live || l.releases || l.metrics == metricsLive }

// liveResult is what was found, in files and besides.
type liveResult struct {
	apis.Evidence
	clusters int
	space    string                   // the only namespace that was looked at
	logs     int                      // files of metrics and audit logs
	logged   int                      // what they hold
	files    map[string]object.Source // which of these files is what
	own      int                      // calls left out as the control plane's
	facts    []diag.Finding           // about the tables that it is judged by
}

// scanLive reads what the flags ask for. What cannot be seen is a finding.
func scanLive(ctx context.Context, a *app.App, l *liveFlags, by apis.Catalogues, target upgrade.Minor) (liveResult, error) {
	out := liveResult{files: map[string]object.Source{}}
	if l.metrics != "" && l.metrics != metricsLive {
		if err := metrics(ctx, a, l, &out); err != nil {
			return out, err
		}
		out.logs++
	}
	audits, problems := a.Expand(l.audits)
	out.Live.Findings = append(out.Live.Findings, problems...)
	for _, name := range audits {
		out.files[shownName(name)] = object.Audit
		auditLog(a, name, by.APIs, &out)
		out.logs++
	}
	if !l.inClusters() {
		return out, nil
	}
	clusters, err := input.ConnectClusters(a, &l.clusters)
	if err != nil {
		return out, err
	}
	out.clusters, out.space = len(clusters), l.space
	for _, c := range clusters {
		c.Namespace = l.space
	}
	stop := input.ShowProgress(a, clusters)
	defer stop()
	parts := make([]apis.Evidence, len(clusters))
	ask := apis.Ask{Objects: l.live, Releases: l.releases, Calls: l.metrics == metricsLive}
	var wait sync.WaitGroup
	for i, c := range clusters {
		wait.Go(func() { parts[i] = by.Cluster(ctx, c, ask, target) })
	}
	wait.Wait()
	for _, p := range parts {
		out.Add(p)
	}
	return out, ctx.Err()
}

// what says in words how much was scanned, in files and elsewhere.
func (r liveResult) what() string {
	var parts []string
	files, objects := r.Files.Opened, r.Files.Seen
	if files > 0 || r.clusters == 0 && r.logs == 0 {
		parts = append(parts, app.Count(objects, "object", "objects")+" in "+app.Count(files, "file", "files"))
	}
	if r.clusters > 0 {
		parts = append(parts, app.Count(r.Live.Seen, "object", "objects")+" in "+app.Count(r.clusters, "cluster", "clusters"))
	}
	if r.logs > 0 {
		parts = append(parts, app.Count(r.logged, "record of calls", "records of calls")+" in "+app.Count(r.logs, "log", "logs"))
	}
	return strings.Join(parts, " and ")
}

// sources tells what inputs are by their names: those that findings name and that are no files of manifests.
func (r liveResult) sources() func(file string) object.Source {
	named := map[string]object.Source{}
	for _, f := range r.Live.Findings {
		named[f.File] = object.Live
	}
	for file, source := range r.files {
		named[file] = source
	}
	return func(file string) object.Source {
		if s, ok := named[file]; ok {
			return s
		}
		return object.File
	}
}
