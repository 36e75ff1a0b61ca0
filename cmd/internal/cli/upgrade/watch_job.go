package upgrade

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/rules/compile"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/watch"
)

// asJob is the command as an executor runs it: with the flags that were given, and one that holds no rollout back.
func asJob(c *cobra.Command, f watchFlags, cluster fleet.Cluster) watch.Job {
	j := watch.Job{Cluster: cluster.Name.V, Start: time.Time(f.start), Prometheus: f.Address, Args: []string{"upgrade", "watch"}}
	c.Flags().Visit(func(flag *pflag.Flag) {
		switch flag.Name {
		case "for", "start", "end", "now", "output", "verbose", "allow-hold":
			return
		}
		values := []string{flag.Value.String()}
		if list, ok := flag.Value.(pflag.SliceValue); ok {
			values = list.GetSlice()
		}
		for _, v := range values {
			j.Args = append(j.Args, "--"+flag.Name+"="+v)
		}
	})
	j.Args = append(j.Args, "--allow-hold")
	for _, g := range cluster.SLOs {
		j.Burns = append(j.Burns, watch.Burn{Name: cluster.Name.V + "-" + g.SLO.V, Query: burnQuery(g)})
	}
	return j
}

// burnQuery is the burn of five minutes of what guards a cluster, from the series that generated rules record.
func burnQuery(g fleet.Guard) string {
	local := g.SLO.V[strings.LastIndexByte(g.SLO.V, '/')+1:]
	slo := fmt.Sprintf("slo=%q", local)
	matchers := []string{slo}
	for name, value := range g.Match {
		matchers = append(matchers, fmt.Sprintf("%s=%q", name, value))
	}
	slices.Sort(matchers)
	all := "{" + strings.Join(matchers, ",") + "}"
	return fmt.Sprintf("sum(%s5m%s) / sum(%s5m%s) / (1 - max(%s{%s}))", compile.BadSeries, all, compile.TotalSeries, all,
		compile.ObjectiveSeries, slo)
}

// jobOf is the objects of an executor.
func jobOf(c *cobra.Command, f watchFlags, h hop) (report.View, error) {
	if f.Address == "" {
		return report.View{}, app.Usage("--for %s: want --prometheus, the address of the server as the executor reaches it", f.executor.Word)
	}
	if u, err := url.Parse(f.Address); err != nil || u.User != nil {
		return report.View{}, app.Usage("--for %s: the address of --prometheus would be written with its password: say how to authenticate in a "+
			"file, with --prometheus-config", f.executor.Word)
	}
	j := asJob(c, f, h.cluster)
	if len(j.Burns) == 0 && f.executor.Word == watch.Flagger {
		return report.View{}, app.Usage("--for flagger: no SLO guards %s: name those that do, with slos, in the fleet file", j.Cluster)
	}
	return report.View{
		Title:    "Watch of " + j.Cluster,
		Findings: h.findings,
		Document: j.Write(f.executor.Word),
		Data: watchData{Version: 1, Now: time.Time(f.start), Cluster: j.Cluster, Start: j.Start, Reasons: []string{}, Signals: []watch.Signal{},
			Alerts: []watch.Alert{}, Findings: app.List(h.findings)},
	}, nil
}
