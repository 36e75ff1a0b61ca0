package openslo

import (
	"fmt"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// policy reads the alert policies of an SLO; without any it is nil and the default policy holds. A condition says one
// window: it is taken as the long one, and the short one is a twelfth of it, at least one tile, unless an annotation says it.
func (d *decoder) policy(m meta, entries []*policyEntry, alerting *slo.Alerting) slo.Policy {
	var out slo.Policy
	quiet, carried := 0, carrier{decoder: d, of: alerting}
	for _, e := range entries {
		if e == nil {
			continue
		}
		spec := e.Spec
		if e.Ref.Set() {
			found, ok := d.policies[e.Ref.V]
			if !ok {
				dangling(d, e.Ref, "AlertPolicy", d.policies)
				continue
			}
			spec = &found
		} else if spec != nil {
			spec.meta = e.Metadata
		}
		if spec == nil {
			d.fail("spec/alert", e.Pos, "the alert policy needs alertPolicyRef or a spec")
			continue
		}
		if len(spec.Conditions) == 0 {
			d.fail("spec/alert", e.Pos,
				"the alert policy has no conditions, so nothing ever alerts; add one, or take the policy out to have the default one")
		}
		carried.add(&carried.all, spec.meta)
		if alerting.NoData != slo.On { // one policy that asks for it is enough, whatever the others say
			alerting.NoData = slo.Off
		}
		if spec.NoData {
			alerting.NoData = slo.On
		}
		if spec.Breaching != nil && !*spec.Breaching {
			quiet++
			d.findings = append(d.findings, diag.Finding{ID: "spec/alert", Severity: diag.Warning, Position: e.Pos,
				Message: "the alert policy has alertWhenBreaching: false, so its conditions alert nobody"})
			continue
		}
		for _, c := range spec.Conditions {
			if p, ok := d.condition(c, &carried); ok {
				out = append(out, p)
			}
		}
	}
	carried.finish(m)
	if len(out) == 0 && quiet > 0 {
		alerting.Page.Disabled, alerting.Ticket.Disabled = true, true
	}
	return out
}

func (d *decoder) condition(e conditionEntry, carried *carrier) (slo.Pair, bool) {
	spec := e.Spec
	if e.Ref.Set() {
		found, ok := d.conditions[e.Ref.V]
		if !ok {
			dangling(d, e.Ref, "AlertCondition", d.conditions)
			return slo.Pair{}, false
		}
		spec = &found
	} else if spec != nil {
		spec.meta = e.Metadata
	}
	if spec == nil {
		d.fail("spec/alert", e.Pos, "the condition needs conditionRef or a spec")
		return slo.Pair{}, false
	}
	c := spec.Condition
	if c.Kind.Set() && !strings.EqualFold(c.Kind.V, "burnrate") {
		d.fail("spec/alert", c.Kind.Pos, "a condition of kind %q is not known; want burnrate", c.Kind.V)
		return slo.Pair{}, false
	}
	switch c.Op.V {
	case "", "gt", "gte":
	case "lt", "lte":
		d.findings = append(d.findings, diag.Finding{ID: "spec/op", Severity: diag.Warning, Position: c.Op.Pos,
			Message: "an alert on a burn below the threshold makes no sense; gt is taken (the standard's own early examples had it the wrong way round)"})
	default:
		d.fail("spec/op", c.Op.Pos, "op %q is not known; want gt or gte", c.Op.V)
		return slo.Pair{}, false
	}
	long, err := shorthand(c.Lookback.V)
	if err != nil {
		d.fail("spec/alert", c.Lookback.Pos, "%v", err)
		return slo.Pair{}, false
	}
	if c.Threshold.V.Cmp(slo.NewNumber(0, 1)) <= 0 {
		d.fail("spec/alert", c.Threshold.Pos, "a burn of %s is always exceeded; want at least 1", c.Threshold.V)
		return slo.Pair{}, false
	}
	pair, ok := d.pair(spec.Severity, c.Threshold.V, long, carried.of)
	if ok {
		carried.add(carried.route(pair.Severity), spec.meta)
		pair.Short = d.short(spec.meta, pair)
	}
	return pair, ok
}

// pair is a condition as a pair of windows. Its severity is a free word in the standard: one that is not known is refused, as nobody can
// tell whether it should wake somebody.
func (d *decoder) pair(word yamlx.At[string], burn slo.Number, long slo.Window, alerting *slo.Alerting) (slo.Pair, bool) {
	severity, known := slo.SeverityOf(word.V)
	if !known {
		d.fail("spec/severity", word.Pos,
			"the severity %q is not known, so nobody can say whether the alert should wake somebody; write page or ticket, or a word such as critical, P1, warning or P3 (docs/slo.md)",
			word.V)
		return slo.Pair{}, false
	}
	route := &alerting.Ticket
	if severity == slo.Page {
		route = &alerting.Page
	}
	switch label := route.Labels["severity"]; {
	case label == "":
		route.Labels = map[string]string{"severity": word.V}
	case label != word.V:
		d.findings = append(d.findings, diag.Finding{ID: "spec/severity", Severity: diag.Warning, Position: word.Pos,
			Message: fmt.Sprintf(
				"all conditions of one kind are one %s, whose label severity is that of the first, %q; %q goes on no alert",
				severity,
				label,
				word.V,
			)})
	}
	return slo.Pair{Severity: severity, Burn: burn, Long: long, Short: shortOf(long)}, true
}

// shortOf is the short window beside a long one, where nothing says another: a twelfth of it, at least one tile.
func shortOf(long slo.Window) slo.Window { return max(long/12/slo.Tile*slo.Tile, slo.Tile) }
