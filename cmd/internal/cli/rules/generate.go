package rules

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/compile"
)

// seriesNames are the names that recorded series have, as a flag.
type seriesNames string

func (n *seriesNames) String() string { return string(*n) }

func (n *seriesNames) Type() string { return "names" }

// Words lists the names.
func (n *seriesNames) Words() []string { return []string{"treadmill", "sloth"} }

func (n *seriesNames) Set(name string) error {
	if name != "treadmill" && name != "sloth" {
		return fmt.Errorf("want treadmill or sloth")
	}
	*n = seriesNames(name)
	return nil
}

// generateData is the machine shape of `rules generate`.
type generateData struct {
	Findings []diag.Finding `json:"findings"`
	SLOs     []generated    `json:"slos"`
	Version  int            `json:"version"`
}

// generated is the machine shape of what became of one SLO.
type generated struct {
	Name   string   `json:"name"`
	Rules  int      `json:"rules"`
	Alerts []string `json:"alerts"`
	File   string   `json:"file,omitempty"`
}

func generateCommand(a *app.App) *cobra.Command {
	var options compile.Options
	names := seriesNames("treadmill")
	format, out := input.RuleFormat(rules.PrometheusRule), ""
	var labels map[string]string
	var also beside
	c := &cobra.Command{
		Use: "generate FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Write burn-rate alert rules for SLOs",
		Long: `Reads SLOs (OpenSLO, Sloth, Pyrra) and writes recording and alerting rules: multi-window, multi-burn-rate alerts by the
SRE Workbook's table, whose long windows add up recorded increments instead of reading raw series again.

A spec that is an object of Sloth or Pyrra gives its namespace and labels to the object of its rules, as those tools do.
A Prometheus of kube-prometheus-stack takes only objects with the label of its release: --label release=NAME.`,
		Example: "  treadmill rules generate slos/ > rules.yaml\n  treadmill rules generate --label release=kps slos/ | kubectl apply -n monitoring -f -\n" +
			"  treadmill rules generate --format prometheus --out rules/ slos/*.yaml",
		RunE: a.Run(func(_ context.Context, args []string) (report.View, error) {
			if len(labels) > 0 && !rules.Format(format).Objects() {
				return report.View{}, app.Usage("--label is for objects, which --format %s has none of: want prometheusrule or vmrule", format)
			}
			if err := compile.CheckRunbook(options.Runbook); err != nil {
				return report.View{}, app.Usage("--runbook-template: %v", err)
			}
			options.SlothNames = names == "sloth"
			// Of the whole process, which does nothing else: texts are made and dropped faster than the heap of drafts grows, and room for as
			// many again is the peak.
			debug.SetGCPercent(50)
			drafts, findings := input.Drafted(a, args, options)
			g := generation{
				format:   rules.Format(format),
				out:      out,
				folder:   isFolder(out),
				labels:   labels,
				families: compile.Families(drafts),
				options:  options,
				beside:   also,
			}
			files := a.Pending()
			defer files.Discard()
			untested, err := g.write(files)
			view := g.view(drafts, slices.Concat(findings, untested, g.stale()))
			if err != nil {
				return view, err
			}
			if out == "" {
				view.Stream = g.text
			}
			return view, files.Commit()
		}),
	}
	input.Intervals(c.Flags(), &options)
	c.Flags().Var(&format, "format", "form of the rules: prometheusrule, prometheus, mimir, vmrule, thanos")
	c.Flags().
		StringToStringVar(&labels, "label", nil, "label of the PrometheusRule or VMRule objects, such as release=kps, by which the operator selects them; may be repeated")
	c.Flags().Var(&names, "names", "names of the series: treadmill, or sloth to record Sloth's series too, for its dashboards")
	c.Flags().
		StringVar(&out, "out", "", "file to write, or folder (existing, or ending in /) for one file per SLO (SLOs that count the same events share one), instead of standard output")
	c.Flags().
		StringVar(&options.Runbook, "runbook-template", "", "annotation runbook_url of every alert, such as https://runbooks.example.org/{slo}/{severity}; {alert}, {name}, {namespace} and {service} are known too")
	c.Flags().
		StringVar(&also.tests, "tests", "", "folder to write unit tests of the rules to, for promtool test rules and treadmill rules test")
	c.Flags().StringVar(&also.boards, "dashboards", "", "folder to write dashboards for Grafana to: an overview, and one SLO in detail")
	c.Flags().
		StringVar(&also.inhibit, "alertmanager", "", "file to write inhibition rules for Alertmanager to, so that one incident is one notification")
	c.Flags().
		StringVar(&also.backfill, "backfill", "", "folder to write backfill.sh to, which records the past with promtool, so that long windows and budgets are right from the first day")
	return a.Returns(c, generateData{})
}
