package compile

import (
	"fmt"
	"math"

	"treadmill/internal/diag"
	"treadmill/slo"
)

// fewBudget is how many bad events a budget should hold: with fewer, one of them is more than a tenth of it.
const fewBudget = 10

// checkBudget says where the budget is so few events, or slices of time, that chance decides whether the SLO is kept:
// events in the period × (1 − objective).
func (c *compiler) checkBudget() {
	period, unit := c.slo.Period.Length, "events"
	seconds := period.Over(second)
	events := c.options.Traffic.Mul(seconds)
	if w := c.slo.Indicator.Slice.Window; w > 0 {
		events, unit = period.Over(w), "slices of "+w.String()
	}
	zero, one, few := slo.NewNumber(0, 1), slo.NewNumber(1, 1), slo.NewNumber(fewBudget, 1)
	budget := events.Mul(c.slo.Objective.Budget())
	if events.Cmp(zero) <= 0 || budget.Cmp(few) >= 0 {
		return
	}
	severity, sense := diag.Warning, "so that each bad one spends "+one.Div(budget).Mul(slo.NewNumber(100, 1)).Short()+"% of it"
	if budget.Cmp(one) < 0 {
		sense = "so that a single bad one breaks the SLO"
		if unit == "events" {
			severity = diag.Error
		}
	}
	fix := "lengthen the period"
	if most := math.Floor(1e4 * one.Sub(few.Div(events)).Float()); most > 0 {
		fix += fmt.Sprintf(", lower the objective to %g%%", most/100)
	}
	if apart := int(seconds.Mul(c.slo.Objective.Budget()).Div(few).Float()); unit == "events" && apart > 0 {
		fix += fmt.Sprintf(", or add a probe every %d s", apart)
	}
	c.find(severity, "slo/budget", "%s hold %.0f %s and a budget of %s of them, %s; for a budget of %d, %s", period, events.Float(), unit,
		budget.Short(), sense, fewBudget, fix)
}

// checkRetention says where the windows look back further than the server keeps what rules record.
func (c *compiler) checkRetention() {
	kept, period := c.options.Retention, c.slo.Period.Length
	if kept == 0 || kept >= period {
		return
	}
	c.find(diag.Error, "slo/retention",
		"the budget looks back %s and the server keeps %s: what is older counts as good, so the budget is never as low as it should be; keep %s (--storage.tsdb.retention.time), read the rules' series from a server that does, or take a period of %s",
		period, kept, period, kept.Down(slo.Day))
}
