package export

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// collector makes metrics of the newest snapshot.
type collector struct {
	latest func() (s Snapshot, fresh bool)
}

// metric is one family: what it is called, what it says and which labels tell its series apart.
type metric struct {
	name, help string
	labels     []string
}

func (m metric) desc() *prometheus.Desc {
	return prometheus.NewDesc("treadmill_"+m.name, m.help, m.labels, nil)
}

// metrics lists the families, by name.
func metrics() map[string]metric {
	out := map[string]metric{}
	for _, m := range []metric{
		{"cluster_info", "A cluster of the fleet; always 1.", []string{"cluster", "provider", "version", "environment",
			"group", "team", "region"}},
		{"cluster_support_end_timestamp_seconds", "When support of the cluster's version ends, standard or extended.",
			[]string{"cluster", "team", "support"}},
		{"cluster_due_timestamp_seconds", "When the cluster must have left its version: the last support that the policy allows, less the margin.", []string{"cluster", "team"}},
		{"cluster_slack_seconds", "How long before it is due the plan has the cluster off its version; negative when it is too late.",
			[]string{"cluster", "team"}},
		{"cluster_next_hop_timestamp_seconds", "When the next campaign of the cluster begins.", []string{"cluster", "team", "to"}},
		{"cluster_unplanned", "Whether no plan by the rules brings the cluster back into support.", []string{"cluster", "team"}},
		{"drift_findings", "Differences between files and what the cluster runs, by kind: fleet, plan, apis, rules.",
			[]string{"cluster", "kind"}},
		{"drift_known", "Whether all of it could be compared.", []string{"cluster", "kind"}},
		{"drift_timestamp_seconds", "When it was compared.", []string{"cluster", "kind"}},
		{"plan_timestamp_seconds", "When the plan was made.", nil},
		{"plan_up", "Whether the newest attempt to plan went well; the other metrics are of the last that did.", nil},
		{"plan_cost", "Cost of the plan until its horizon, by part.", []string{"part", "currency"}},
		{"plan_cost_bound", "No plan that obeys the rules costs less.", []string{"currency"}},
		{"plan_gap_ratio", "By how much of its cost the plan may be above the best one.", nil},
		{"extended_support_forecast", "Fees for extended support forecast for a month, with the plan and without any upgrade.",
			[]string{"month", "plan", "currency"}},
	} {
		out[m.name] = m
	}
	return out
}

// Describe names every family.
func (c collector) Describe(out chan<- *prometheus.Desc) {
	for _, m := range metrics() {
		out <- m.desc()
	}
}

// Collect makes the metrics.
func (c collector) Collect(out chan<- prometheus.Metric) {
	families := metrics()
	send := func(name string, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(families[name].desc(), prometheus.GaugeValue, value, labels...)
	}
	s, fresh := c.latest()
	send("plan_up", truth(fresh))
	if s.Planned.IsZero() {
		return
	}
	send("plan_timestamp_seconds", seconds(s.Planned))
	send("plan_cost_bound", s.Bound, s.Currency)
	send("plan_gap_ratio", s.Gap)
	for part, amount := range s.Cost {
		send("plan_cost", amount, part, s.Currency)
	}
	for _, m := range s.Months {
		send("extended_support_forecast", m.With, m.Month, "with", s.Currency)
		send("extended_support_forecast", m.Without, m.Month, "without", s.Currency)
	}
	for _, x := range s.Clusters {
		x.collect(send)
	}
	for _, d := range s.Drift {
		send("drift_findings", float64(d.Findings), d.Cluster, d.Kind)
		send("drift_known", truth(d.Known), d.Cluster, d.Kind)
		if !d.At.IsZero() {
			send("drift_timestamp_seconds", seconds(d.At), d.Cluster, d.Kind)
		}
	}
}

func (x Cluster) collect(send func(name string, value float64, labels ...string)) {
	send("cluster_info", 1, x.Name, x.Provider, x.Version, x.Environment, x.Group, x.Team, x.Region)
	send("cluster_unplanned", truth(x.Unplanned), x.Name, x.Team)
	at := func(t time.Time, name string, labels ...string) {
		if !t.IsZero() {
			send(name, seconds(t), append([]string{x.Name, x.Team}, labels...)...)
		}
	}
	at(x.StandardEnd, "cluster_support_end_timestamp_seconds", "standard")
	at(x.ExtendedEnd, "cluster_support_end_timestamp_seconds", "extended")
	at(x.Due, "cluster_due_timestamp_seconds")
	at(x.NextHop, "cluster_next_hop_timestamp_seconds", x.NextVersion)
	if x.Slack != nil {
		send("cluster_slack_seconds", x.Slack.Seconds(), x.Name, x.Team)
	}
}

func seconds(t time.Time) float64 { return float64(t.Unix()) }

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
