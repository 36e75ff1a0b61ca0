package defaults

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// DeadMan is the alert that fires always; when it stops, alerting is broken.
const DeadMan = "Watchdog"

// Alertmanager writes a configuration for Alertmanager that sends each severity where its disposition belongs, makes one
// notification of one incident, and lets the dead-man switch through to a heartbeat. by are the labels by which SLOs are
// grouped. Its receivers have names and nothing else: they are for the reader to fill in.
func Alertmanager(by []string) []byte {
	equal := append([]string{"slo"}, by...)
	return []byte(
		strings.ReplaceAll(
			`# A configuration for Alertmanager to go with the replaced rules. Fill in the receivers; take the routes and inhibit_rules over into
# your own where you have one. In values of kube-prometheus-stack it stands below alertmanager.config; the chart's own inhibit_rules
# are replaced as a whole by these.
route:
  receiver: ticket                 # what nothing below matches is looked at by day: nothing is lost
  group_by: [cluster, namespace, alertname, slo]
  group_wait: 30s
  group_interval: 5m
  repeat_interval: 12h
  routes:
  - receiver: nobody               # new alerts that burn in: they are recorded, and reach nobody
    matchers: ['burn_in="true"']
  - receiver: heartbeat            # outside of the cluster: it pages when this stops coming
    matchers: ['alertname="Watchdog"']
    group_wait: 0s
    group_interval: 1m
    repeat_interval: 1m
  - receiver: nobody               # stays in Prometheus, for dashboards and for whoever looks
    matchers: ['severity=~"info|none"']
  - receiver: page
    matchers: ['severity=~"critical|page"']
    repeat_interval: 4h
  - receiver: ticket
    matchers: ['severity=~"warning|ticket"']
receivers:
- name: heartbeat
- name: page
- name: ticket
- name: nobody
inhibit_rules:
# A page of an SLO says what its ticket says, and says it first.
- source_matchers: ['slo_severity="page"']
  target_matchers: ['slo_severity="ticket"']
  equal: [EQUAL]
# Of two severities of one alert the louder is enough. SLOs have their own rule above.
- source_matchers: ['severity="critical"', 'slo=""']
  target_matchers: ['severity=~"warning|info"', 'slo=""']
  equal: [cluster, namespace, alertname, instance, node, persistentvolumeclaim, device]
# Many nodes lost is one page, and each of them is no ticket beside it.
- source_matchers: ['alertname="NodesLost"']
  target_matchers: ['alertname=~"KubeNode.+|Kubelet.+|KubeDaemonSet.+|TargetDown"', 'severity=~"warning|info"', 'slo=""']
  equal: [cluster]
# A node is told of once: as not ready, and not by its taint too.
- source_matchers: ['alertname="KubeNodeNotReady"']
  target_matchers: ['alertname="KubeNodeUnreachable"']
  equal: [cluster, node]
# What remote write loses is told of once, by its SLO.
- source_matchers: ['slo="remote-write"']
  target_matchers: ['alertname="PrometheusRemoteStorageFailures"', 'severity="warning"']
  equal: [cluster]
- source_matchers: ['alertname="ClusterDNSGone"']
  target_matchers: ['slo=~"cluster-dns-.+"']
  equal: [cluster]
`,
			"EQUAL",
			strings.Join(equal, ", "),
		),
	)
}

// Silence is what one silence matches, in Alertmanager's notation.
type Silence []string

// UpgradeSilence matches the alerts that fire by design while nodes and control planes are upgraded. It matches no page,
// whatever its name, and no alert of an SLO: an upgrade that users notice must be heard.
func UpgradeSilence(fates []Fate) Silence {
	var names []string
	for _, f := range fates {
		if f.UpgradeExpected && !f.Gone {
			names = append(names, regexp.QuoteMeta(f.Name))
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return nil
	}
	return Silence{fmt.Sprintf("alertname=~%q", strings.Join(names, "|")), `severity=~"warning|info"`, `slo=""`}
}

// Script is a shell script that sets the silence with amtool for the time of one upgrade.
func (s Silence) Script() []byte {
	var b strings.Builder
	b.WriteString(`#!/bin/sh
# Silences what fires by design during an upgrade, for a time: sh upgrade-silence.sh http://alertmanager:9093 2h [more matchers, such as cluster="a"]
# It can match no page and no alert of an SLO. Silence no more than this: an upgrade that users notice must be heard.
set -eu
url=$1 time=$2
shift 2
amtool silence add --alertmanager.url="$url" --duration="$time" --author="${USER:-upgrade}" --comment="expected during an upgrade"`)
	for _, m := range s {
		b.WriteString(" \\\n  '" + m + "'")
	}
	b.WriteString(" \\\n  \"$@\"\n")
	return []byte(b.String())
}
