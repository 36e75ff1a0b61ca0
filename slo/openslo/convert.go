package openslo

import (
	"fmt"
	"maps"
	"reflect"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/slo"
)

// maxObjectives is how many objectives one SLO may have: few lines of a spec must not become rules that fill a disk.
const maxObjectives = 100

// convert makes one SLO of each objective, or one composite of all of them.
func (d *decoder) convert(o sloObject) []slo.SLO {
	s := o.Spec
	d.words = wordsOf(o.APIVersion.V)
	base := d.named(o.Metadata, s.Service.V, s.Description)
	base.Period = d.period(s)
	if !d.holds(s) {
		return nil
	}
	base.Policy = d.policy(o.Metadata, s.AlertPolicies, &base.Alerting)
	if s.composite() {
		return d.composite(s, base)
	}
	var out []slo.SLO
	names := suffixes(displayNames(s.Objectives))
	for i, obj := range s.Objectives {
		one := base
		if len(s.Objectives) > 1 {
			one.Name += "-" + names[i]
			one.ID = one.Name
		}
		if len(obj.labels) > 0 {
			one.Labels = maps.Clone(base.Labels)
			maps.Copy(one.Labels, obj.labels)
		}
		one.Objective, one.Written = d.target(obj), slo.Written{Pos: obj.Target.Pos}
		if obj.TargetPercent.Set() {
			one.Written = slo.Written{Pos: obj.TargetPercent.Pos, Percent: true}
		}
		one.Indicator = d.indicator(place{s.Indicator, s.IndicatorRef, "SLO", s.Pos}, obj)
		one.Indicator.Slice = d.slice(s.BudgetingMethod, obj)
		d.twin(one, out)
		out = append(out, one)
	}
	return out
}

// named is an SLO of which its object says the name, the service and what it is about.
func (d *decoder) named(m meta, service, description string) slo.SLO {
	return slo.SLO{
		ID:          m.Name.V,
		Name:        m.Name.V,
		DisplayName: m.DisplayName,
		Service:     service,
		Description: description,
		Labels:      d.labels(m),
		Pos:         m.Pos,
	}
}

// holds says of an SLO without objectives, or with too many, that it is so; of the latter nothing is made.
func (d *decoder) holds(s sloSpec) bool {
	if len(s.Objectives) == 0 {
		d.fail("spec/empty", s.Pos, "the SLO has no objectives, so it promises nothing; add one with a target")
	}
	if len(s.Objectives) <= maxObjectives {
		return true
	}
	d.tooMany(len(s.Objectives), s.Objectives[maxObjectives].Target.Pos)
	return false
}

// tooMany says that an SLO has more than maxObjectives, the first of which too many stands at a place.
func (d *decoder) tooMany(n int, at diag.Position) {
	d.fail("spec/objective", at, "the SLO has %d objectives, each of which gets rules of its own: take at most %d, or several SLOs", n, maxObjectives)
}

// twin says that an objective is that of an earlier one of the same events again: it pages twice for one thing.
func (d *decoder) twin(s slo.SLO, earlier []slo.SLO) {
	for _, e := range earlier {
		if s.Written.Pos.Line > 0 && s.Objective.Cmp(e.Objective.Number) == 0 && reflect.DeepEqual(s.Indicator, e.Indicator) {
			d.findings = append(d.findings, diag.Finding{ID: "spec/equal", Severity: diag.Warning, Position: s.Written.Pos,
				Message: fmt.Sprintf("%s: the objective of %s%% is that of line %d again, for the same events: remove one, or tell the tiers apart",
					s.Name, s.Objective.Mul(slo.NewNumber(100, 1)), e.Written.Pos.Line)})
			return
		}
	}
}

// suffix is a display name as a part of a name; one that is empty has its number.
func suffix(displayName string, i int) string {
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(displayName))
	if name = strings.Trim(name, "-"); name == "" {
		return strconv.Itoa(i + 1)
	}
	return name
}

// suffixes tell the objectives of one SLO apart, by their display names: those that have one name have their numbers too.
func suffixes(names []string) []string {
	var out []string
	times := map[string]int{}
	for i, text := range names {
		out = append(out, suffix(text, i))
		times[out[i]]++
	}
	for i, name := range out {
		if times[name] > 1 {
			out[i] = name + "-" + strconv.Itoa(i+1)
		}
	}
	return out
}

// displayNames are those of objectives.
func displayNames(all []objective) []string {
	var out []string
	for _, o := range all {
		out = append(out, o.DisplayName.V)
	}
	return out
}

func (d *decoder) labels(m meta) map[string]string {
	out := map[string]string{}
	maps.Copy(out, m.single)
	for k, n := range m.Labels {
		switch n.Kind {
		case yaml.ScalarNode:
			out[k] = n.Value
		case yaml.SequenceNode:
			var values []string
			for _, c := range n.Content {
				values = append(values, c.Value)
			}
			out[k] = strings.Join(values, ",")
		default:
			d.fail("spec/label", yamlx.Position(m.Pos.File, n), "the label %q must be text or a list of texts", k)
		}
	}
	return out
}

