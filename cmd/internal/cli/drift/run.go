package drift

import (
	"context"
	"slices"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/upgrade/actual"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/inventory"
	"treadmill/upgrade/kube"
)

// comparison is one run.
type comparison struct {
	*flags
	app      *app.App
	all      bool // every context is read
	contexts []*kube.Cluster
	fleet    fleet.Fleet
	live     []actual.Cluster
	pairs    actual.Pairs
	found    []drift.Finding
	findings []diag.Finding // about inputs
	compared []drift.Compared
	changes  []inventory.Change // of the fleet file
	notes    []string
}

func (f *flags) run(ctx context.Context, a *app.App) (report.View, error) {
	c := &comparison{flags: f, app: a}
	if err := c.connect(); err != nil {
		return report.View{}, err
	}
	if c.flags.fleet.File != "" {
		if err := c.versions(ctx); err != nil {
			return report.View{}, err
		}
	}
	if c.planned != "" {
		if err := c.plan(); err != nil {
			return report.View{}, err
		}
	}
	if len(c.manifests) > 0 {
		if err := c.apis(ctx); err != nil {
			return report.View{}, err
		}
	}
	if c.ruleFlags.given() {
		if err := c.rules(ctx); err != nil {
			return report.View{}, err
		}
	}
	c.findings = a.Settle(c.findings)
	known, err := c.accept()
	if err != nil {
		return report.View{}, err
	}
	return c.view(known), ctx.Err()
}

// connect prepares to read the clusters.
func (c *comparison) connect() (err error) {
	if len(c.clusters.Contexts) == 0 && c.flags.fleet.File == "" && len(c.manifests) == 0 && c.ruleFlags.server.Address != "" {
		return nil // a server is asked alone
	}
	if c.all = len(c.clusters.Contexts) == 0; c.all {
		c.clusters.Contexts = []string{"*"}
	}
	c.all = c.all || slices.Contains(c.clusters.Contexts, "*")
	if c.contexts, err = input.ConnectClusters(c.app, &c.clusters); err != nil {
		return err
	}
	if len(c.contexts) == 0 && c.app.Env.Getenv("KUBERNETES_SERVICE_HOST") != "" {
		c.all, c.clusters.Contexts = false, []string{kube.InCluster}
		c.contexts, err = input.ConnectClusters(c.app, &c.clusters)
	}
	if err == nil && c.as != "" && len(c.contexts) != 1 {
		return app.Usage("--cluster names the only cluster that is read; %s are: name one with --context", app.Count(len(c.contexts), "context",
			"contexts"))
	}
	return err
}

// versions compares the fleet file with its clusters, and writes what they say into it.
func (c *comparison) versions(ctx context.Context) error {
	f, _, findings, err := input.ReadFleet(c.app, c.flags.fleet)
	if err != nil {
		return err
	}
	known, err := input.Addons(c.app)
	if err != nil {
		return err
	}
	c.findings = findings
	live, gaps, err := input.TakeInventory(ctx, c.app, c.contexts, c.releases)
	if err != nil {
		return err
	}
	for i := range live {
		if c.as != "" {
			live[i].Name = c.as
		}
	}
	c.live, c.findings = live, append(c.findings, gaps...)
	if c.write {
		if f, err = c.bring(f); err != nil {
			return err
		}
	}
	c.fleet = f
	ask := actual.Ask{Addons: known, Releases: c.releases, All: c.all && len(live) == len(c.contexts),
		Fix: "treadmill drift -f " + drift.Quoted(c.flags.fleet.File)}
	c.pairs = actual.Match(f, live)
	c.found = append(c.found, actual.Fleet(f, c.pairs, ask)...)
	c.sides(ask)
	return nil
}

// plan compares a plan with what was done of it.
func (c *comparison) plan() error {
	p, err := input.ReadPlan(c.app, c.planned)
	if err != nil {
		return err
	}
	agreed := actual.Agreed{Plan: *p, File: c.planned,
		Fix: "treadmill upgrade plan -f " + drift.Quoted(c.flags.fleet.File) + " --from " + drift.Quoted(c.planned)}
	for _, pair := range c.pairs.Both {
		if agreed.Planned(pair.File.Name.V) {
			c.compared = append(c.compared, drift.Compared{Kind: drift.Plan, Cluster: pair.File.Name.V, Context: pair.Live.Context,
				Hidden: pair.Live.Facts.Hidden.Nodes})
		}
	}
	for _, only := range c.pairs.Only {
		if agreed.Planned(only.Name.V) && c.all {
			c.compared = append(c.compared, drift.Compared{Kind: drift.Plan, Cluster: only.Name.V, None: true})
		}
	}
	c.found = append(c.found, actual.Plan(c.fleet, c.pairs, agreed, c.app.Time())...)
	return nil
}

// bring writes what clusters say into the fleet file, and reads it again.
func (c *comparison) bring(f fleet.Fleet) (fleet.Fleet, error) {
	old, err := input.OldFleet(c.app, c.flags.fleet.File, false)
	if err != nil {
		return f, err
	}
	merged, changes, err := input.MergeInto(c.flags.fleet.File, old, c.live)
	if err != nil || len(changes) == 0 {
		return f, err
	}
	if err := c.app.WriteFiles(map[string][]byte{c.flags.fleet.File: merged}); err != nil {
		return f, err
	}
	c.changes = changes
	after, _, _, err := input.ReadFleet(c.app, c.flags.fleet)
	return after, err
}

// sides notes which clusters were compared, and how far.
func (c *comparison) sides(ask actual.Ask) {
	hidden := func(h inventory.Hidden) bool { return h.Nodes || h.Workloads || h.Releases }
	for _, p := range c.pairs.Both {
		c.compared = append(c.compared, drift.Compared{Kind: drift.Fleet, Cluster: p.File.Name.V, Context: p.Live.Context,
			Hidden: hidden(p.Live.Facts.Hidden)})
	}
	for _, l := range c.pairs.Unknown {
		c.compared = append(c.compared, drift.Compared{Kind: drift.Fleet, Cluster: l.Name, Context: l.Context})
	}
	var left []string
	for _, only := range c.pairs.Only {
		if left = append(left, only.Name.V); ask.All {
			c.compared = append(c.compared, drift.Compared{Kind: drift.Fleet, Cluster: only.Name.V})
		} else if c.all { // a context that did not answer may be its own
			c.compared = append(c.compared, drift.Compared{Kind: drift.Fleet, Cluster: only.Name.V, None: true})
		}
	}
	if len(left) > 0 && !c.all {
		c.notes = append(c.notes, some(left, "cluster of the file was not compared, as no context that is read leads to it",
			"clusters of the file were not compared, as no context that is read leads to them"))
	}
	if unseen := actual.Unseen(c.pairs.Both, ask); len(unseen) > 0 {
		c.notes = append(c.notes, some(unseen, "add-on was not compared, as nothing that is read shows its version",
			"add-ons were not compared, as nothing that is read shows their versions"))
	}
}

// some counts things and names the first of them.
func some(names []string, one, many string) string {
	shown := names[:min(5, len(names))]
	more := ""
	if len(shown) < len(names) {
		more = ", …"
	}
	return app.Count(len(names), one, many) + ": " + strings.Join(shown, ", ") + more + "."
}
