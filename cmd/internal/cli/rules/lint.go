package rules

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/lint"
	"treadmill/slo"
	"treadmill/upgrade"
)

func lintCommand(a *app.App) *cobra.Command {
	var to app.Minor
	var live input.Live
	var since input.Changed
	scrape := slo.Evaluation
	c := &cobra.Command{
		Use: "lint RULES...", Args: cobra.MinimumNArgs(1),
		Short: "Find rules and dashboards that a version breaks, or that no version answers",
		Long: `Reads rule files, PrometheusRule objects, rendered charts and Grafana dashboards (JSON files or config maps) and finds
what they ask of the components of Kubernetes that the version does not have: metrics that are removed, hidden or
deprecated, and labels that a metric has lost; the series of the cAdvisor in the kubelet too. Of kube-state-metrics,
node_exporter, CoreDNS, etcd, Prometheus and Alertmanager it knows what their releases have and what was renamed. At any
version it finds rates of gauges and of less than two scrapes, and matches by a label that neither side has.

With --prometheus the server says which selectors find no series, which metrics have another type than their use asks for, and
how much the queries read that read most.`,
		Example: "  treadmill rules lint rules/ dashboards/ --to 1.37\n" +
			"  helm template kps prometheus-community/kube-prometheus-stack | treadmill rules lint - --to 1.37\n" +
			"  treadmill rules lint rules/ --prometheus http://prometheus:9090",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			known, err := cataloguesFor(a, to)
			if err != nil {
				return report.View{}, err
			}
			changed, err := since.Filter(ctx, a, args, nil)
			if err != nil {
				return report.View{}, err
			}
			queries, recorded, dashboards, findings := lintInputs(a, args)
			r := known.check(queries, recorded, scrape)
			more, costs, err := lintLive(ctx, a, live, queries, recorded, time.Duration(scrape))
			if findings = slices.Concat(findings, r.Findings, more); err != nil {
				return report.View{}, err
			}
			findings, unchanged, err := input.Kept(ctx, changed, findings, func(f diag.Finding) diag.Finding { return f })
			if err != nil {
				return report.View{}, err
			}
			old, err := oldMetrics(a, known.metrics, upgrade.Minor(to))
			view := lintView(r, known.metrics, known.target, dashboards, append(findings, old...))
			view.Notes = append(view.Notes, changed.LeftOut(unchanged)...)
			if len(costs) > 0 {
				view.Tables = append(view.Tables, costTable(costs))
			}
			return view, err
		}),
	}
	app.Renamed(c, "kubernetes", "to")
	c.Flags().Var(&to, "to", "the version to check for, such as 1.37 (default: the newest whose metrics are known)")
	c.Flags().Var(input.Span{W: &scrape}, "scrape", "how often targets are scraped: a rate over less than twice that is always empty")
	live.Add(c)
	since.Add(c)
	return a.Returns(c, lintData{})
}

// catalogues are what queries are checked against: the metrics of Kubernetes and those of exporters, at a version of Kubernetes.
type catalogues struct {
	metrics   *lint.Catalogue
	exporters *lint.Exporters
	target    upgrade.Minor
}

// cataloguesFor reads the catalogues for a version, the newest whose metrics are known where none is named.
func cataloguesFor(a *app.App, to app.Minor) (c catalogues, err error) {
	if c.metrics, err = input.Metrics(a); err != nil {
		return c, err
	}
	if c.exporters, err = lint.KnownExporters(); err != nil {
		return c, err
	}
	c.target = cmp.Or(upgrade.Minor(to), c.metrics.Newest)
	return c, lintTarget(a, c.target, c.metrics)
}

func (c catalogues) check(queries []lint.Query, recorded map[string]bool, scrape slo.Window) lint.Report {
	return lint.CheckAll(queries, recorded, c.metrics, c.target, c.exporters, time.Duration(scrape))
}

// oldMetrics says what there is to say about the age of the metrics' table.
func oldMetrics(a *app.App, known *lint.Catalogue, asked upgrade.Minor) ([]diag.Finding, error) {
	found := input.StaleTable(a, "the metrics of Kubernetes", known.Date)
	if !asked.IsZero() {
		return found, nil
	}
	behind, err := input.Behind(a, "the table of metrics", known.Newest, known.Date)
	return append(found, behind...), err
}

// lintTarget refuses versions of which nothing is known: neither their metrics nor a plan that reaches so far.
func lintTarget(a *app.App, to upgrade.Minor, known *lint.Catalogue) error {
	apis, err := input.Lifecycle(a)
	if err != nil {
		return err
	}
	switch last := apis.Last(); {
	case to.Less(known.Oldest):
		return app.Usage("--to %s: the metrics of Kubernetes are known from %s on", to, known.Oldest)
	case last.Less(to) && known.Last().Less(to):
		return app.Usage("--to %s: nothing is known of that version; metrics are known up to %s, and plans of Kubernetes up to %s",
			to, known.Last(), last)
	}
	return nil
}

// lintInputs reads the queries of rule files and dashboards, and the names of the series that the rules record.
func lintInputs(a *app.App, args []string) (queries []lint.Query, recorded map[string]bool, dashboards int, findings []diag.Finding) {
	var panels []lint.Query
	files, findings, _ := input.RulesAnd(a, args, "neither rules nor dashboards", func(in app.Input) bool {
		more, n := lint.Dashboards(in.Name, in.Data)
		panels, dashboards = append(panels, more...), dashboards+n
		return n > 0
	})
	findings = append(findings, lint.Duplicates(files)...)
	queries, recorded = lint.Rules(files)
	return append(queries, panels...), recorded, dashboards, findings
}

// lintData is the machine shape of `rules lint`.
type lintData struct {
	Findings   []diag.Finding `json:"findings"`
	Kubernetes upgrade.Minor  `json:"kubernetes"`
	Metrics    int            `json:"metrics"` // of its components and of exporters, that queries read
	Queries    int            `json:"queries"` // that read one of them
	Version    int            `json:"version"`
}

func lintView(r lint.Report, known *lint.Catalogue, to upgrade.Minor, dashboards int, findings []diag.Finding) report.View {
	lead := fmt.Sprintf("Kubernetes %s: %s", to, app.Count(r.Queries, "query", "queries"))
	if dashboards > 0 {
		lead += fmt.Sprintf(" (of rules and %s)", app.Count(dashboards, "dashboard", "dashboards"))
	}
	lead += fmt.Sprintf(" read %s that are known", app.Count(r.Metrics, "metric", "metrics"))
	view := report.View{Lead: []string{lead}, Findings: findings,
		Data: lintData{Version: 1, Kubernetes: to, Queries: r.Queries, Metrics: r.Metrics, Findings: app.List(findings)}}
	switch {
	case known.Last().Less(to):
		view.Lead = append(view.Lead,
			fmt.Sprintf("What %s removes is not known: metrics are known up to %s, and what is deprecated is counted on.", to, known.Last()))
	case known.Newest.Less(to):
		view.Lead = append(view.Lead, fmt.Sprintf("%s is not out: its metrics are those of the pre-release %s.", to, known.PreviewVersion))
	}
	return view
}
