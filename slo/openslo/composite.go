package openslo

import (
	"treadmill/internal/diag"
	"treadmill/slo"
)

// composite reports whether objectives have indicators of their own.
func (s sloSpec) composite() bool {
	for _, o := range s.Objectives {
		if o.Indicator != nil || o.IndicatorRef.Set() || o.Weight.Set() {
			return true
		}
	}
	return false
}

// composite makes one SLO of objectives that each have an indicator.
func (d *decoder) composite(s sloSpec, base slo.SLO) []slo.SLO {
	if s.Indicator != nil || s.IndicatorRef.Set() {
		d.fail("spec/composite", s.Pos,
			"the SLO has %s and objectives that are parts of a composite; move the %s into the objectives, or take compositeWeight and the indicators out of them",
			d.words.indicator, d.words.indicator)
		return nil
	}
	before := len(d.findings)
	names := map[string]bool{}
	for i, o := range s.Objectives {
		c := slo.Component{Name: suffix(o.DisplayName.V, i), Weight: d.weight(o), Objective: d.target(o)}
		if names[c.Name] {
			d.fail("spec/composite", o.Pos, "two objectives of the composite are called %s; give each a displayName of its own", c.Name)
		}
		names[c.Name] = true
		c.Indicator = d.indicator(place{o.Indicator, o.IndicatorRef, "objective of a composite", o.Pos}, o)
		c.Indicator.Slice = d.slice(s.BudgetingMethod, o)
		base.Components = append(base.Components, c)
	}
	if diag.Any(d.findings[before:], diag.Error) {
		return nil
	}
	d.whole(s, &base)
	return []slo.SLO{base}
}

func (d *decoder) weight(o objective) slo.Number {
	if !o.Weight.Set() {
		return slo.NewNumber(1, 1)
	}
	if o.Weight.V.Cmp(slo.NewNumber(0, 1)) <= 0 {
		d.fail("spec/composite", o.Weight.Pos, "a compositeWeight of %s has no effect; write a number above 0", o.Weight.V)
	}
	return o.Weight.V
}

// whole finds the objective of the composite. Burns add up by weight; where slices of time are counted there is one
// series of slices for all, and so one objective.
func (d *decoder) whole(s sloSpec, base *slo.SLO) {
	first := base.Components[0].Indicator.Slice
	if first.Window == 0 {
		var err error
		if base.Objective, err = slo.Whole(base.Components); err != nil {
			d.fail("spec/composite", base.Pos, "%v", err)
		}
		return
	}
	base.Indicator.Slice = first
	for i, c := range base.Components {
		if c.Indicator.Slice.Window != first.Window {
			d.fail("spec/composite", s.Objectives[i].SliceWindow.Pos,
				"all objectives of a composite must have one timeSliceWindow; the first has %s", first.Window)
		}
	}
	var differ bool
	if base.Objective, differ = slo.Strictest(base.Components); differ {
		d.findings = append(d.findings, diag.Finding{ID: "spec/composite", Severity: diag.Warning, Position: base.Pos,
			Message: "one slice of time counts for all objectives of the composite, so there is one target: the highest, " +
				base.Objective.Percent() + ", is taken"})
	}
	for _, o := range s.Objectives {
		if o.Weight.Set() && first.Target.Cmp(slo.NewNumber(0, 1)) > 0 {
			d.findings = append(d.findings, diag.Finding{ID: "spec/composite", Severity: diag.Warning, Position: o.Weight.Pos,
				Message: "with Timeslices a slice is bad when any objective's is, so compositeWeight says nothing and is ignored"})
		}
	}
}
