package upgrade

import (
	"context"
	"slices"
	"sync"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/lint"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/apis"
	"treadmill/upgrade/apis/auditlog"
	"treadmill/upgrade/inventory"
	"treadmill/upgrade/kube"
	"treadmill/upgrade/preflight"
	"treadmill/upgrade/windows"
)

func preflightCommand(a *app.App) *cobra.Command {
	var to app.Minor
	var clusters input.LiveFlags
	var told input.FleetFlags
	c := &cobra.Command{
		Use: "preflight", Args: cobra.NoArgs,
		Short: "Find everything that would break or block the next upgrade of a cluster",
		Long: `Reads a cluster, with get and list only, and says what stands in the way of its next minor: APIs in use that go, nodes too old
for the new control plane, disruption budgets that let no pod go, webhooks that fail closed, feature gates that the new
version does not take, add-ons that need another release, and alert rules and dashboards on metrics that it removes.
docs/preflight.md has the checks and the ClusterRole.`,
		Example: "  treadmill upgrade preflight --context prod-eu --to 1.37\n  treadmill upgrade preflight --context '*' -o markdown",
		RunE: a.Run(func(ctx context.Context, _ []string) (report.View, error) {
			known, err := loadPreflight(a)
			if err != nil {
				return report.View{}, err
			}
			connected, err := input.ConnectClusters(a, &clusters.ClusterFlags)
			if err != nil {
				return report.View{}, err
			}
			stop := input.ShowProgress(a, connected)
			defer stop()
			flights := make([]flight, len(connected))
			var wait sync.WaitGroup
			for i, c := range connected {
				wait.Go(func() { flights[i] = known.fly(ctx, c, upgrade.Minor(to)) })
			}
			wait.Wait()
			for i := range flights {
				flights[i].findings = diag.Sort(a.Settle(flights[i].findings))
			}
			about := known.old(a, flights)
			if told.File != "" {
				f, _, findings, err := input.ReadFleet(a, told)
				if err != nil {
					return report.View{}, err
				}
				apart, err := clusters.Compare(ctx, a, connected, f, "")
				if err != nil {
					return report.View{}, err
				}
				about = slices.Concat(about, findings, apart)
			}
			return preflightView(flights, about), ctx.Err()
		}),
	}
	c.Flags().Var(&to, "to", "the version to go to, such as 1.37 (default: the minor after the cluster's)")
	clusters.Add(a, c, "context of the kubeconfig; repeat it for more, or * for all")
	c.Flags().StringVarP(&told.File, "fleet", "f", "", "a fleet file, to say where clusters run something else than it says")
	_ = c.MarkFlagFilename("fleet", "yaml", "yml", "json") // it fails for a flag that does not exist
	return a.Returns(c, preflightData{})
}

// flightData is what every cluster is judged by.
type flightData struct {
	apis    apis.Catalogues
	metrics *lint.Catalogue
	addons  addons.Table
	dates   windows.Table
}

func loadPreflight(a *app.App) (d flightData, err error) {
	if d.apis, err = input.Catalogues(a); err != nil {
		return d, err
	}
	if d.metrics, err = input.Metrics(a); err != nil {
		return d, err
	}
	if d.addons, err = input.Addons(a); err != nil {
		return d, err
	}
	d.dates, err = input.Calendar(a)
	return d, err
}

// old says which of the tables were read long ago.
func (d flightData) old(a *app.App, flights []flight) []diag.Finding {
	used := map[string]bool{}
	for _, f := range flights {
		for _, x := range f.addons {
			used[x.Name] = true
		}
	}
	installed := slices.DeleteFunc(d.addons.Addons(), func(x addons.Addon) bool { return !used[x.Name] })
	return slices.Concat(
		input.StaleAddons(a, installed),
		input.StaleTable(a, "the catalogue of APIs", d.apis.APIs.Date),
		input.StaleTable(a, "the feature gates of Kubernetes", d.apis.Gates.Date),
		input.StaleTable(a, "the metrics of Kubernetes", d.metrics.Date),
	)
}

// flight is what was found in one cluster.
type flight struct {
	context  string
	from, to upgrade.Minor
	objects  int
	queries  int
	addons   []addons.Installed
	findings []diag.Finding
}

// fly reads and judges one cluster. A cluster that does not answer is a finding.
func (d flightData) fly(ctx context.Context, c *kube.Cluster, to upgrade.Minor) flight {
	f := flight{context: c.Name, to: to}
	lost := func(what string, err error) {
		f.findings = append(f.findings, diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: "context " + c.Name},
			Message: what + " cannot be read: " + app.Cause(err).Error()})
	}
	facts, gaps, err := c.Facts(ctx, false)
	if f.findings = gaps; err != nil {
		lost("the cluster", err)
		return f
	}
	if f.from, err = inventory.MinorOf(facts.Version); err != nil {
		lost("the version", err)
		return f
	}
	if f.to.IsZero() {
		f.to = f.from.Add(1)
	}
	var called []auditlog.Call
	cluster, gaps := c.Preflight(ctx, apis.Requested(c, &called))
	f.findings = append(f.findings, gaps...)
	cluster.Version = f.from
	described, err := inventory.Describe(facts, d.addons)
	if err != nil {
		lost("the version", err)
	}
	for _, addon := range described.Addons {
		cluster.Addons = append(cluster.Addons, addons.Installed{Name: addon.Name, Version: addon.Version})
	}
	f.addons = cluster.Addons
	for _, n := range facts.Nodes {
		version, _ := inventory.MinorOf(n.Version) // a node that does not say cannot be judged
		cluster.Nodes = append(
			cluster.Nodes,
			preflight.Node{Name: n.Name, Pool: inventory.Pool(n), Version: version, Ready: n.Ready, Cordoned: n.Cordoned},
		)
	}
	f.findings = append(f.findings, preflight.Check(cluster.Cluster, f.to, d.apis.Flags, d.apis.Gates, d.addons.Guide(d.dates))...)
	d.apisOf(ctx, c, called, &f)
	d.queriesOf(cluster.Documents, &f)
	return f
}

// apisOf adds what objects and callers use of APIs that go.
func (d flightData) apisOf(ctx context.Context, c *kube.Cluster, called []auditlog.Call, f *flight) {
	e := d.apis.Cluster(ctx, c, apis.Ask{Objects: true}, f.to)
	e.Calls = called
	f.objects, f.findings = e.Live.Seen, append(f.findings, e.Live.Findings...)
	for _, one := range d.apis.Judge(e, f.to) {
		f.findings = append(f.findings, one.Finding)
	}
}

// queriesOf adds what the cluster's own rules and dashboards ask for that the target does not answer.
func (d flightData) queriesOf(documents []kube.Document, f *flight) {
	var files []rules.File
	var panels []lint.Query
	for _, doc := range documents {
		fs, _ := rules.Read(doc.Name, doc.Data) // a rule that does not parse is the operator's to refuse, not the upgrade's
		more, _ := lint.Dashboards(doc.Name, doc.Data)
		files, panels = append(files, fs...), append(panels, more...)
	}
	queries, recorded := lint.Rules(files)
	report := lint.Check(append(queries, panels...), recorded, d.metrics, f.to)
	f.queries = report.Queries
	for _, finding := range report.Findings {
		finding.Position.Line, finding.Position.Column = 0, 0 // of JSON that nobody has written
		f.findings = append(f.findings, finding)
	}
}
