package upgrade

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade/watch"
)

// watchFlags say which hop is watched.
type watchFlags struct {
	hopInput
	start, end app.Clock
	settle     app.Days
	label      string
	platform   bool
	holds      bool
	executor   app.Choice
}

func watchCommand(a *app.App) *cobra.Command {
	f := watchFlags{settle: app.Days(time.Hour), executor: app.Choice{Of: watch.Executors()}}
	var c *cobra.Command
	c = &cobra.Command{
		Use: "watch -f fleet.yaml --cluster NAME --start TIME", Args: cobra.NoArgs,
		Short: "Judge a hop while it runs and after it: go on, hold or roll back",
		Long: `Watch compares a cluster with what it was before its hop, and with clusters that are not being upgraded: the SLOs that guard it, the
platform's own SLOs (API server, DNS, nodes, workloads; see rules pack), and the alerts that fire on it.

  go on      nothing is worse than before the hop
  hold       something is worse, was so before the hop, or is so elsewhere too; or the cluster has not settled since --end
  roll back  budget burns as fast as somebody is paged for, the hop has spent more than it may, or an alert that pages fires since the hop and only here

What is not known is never a reason to go on. Nothing is changed anywhere.

--for writes what executors take instead: for argo-rollouts, flagger and keptn the objects that run this very command, for github the
verdict as the answer of a deployment protection rule.

Exit status: 0 go on; 1 hold or roll back (with --allow-hold only roll back); 3 not known.`,
		Example: `  treadmill upgrade watch -f fleet.yaml --cluster pay-prod-eu --start 2026-11-24T09:00:00Z --prometheus http://prometheus:9090 --slo slos/
  treadmill upgrade watch -f fleet.yaml --cluster pay-prod-eu --start 2026-11-24T09:00:00Z --end 2026-11-24T09:40:00Z \
    --records campaigns.yaml --prometheus http://prometheus:9090 --slo slos/ -o json | jq -r .verdict
  treadmill upgrade watch -f fleet.yaml --cluster pay-prod-eu --start 2026-11-24T09:00:00Z --prometheus http://prometheus:9090 --slo slos/ \
    --for argo-rollouts > hop.yaml`,
		RunE: a.Run(func(ctx context.Context, _ []string) (report.View, error) { return watchHop(ctx, a, f, c) }),
	}
	f.add(a, c, "the cluster that is being upgraded")
	c.Flags().Var(&f.start, "start", "when the hop began")
	c.Flags().Var(&f.end, "end", "when it was over (default: it goes on)")
	c.Flags().Var(&f.settle, "settle", "how long after the end the cluster has to be watched")
	c.Flags().
		StringVar(&f.label, "cluster-label", "cluster", "the label by which series and alerts of clusters are told apart; its value is what the fleet's slos match, else the cluster's name")
	c.Flags().BoolVar(&f.platform, "platform", true, "look at the platform's own SLOs, as far as the server has their metrics")
	c.Flags().BoolVar(&f.holds, "allow-hold", false, "hold is a warning: only roll back is status 1")
	c.Flags().Var(&f.executor, "for", "write what an executor takes: "+strings.Join(watch.Executors(), ", "))
	for _, name := range []string{"start", "end"} {
		c.Flags().Lookup(name).DefValue = ""
	}
	app.MustHave(c, "start")
	app.MustHaveOne(c, "prometheus", "tsdb", "openmetrics")
	return a.Returns(c, watchData{})
}

func watchHop(ctx context.Context, a *app.App, f watchFlags, c *cobra.Command) (report.View, error) {
	in := watch.Input{Start: time.Time(f.start), End: time.Time(f.end), Settle: time.Duration(f.settle), Now: time.Time(a.Now)}
	if !in.Start.Before(in.Now) || !in.End.IsZero() && (!in.Start.Before(in.End) || in.End.After(in.Now)) {
		return report.View{}, app.Usage("--start %s: want a start in the past, and an end between it and now", in.Start.Format(time.RFC3339))
	}
	h, err := readHop(a, f.hopInput)
	if err != nil {
		return report.View{}, err
	}
	old := func(f diag.Finding) bool { return strings.HasPrefix(f.ID, "windows/") } // support dates decide nothing here
	h.findings = slices.DeleteFunc(h.findings, old)
	if f.executor.Word != "" && f.executor.Word != watch.GitHub {
		return jobOf(c, f, h)
	}
	records, more, err := input.ReadRecords(a, f.Records)
	if err != nil {
		return report.View{}, err
	}
	findings := append(h.findings, more...)
	src, err := input.OpenHistory(a, f.Past)
	if err != nil {
		return report.View{}, err
	}
	w := watched{a: a, src: src, hop: h, in: in, label: f.label, records: records}
	w.name = cmp.Or(w.matched(), h.cluster.Name.V)
	in.Signals, more = w.guards(ctx, f.SLOs)
	findings = append(findings, more...)
	if f.platform {
		in.Signals = append(in.Signals, w.platform(ctx)...)
	}
	if in.Alerts, err = w.alerts(ctx); err != nil {
		return report.View{}, err
	}
	view := watchView{cluster: h.cluster, in: in, verdict: watch.Judge(in), findings: findings, holds: f.holds}
	out := view.view()
	if f.executor.Word == watch.GitHub {
		out.Document = view.verdict.Answer(h.cluster.Name.V)
	}
	return out, nil
}
