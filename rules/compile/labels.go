package compile

import (
	"strconv"
	"strings"

	"github.com/prometheus/common/model"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/slo"
)

// checkLabels refuses labels that the rules need for themselves or that Prometheus does not allow.
func (c *compiler) checkLabels() {
	for _, by := range c.events.By {
		if by == "slo" {
			c.find(diag.Error, "slo/label", "the queries are grouped by the label slo, which names the SLO; rename it with label_replace")
		}
		if !model.LegacyValidation.IsValidLabelName(by) || strings.HasPrefix(by, "__") {
			c.find(diag.Error, "slo/label", "the queries are grouped by %q, which cannot be a label of what is recorded; give it a name of letters, "+
				"digits and '_' where it is scraped (metric_relabel_configs), and group by that", by)
		}
	}
	for _, set := range []map[string]string{c.slo.Labels, c.slo.Alerting.Labels, c.slo.Alerting.Page.Labels, c.slo.Alerting.Ticket.Labels} {
		for name := range set {
			if !model.LegacyValidation.IsValidLabelName(name) || strings.HasPrefix(name, "__") {
				c.find(diag.Error, "slo/label", "%q is not the name of a label; use letters, digits and '_', with no digit first", name)
			}
			if name == "slo" || name == "slo_severity" || name == "alertname" {
				c.find(diag.Error, "slo/label", "the label %q is set by the rules themselves; rename it", name)
			}
		}
	}
	al := c.slo.Alerting
	for _, set := range []map[string]string{al.Annotations, al.Page.Annotations, al.Ticket.Annotations} {
		if _, empty := set[""]; empty {
			c.find(diag.Error, "slo/label", "an annotation has no name, for which Prometheus refuses the whole file; name or remove it")
		}
	}
	c.checkGrouping()
}

// checkGrouping finds labels of the grouping that alerts set to one text for all groups. Where that leaves none, two groups that burn
// make one alert twice, and Prometheus evaluates none of the two.
func (c *compiler) checkGrouping() {
	if len(c.events.By) == 0 {
		return
	}
	for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
		if !c.alerted(severity) {
			continue
		}
		alert := rules.Rule{Labels: map[string]string{"severity": ""}}
		c.label(&alert, string(severity), c.slo.Alerting.Route(severity))
		var same []string
		for _, by := range c.events.By {
			if text, ok := alert.Labels[by]; ok && !strings.Contains(text, "{{") {
				same = append(same, strconv.Quote(by))
			}
		}
		names := strings.Join(same, ", ")
		switch {
		case len(same) == 0:
		case len(same) == len(c.events.By):
			c.find(diag.Error, "slo/label",
				"the queries are grouped by %s alone, and alerts have one text for it: two groups that burn would be the same alert twice, which Prometheus refuses; remove the label",
				names)
		default:
			c.find(diag.Warning, "slo/label",
				"the queries are grouped by %s, and alerts have one text for it, so that they do not say of which group they are; remove the label",
				names)
		}
		if len(same) > 0 {
			return
		}
	}
}
