package compile

import (
	"regexp"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"treadmill/rules"
)

// NoDataName is the name of the alert that says that an SLO has nothing to count.
const NoDataName = "SLONoData"

// noDataFor is how long there must be nothing: longer than a rollout that starts all pods anew.
const noDataFor = model.Duration(15 * time.Minute)

// jobMatcher finds the matcher that a selector shares with the series `up` of its targets.
var jobMatcher = regexp.MustCompile(`[{,](job(?:=|=~)"(?:[^"\\]|\\.)*")[,}]`)

// noData tells apart why there is nothing to count: the targets are down, or the selector matches nothing. A service
// that is idle has series, and so has one whose bad events never happened: they do not fire.
func (c *compiler) noData() rules.Rule {
	al := c.slo.Alerting
	absent := "absent(" + strings.Join(c.events.Raw, " or ") + ")"
	because := func(reason string) string {
		return `label_replace(` + absent + `, "reason", "` + reason + `", "", "")`
	}
	expr := because("selector matches nothing")
	if m := jobMatcher.FindStringSubmatch(c.events.Raw[0]); m != nil {
		down := "on () max(up{" + m[1] + "}) == 0"
		expr = because("target down") + " and " + down + "\nor\n" + expr + " unless " + down
	}
	r := rules.Rule{Alert: NoDataName, Expr: expr, For: noDataFor, Labels: map[string]string{"severity": "ticket"}}
	c.label(&r, "no-data", al.Ticket)
	r.Annotations = map[string]string{
		"summary": rules.EscapeTemplate(c.title()) + " has nothing to count: {{ $labels.reason }}",
		"description": rules.EscapeTemplate(
			"No series matches " + strings.Join(c.events.Raw, ", ") +
				", so the SLO is neither kept nor broken. See whether the targets are scraped and whether the metric still has this name and these labels.",
		),
	}
	c.annotate(&r, "no-data")
	return r
}

// watchesData reports whether there is an alert for when there is nothing to count.
func (c *compiler) watchesData() bool {
	return c.slo.Alerting.WatchesData() && len(c.events.Raw) > 0
}
