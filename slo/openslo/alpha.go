package openslo

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// alphaObject is the SLO kind of openslo/v1alpha, as far as Sloth reads it too: ratios of good and total.
type alphaObject struct {
	head `yaml:",inline"`
	Spec struct {
		Description     string           `yaml:"description"`
		Service         yamlx.At[string] `yaml:"service,required"`
		BudgetingMethod yamlx.At[string] `yaml:"budgetingMethod"`
		Indicator       *yaml.Node       `yaml:"indicator"`
		Objectives      []alphaObjective `yaml:"objectives,required"`
		TimeWindows     []alphaWindow    `yaml:"timeWindows,required"`
		Pos             diag.Position
	} `yaml:"spec,required"`
}

type alphaObjective struct {
	DisplayName string               `yaml:"displayName"`
	Target      yamlx.At[slo.Number] `yaml:"target,required"`
	Op          *yaml.Node           `yaml:"op"`
	Value       *yaml.Node           `yaml:"value"`
	Ratio       *alphaRatio          `yaml:"ratioMetrics,required"`
	Pos         diag.Position
}

type alphaRatio struct {
	Incremental *bool       `yaml:"incremental"`
	Good        alphaMetric `yaml:"good,required"`
	Total       alphaMetric `yaml:"total,required"`
	Pos         diag.Position
}

type alphaMetric struct {
	Source yamlx.At[string] `yaml:"source"`
	Type   string           `yaml:"queryType"`
	Query  yamlx.At[string] `yaml:"query,required"`
}

type alphaWindow struct {
	Count    yamlx.At[int]    `yaml:"count,required"`
	Unit     yamlx.At[string] `yaml:"unit,required"`
	Rolling  *bool            `yaml:"isRolling"`
	Calendar *yaml.Node       `yaml:"calendar"`
	Pos      diag.Position
}

var alphaUnits = map[string]slo.Window{
	"Hour":    slo.Hour,
	"Day":     slo.Day,
	"Week":    7 * slo.Day,
	"Month":   30 * slo.Day,
	"Quarter": 90 * slo.Day,
	"Year":    365 * slo.Day,
}

// alpha makes an SLO of each objective, which have queries of their own.
func (d *decoder) alpha(o alphaObject) []slo.SLO {
	s := o.Spec
	out := d.named(o.Metadata, s.Service.V, s.Description)
	if m := s.BudgetingMethod; m.Set() && m.V != "Occurrences" {
		d.fail("spec/method", m.Pos, "budgetingMethod %q of v1alpha is not read; write the SLO as openslo/v1", m.V)
	}
	if len(s.Objectives) == 0 || len(s.TimeWindows) != 1 {
		d.fail("spec/empty", s.Pos, "the SLO has %d objectives and %d time windows; want at least one objective and one window",
			len(s.Objectives), len(s.TimeWindows))
		return nil
	}
	if len(s.Objectives) > maxObjectives {
		d.tooMany(len(s.Objectives), s.Objectives[maxObjectives].Target.Pos)
		return nil
	}
	w := s.TimeWindows[0]
	unit, ok := alphaUnits[w.Unit.V]
	if !ok || w.Count.V < 1 || w.Count.V > 1000 || w.Calendar != nil {
		d.fail("spec/period", w.Pos, "the time window must be a count above 0 of Hour, Day, Week, Month, Quarter or Year, and roll")
		return nil
	}
	if out.Period.Length = slo.Window(w.Count.V) * unit; out.Period.Length < slo.Day || out.Period.Length > 3650*slo.Day {
		d.fail("spec/period", w.Pos, "a period of %s is out of range; want 1d to 3650d", out.Period.Length)
	}
	var all []slo.SLO
	var displayNames []string
	for _, obj := range s.Objectives {
		displayNames = append(displayNames, obj.DisplayName)
	}
	names := suffixes(displayNames)
	for i, obj := range s.Objectives {
		one := out
		if len(s.Objectives) > 1 {
			one.Name += "-" + names[i]
			one.ID = one.Name
		}
		d.alphaObjective(obj, &one)
		all = append(all, one)
	}
	return all
}

// alphaObjective puts an objective and its queries into an SLO.
func (d *decoder) alphaObjective(obj alphaObjective, out *slo.SLO) {
	out.Written.Pos = obj.Target.Pos
	var err error
	if out.Objective, err = slo.NewObjective(obj.Target.V); err != nil {
		d.fail("spec/objective", obj.Target.Pos, "%v", err)
	}
	for _, m := range []alphaMetric{obj.Ratio.Good, obj.Ratio.Total} {
		if m.Source.Set() && !strings.EqualFold(m.Source.V, "prometheus") {
			d.fail("spec/source", m.Source.Pos, "a source %q cannot become Prometheus rules; want prometheus", m.Source.V)
		}
	}
	good, total := obj.Ratio.Good.Query, obj.Ratio.Total.Query
	out.Indicator = slo.Indicator{Good: slo.Query{Text: good.V, Pos: good.Pos}, Total: slo.Query{Text: total.V, Pos: total.Pos}}
}
