package rules

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/defaults"
	"treadmill/slo"
)

func auditCommand(a *app.App) *cobra.Command {
	var table string
	var platform platformFlags
	var clusters input.ClusterFlags
	var live bool
	noise := noiseFlags{since: 30 * slo.Day, replicas: []string{"prometheus_replica", "replica", "__replica__"}}
	c := &cobra.Command{
		Use: "audit [RULES]...",
		Args: func(_ *cobra.Command, args []string) error {
			if live = live || len(clusters.Contexts) > 0; len(args) == 0 && !live {
				return app.Usage("name rule files to audit, or --live for those of a cluster")
			}
			return nil
		},
		Short: "Say what to do with each installed alert, and why",
		Long: `Reads rule files, PrometheusRule objects and rendered charts and gives every alert a disposition: page, ticket, info,
replaced by an SLO, dropped, or unknown, which means left alone. Reports defects that rules have by themselves. --live reads
the PrometheusRules of clusters. With a Prometheus, or a file of samples, it measures each alert's noise on the recorded
ALERTS: episodes, flaps, share of the time, pages a week after the routes of --alertmanager, and pages while no SLO of
--slo burned.`,
		Example: "  treadmill rules audit rules/\n  helm template kps prometheus-community/kube-prometheus-stack | treadmill rules audit -\n" +
			"  treadmill rules audit --live --prometheus http://prometheus:9090 --alertmanager alertmanager.yaml --slo slos/",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			files, findings := input.RuleFiles(a, args)
			if live {
				more, problems, err := liveRules(ctx, a, &clusters)
				if files, findings = append(files, more...), append(findings, problems...); err != nil {
					return report.View{}, err
				}
			}
			known, problems, err := dispositions(a, table)
			if err != nil {
				return report.View{}, err
			}
			audit := defaults.Audit(files, known, platform.platform())
			findings = slices.Concat(findings, problems, audit.Findings)
			measured, problems, err := measureNoise(ctx, a, noise, audit.Alerts, files)
			view := auditView(audit, measured, a.Settle(append(findings, problems...)))
			addNoise(&view, audit, measured)
			return view, err
		}),
	}
	platform.add(c)
	c.Flags().StringVar(&table, "dispositions", "", "a table of your own, in the format of the embedded one, to use in its place")
	c.Flags().BoolVar(&live, "live", false, "audit the PrometheusRules of clusters")
	clusters.Add(a, c)
	noise.add(c)
	return a.Returns(c, auditData{})
}

func dispositions(a *app.App, name string) (defaults.Table, []diag.Finding, error) {
	if name == "" {
		known, problems := defaults.Everything()
		read, _ := defaults.Stamp()
		return known, append(problems, input.StaleTable(a, "the dispositions of alerts", read)...), nil
	}
	in, err := a.Read(name)
	if err != nil {
		return nil, nil, err
	}
	known, problems := defaults.ReadTable(in.Name, in.Data)
	return known, problems, nil
}

// auditData is the machine shape of `rules audit`.
type auditData struct {
	Alerts    []defaults.Alert `json:"alerts"`
	Findings  []diag.Finding   `json:"findings"`
	Receivers []receiver       `json:"receivers,omitzero"` // where there is a history
	Version   int              `json:"version"`
}

func auditView(audit defaults.Report, measured *measuredNoise, findings []diag.Finding) report.View {
	tones := map[defaults.Disposition]report.Tone{defaults.Page: report.Bad, defaults.Ticket: report.Warn, defaults.Replaced: report.Good,
		defaults.Info: report.Muted, defaults.Dropped: report.Muted}
	t := report.Table{
		Worst: true,
		Columns: []report.Column{{Name: "disposition"}, {Name: "alert"}, {Name: "severity", Rank: 2}, {Name: "for", Rank: 3},
			{Name: "group", Wide: true}, {Name: "replaced by", Rank: 1}, {Name: "reason"}, {Name: "place", Wide: true}},
	}
	for _, al := range audit.Alerts {
		t.Rows = append(t.Rows, report.Row{Tone: tones[al.Disposition], Cells: []string{string(al.Disposition), al.Name, al.Severity,
			al.For, al.Group, strings.Join(al.ReplacedBy, ", "), al.Reason, al.Position.String()}})
	}
	var parts []string
	figures := []report.Figure{report.Counted("alerts", len(audit.Alerts), report.Plain)}
	for _, d := range defaults.Dispositions() {
		if n := audit.Count(d); n > 0 {
			parts, figures = append(parts, fmt.Sprintf("%d %s", n, d)), append(figures, report.Counted(string(d), n, tones[d]))
		}
	}
	lead := app.Count(len(audit.Alerts), "alert", "alerts")
	if len(parts) > 0 {
		lead += ": " + strings.Join(parts, ", ")
	}
	return report.View{Lead: []string{lead}, Figures: figures, Tables: []report.Table{t}, Findings: findings,
		Data: auditData{Version: 1, Alerts: app.List(audit.Alerts), Receivers: measured.perReceiver(), Findings: app.List(findings)}}
}

// liveRules reads the PrometheusRules of clusters.
func liveRules(ctx context.Context, a *app.App, flags *input.ClusterFlags) ([]rules.File, []diag.Finding, error) {
	clusters, err := input.ConnectClusters(a, flags)
	if err != nil {
		return nil, nil, err
	}
	var files []rules.File
	var findings []diag.Finding
	for _, c := range clusters {
		documents, err := c.PrometheusRules(ctx)
		if err != nil {
			findings = append(findings, diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: "context " + c.Name},
				Message: "prometheusrules.monitoring.coreos.com cannot be read: " + app.Cause(err).Error()})
		}
		for _, doc := range documents {
			fs, problems := rules.Read(doc.Name, doc.Data)
			files, findings = append(files, fs...), append(findings, problems...)
		}
	}
	return files, findings, nil
}