func (d *decoder) target(o objective) slo.Objective {
	share, pos := o.Target.V, o.Target.Pos
	switch {
	case o.Target.Set() == o.TargetPercent.Set():
		d.fail("spec/objective", o.Pos, "the objective needs one of target (0.999) and targetPercent (99.9)")
		return slo.Objective{}
	case o.TargetPercent.Set():
		share, pos = o.TargetPercent.V.Div(slo.NewNumber(100, 1)), o.TargetPercent.Pos
	case share.Cmp(slo.NewNumber(1, 1)) > 0:
		d.fail("spec/objective", pos, "a target is a fraction below 1; write target: %s, or targetPercent: %s",
			share.Div(slo.NewNumber(100, 1)), share)
		return slo.Objective{}
	}
	obj, err := slo.NewObjective(share)
	if err != nil {
		d.fail("spec/objective", pos, "%v", err)
	}
	return obj
}

// period reads the time window. Without one the SLO holds over 30 days.
func (d *decoder) period(s sloSpec) slo.Period {
	if len(s.TimeWindow) == 0 {
		d.findings = append(d.findings, diag.Finding{ID: "spec/period", Severity: diag.Warning, Position: s.Pos,
			Message: "the SLO has no timeWindow; 30d are taken"})
		return slo.Period{Length: 30 * slo.Day}
	}
	w := s.TimeWindow[0]
	if len(s.TimeWindow) > 1 {
		d.fail("spec/period", s.TimeWindow[1].Pos, "the SLO has %d time windows; OpenSLO allows one: write one SLO for each", len(s.TimeWindow))
	}
	length, err := shorthand(w.Duration.V)
	if err == nil && strings.ContainsAny(w.Duration.V, d.words.noUnits) {
		err = fmt.Errorf("%q is not a duration of %s, which has m, h, d and w; write %s", w.Duration.V, V2Alpha, length)
	}
	if err != nil {
		d.fail("spec/period", w.Duration.Pos, "%v", err)
		return slo.Period{}
	}
	p := slo.Period{Length: length}
	switch rolling := w.Rolling == nil && w.Calendar == nil || w.Rolling != nil && *w.Rolling; {
	case rolling && w.Calendar != nil:
		d.fail("spec/period", w.Pos, "the time window is rolling and has a calendar; remove one of isRolling and calendar")
	case !rolling && w.Calendar == nil:
		d.fail("spec/period", w.Pos, "a time window that does not roll needs a calendar with startTime and timeZone")
	case w.Calendar != nil:
		p.Calendar = d.calendar(w)
	}
	if length < slo.Day {
		d.fail("spec/period", w.Duration.Pos,
			"a period of %s is too short for burn rates; want at least 1d (in OpenSLO 1m is a minute and 1M a month)", w.Duration.V)
	}
	return p
}

// shorthand reads OpenSLO's durations: a number and one of m h d w M Q Y. A month counts 30 days, a quarter 90 and a year 365.
func shorthand(text string) (slo.Window, error) {
	units := map[byte]slo.Window{
		'm': slo.Minute,
		'h': slo.Hour,
		'd': slo.Day,
		'w': 7 * slo.Day,
		'M': 30 * slo.Day,
		'Q': 90 * slo.Day,
		'Y': 365 * slo.Day,
	}
	if len(text) >= 2 {
		n, err := strconv.Atoi(text[:len(text)-1])
		if unit, ok := units[text[len(text)-1]]; ok && err == nil && n > 0 && n <= 100_000 && slo.Window(n)*unit <= 3650*slo.Day {
			return slo.Window(n) * unit, nil
		}
	}
	return 0, fmt.Errorf(
		"%q is not a duration of OpenSLO: write a whole number and one of m, h, d, w, M (month), Q, Y, such as 28d; at most ten years",
		text,
	)
}

// sliceWindow reads the length of a slice; a number without a unit is minutes.
func sliceWindow(text string) (slo.Window, error) {
	if _, err := strconv.Atoi(text); err == nil {
		text += "m"
	}
	return shorthand(text)
}

func (d *decoder) slice(method yamlx.At[string], o objective) slo.Slice {
	switch method.V {
	case "", "Occurrences":
		if o.SliceTarget.Set() || o.SliceWindow.Set() {
			d.fail("spec/slice", o.Pos, "time slices need budgetingMethod Timeslices or RatioTimeslices")
		}
		return slo.Slice{}
	case "Timeslices", "RatioTimeslices":
	default:
		d.fail("spec/method", method.Pos, "budgetingMethod %q is not known; want Occurrences, Timeslices or RatioTimeslices", method.V)
		return slo.Slice{}
	}
	if !o.SliceWindow.Set() {
		d.fail("spec/slice", o.Pos, "budgetingMethod %s needs timeSliceWindow, such as 1m", method.V)
		return slo.Slice{}
	}
	w, err := sliceWindow(o.SliceWindow.V)
	if err != nil || w > slo.Tile || slo.Tile%w != 0 {
		d.fail("spec/slice", o.SliceWindow.Pos, "timeSliceWindow must be 1m or 5m, so that five minutes are a whole number of slices")
		return slo.Slice{}
	}
	s := slo.Slice{Window: w}
	if method.V == "Timeslices" {
		if one := slo.NewNumber(1, 1); !o.SliceTarget.Set() || o.SliceTarget.V.Cmp(slo.NewNumber(0, 1)) <= 0 || o.SliceTarget.V.Cmp(one) > 0 {
			d.fail("spec/slice", o.Pos, "budgetingMethod Timeslices needs timeSliceTarget above 0 and at most 1, such as 0.95")
		}
		s.Target = o.SliceTarget.V
	}
	return s
}
