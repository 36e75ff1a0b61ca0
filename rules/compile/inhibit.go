package compile

import (
	"slices"
	"strings"
)

// Inhibit writes rules for Alertmanager's configuration with which one incident is one notification: a page of an SLO
// silences the ticket of the same SLO, cluster and group, as both say the same and the page says it first. A label that neither has is
// equal (https://prometheus.io/docs/alerting/latest/configuration/#inhibition-related-settings).
func Inhibit(drafts []*Draft) []byte {
	equal := []string{}
	for _, r := range drafts {
		equal = append(equal, r.By...)
	}
	slices.Sort(equal)
	equal = append([]string{"slo", "cluster"}, slices.DeleteFunc(slices.Compact(equal), func(s string) bool { return s == "cluster" })...)
	return []byte(`# Put these under inhibit_rules in the configuration of Alertmanager, and group by slo so that one SLO is one notification:
#   route:
#     group_by: [` + strings.Join(equal, ", ") + `]
inhibit_rules:
- source_matchers:
  - slo_severity="page"
  target_matchers:
  - slo_severity="ticket"
  equal: [` + strings.Join(equal, ", ") + `]
`)
}
