package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/defaults"
)

func (a *app) rulesAudit() *cobra.Command {
	var table string
	var platform presets
	c := &cobra.Command{
		Use: "audit RULES...", Args: cobra.MinimumNArgs(1),
		Short: "Say what to do with each installed alert, and why",
		Long: `Reads rule files, PrometheusRule objects and rendered charts and gives every alert a disposition: page, ticket, info,
replaced by an SLO, dropped, or unknown, which means left alone. Reports defects that rules have by themselves.`,
		Example: "  treadmill rules audit rules/\n  helm template kps prometheus-community/kube-prometheus-stack | treadmill rules audit -",
		RunE: a.run(func(_ context.Context, args []string) (report.View, error) {
			files, findings := a.ruleFiles(args)
			known, problems, err := a.dispositions(table)
			if err != nil {
				return report.View{}, err
			}
			audit := defaults.Audit(files, known, platform)
			return auditView(audit, append(append(findings, problems...), audit.Findings...)), nil
		}),
	}
	c.Flags().Var(&platform, "preset", "what the platform is, several by comma: managed-control-plane, k3s, kube-proxy-replacement, single-node, autoscaled")
	c.Flags().StringVar(&table, "dispositions", "", "a table of your own, in the format of the embedded one, to use in its place")
	return c
}

// ruleFiles reads every rule that the arguments name.
func (a *app) ruleFiles(args []string) ([]rules.File, []diag.Finding) {
	inputs, findings := a.readAll(args, ".yaml", ".yml", ".json")
	var files []rules.File
	for _, in := range inputs {
		fs, problems := rules.Read(in.name, in.data)
		files, findings = append(files, fs...), append(findings, problems...)
	}
	return files, findings
}

func (a *app) dispositions(name string) (defaults.Table, []diag.Finding, error) {
	if name == "" {
		known, problems := defaults.Known()
		return known, problems, nil
	}
	in, err := a.read(name)
	if err != nil {
		return nil, nil, err
	}
	known, problems := defaults.ReadTable(in.name, in.data)
	return known, problems, nil
}

func auditView(audit defaults.Report, findings []diag.Finding) report.View {
	tones := map[defaults.Disposition]report.Tone{defaults.Page: report.Bad, defaults.Ticket: report.Warn, defaults.Replaced: report.Good,
		defaults.Info: report.Muted, defaults.Dropped: report.Muted}
	t := report.Table{Columns: []report.Column{{Name: "disposition"}, {Name: "alert"}, {Name: "severity"}, {Name: "for"},
		{Name: "group", Wide: true}, {Name: "replaced by"}, {Name: "reason"}, {Name: "place", Wide: true}}}
	for _, al := range audit.Alerts {
		t.Rows = append(t.Rows, report.Row{Tone: tones[al.Disposition], Cells: []string{string(al.Disposition), al.Name, al.Severity,
			al.For, al.Group, strings.Join(al.ReplacedBy, ", "), al.Reason, al.Position.String()}})
	}
	var parts []string
	for _, d := range defaults.Dispositions() {
		if n := audit.Count(d); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, d))
		}
	}
	lead := count(len(audit.Alerts), "alert", "alerts")
	if len(parts) > 0 {
		lead += ": " + strings.Join(parts, ", ")
	}
	return report.View{Lead: []string{lead}, Tables: []report.Table{t}, Findings: findings,
		Data: map[string]any{"version": 1, "alerts": emptyList(audit.Alerts), "findings": emptyList(findings)}}
}

// count says how many there are of something.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return itoa(n) + " " + many
}

// emptyList makes a list that is never null in JSON.
func emptyList[T any](list []T) []T { return append([]T{}, list...) }
