package compile

import (
	"maps"

	"github.com/prometheus/common/model"

	"treadmill/rules"
	"treadmill/slo"
)

// slothGroup records the series of Sloth 0.16 out of ours, under Sloth's names and labels, so that its dashboards go on
// working (https://sloth.dev/introduction/dashboards/, read 2026-11). Ratios are of summed events, not averages of ratios.
func (c *compiler) slothGroup() rules.Group {
	g := rules.Group{Name: "slo-" + c.slo.ID + "-sloth", Interval: model.Duration(c.every)}
	labels := c.slothLabels()
	add := func(record, expr string, more ...string) {
		r := rules.Rule{Record: record, Expr: expr, Labels: map[string]string{"slo": ""}} // an empty label is none
		maps.Copy(r.Labels, c.slo.Labels)
		maps.Copy(r.Labels, labels)
		if namespace := c.slo.Object.Namespace; namespace != "" {
			r.Labels["slo_namespace"] = namespace // Sloth knows no namespaces: objects of one name in two would write one series
		}
		for i := 0; i+1 < len(more); i += 2 {
			r.Labels[more[i]] = more[i+1]
		}
		g.Rules = append(g.Rules, r)
	}
	ratio := func(w slo.Window) string {
		if c.summedBurns() {
			return c.budget + " * " + BurnSeries + w.String() + c.matchers
		}
		return BadSeries + w.String() + c.matchers + " / " + TotalSeries + w.String() + c.matchers
	}
	period, objective := c.slo.Period.Length, c.slo.Objective
	for _, l := range append(chain(c.windowsOfAlerts()), link{Window: slo.Tile}, link{Window: period}) {
		add("slo:sli_error:ratio_rate"+l.Window.String(), ratio(l.Window), "sloth_window", l.Window.String())
	}
	budget := c.budget
	add("slo:objective:ratio", "vector("+objective.String()+")")
	add("slo:error_budget:ratio", "vector("+budget+")")
	add("slo:time_period:days", "vector("+period.Over(slo.Day).String()+")")
	add("slo:current_burn_rate:ratio", ratio(slo.Tile)+" / "+budget)
	add("slo:period_burn_rate:ratio", ratio(period)+" / "+budget)
	add("slo:period_error_budget_remaining:ratio", BudgetSeries+c.matchers)
	add("sloth_slo_info", "vector(1)", "sloth_version", "treadmill", "sloth_mode", "cli-gen-prom", "sloth_spec", "prometheus/v1",
		"sloth_objective", objective.Mul(slo.NewNumber(100, 1)).String())
	return g
}

func (c *compiler) slothLabels() map[string]string {
	service := c.slo.Service
	if service == "" {
		service = c.slo.Name
	}
	return map[string]string{"sloth_id": c.slo.Local(), "sloth_service": service, "sloth_slo": c.slo.Name}
}

// slothAlerts adds Sloth's labels to alerts.
func (c *compiler) slothAlerts(all []rules.Rule) {
	for _, r := range all {
		if r.Alert != "" {
			for name, text := range c.slothLabels() {
				r.Labels[name] = rules.EscapeTemplate(text) // labels of alerts are templates
			}
			r.Labels["sloth_severity"] = r.Labels["slo_severity"]
		}
	}
}
