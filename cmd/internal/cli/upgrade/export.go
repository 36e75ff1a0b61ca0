package upgrade

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/export"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/rules"
)

func exportCommand(a *app.App) *cobra.Command {
	var in exported
	var listen, textfile string
	var alerts bool
	format, every := input.RuleFormat(rules.PrometheusRule), app.Days(time.Hour)
	c := &cobra.Command{
		Use: "export -f fleet.yaml", Short: "Export the plan of a fleet as Prometheus metrics, with alert rules", Args: cobra.NoArgs,
		Long: `Export plans a fleet and shows the plan as Prometheus metrics: when support of each cluster ends, how much slack the plan has,
when the next hop begins, what extended support is going to cost. It prints them, writes them for the node exporter's textfile collector, or
serves them and plans anew from time to time. --plan shows the plan that was decided instead, and --prometheus with --slo
lets the plan wait for error budgets, as in upgrade plan. --drift shows what a nightly "treadmill drift -o json" found. --rules prints alert rules on the metrics.`,
		Example: `  treadmill upgrade export -f fleet.yaml --listen :9099
  treadmill upgrade export -f fleet.yaml --plan plan.json --listen :9099
  treadmill upgrade export -f fleet.yaml --textfile /var/lib/node_exporter/treadmill.prom
  treadmill upgrade export --rules | kubectl apply -f -`,
		PreRunE: func(*cobra.Command, []string) error {
			switch {
			case alerts == (in.File != ""):
				return app.Usage("give either -f with a fleet file, or --rules")
			case in.plan != "" && in.guard.Given():
				return app.Usage("--plan shows a plan that was decided; --prometheus, --tsdb and --openmetrics are for one that is made now")
			case listen != "" && textfile != "":
				return app.Usage("give --listen or --textfile, not both")
			case listen != "" && in.File == "-":
				return app.Usage("--listen plans again and again, which standard input cannot be read for; give the name of a file")
			case time.Duration(every) < time.Minute:
				return app.Usage("--every must be a minute or more")
			}
			return nil
		},
	}
	c.RunE = a.Run(func(ctx context.Context, _ []string) (report.View, error) {
		if alerts {
			return alertsView(rules.Format(format))
		}
		if listen != "" {
			return serveExport(ctx, a, in, listen, time.Duration(every), !c.Flags().Changed("now"))
		}
		s, findings, ok, err := snapshot(ctx, a, in)
		if err != nil || !ok {
			return exportView(export.Snapshot{}, findings, nil), err
		}
		text, err := exportText(s)
		if err != nil || textfile == "" {
			return exportView(s, findings, text), err
		}
		return exportView(s, findings, []byte{}), a.WriteFiles(map[string][]byte{textfile: text})
	})
	in.Add(c)
	in.guard.Add(c)
	c.Flags().StringVar(&in.plan, "plan", "", "show this plan (JSON of upgrade plan), which was decided, instead of making one")
	c.Flags().StringSliceVar(&in.drift, "drift", nil, "show what this run of treadmill drift found too (its JSON); may be repeated")
	c.Flags().Lookup("fleet").Annotations = nil // --rules needs none; it takes a file still
	c.Flags().StringVar(&listen, "listen", "", "serve the metrics on this address, such as :9099")
	c.Flags().StringVar(&textfile, "textfile", "", "write the metrics to this file")
	c.Flags().Var(&every, "every", "plan anew this often while serving")
	c.Flags().BoolVar(&alerts, "rules", false, "print alert rules on the metrics")
	c.Flags().Var(&format, "format", "form of the alert rules: prometheusrule, prometheus, mimir, vmrule, thanos")
	return a.Returns(c, exportData{})
}
