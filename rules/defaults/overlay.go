package defaults

import (
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules"
)

//go:embed data/chart.yaml
var chartData []byte

// knob is how the values of kube-prometheus-stack reach one group.
type knob struct {
	Pos      diag.Position
	Group    string   `yaml:"group,required"`
	Key      string   `yaml:"key,required"`
	Gate     string   `yaml:"gate"`
	FixedFor []string `yaml:"fixedFor"`
	Source   string   `yaml:"source,required"`
	Date     string   `yaml:"date,required"`
}

func knobs() map[string]knob {
	docs, _ := yamlx.Documents("chart.yaml", chartData)
	out := map[string]knob{}
	for _, doc := range docs {
		var file struct {
			Version int    `yaml:"version,required"`
			Rows    []knob `yaml:"rows,required"`
		}
		yamlx.Decode(doc, &file)
		for _, row := range file.Rows {
			out[row.Group] = row
		}
	}
	return out
}

// Overlay writes values for kube-prometheus-stack with which the chart renders what a replacement of its own rules holds,
// and further sets of rules beside it. A knob is used where it reaches: customRules for a name with one rule of which only
// severity and "for" change, disabled together with the rules written anew for other names, and the switch of a whole
// group where disabling would leave none of its rules, which the API server refuses, or take others away.
//
// An older chart that does not understand one of these has the alert disabled and written anew, or its group.
func Overlay(files []rules.File, r Replacement, beside []rules.Set, chart Chart) []byte {
	o := newOverlay(files, r, chart)
	o.choose()
	var b strings.Builder
	b.WriteString(`# Values for kube-prometheus-stack, written by treadmill rules replace: put them after your own with another --values.
# The chart ignores a key that it does not know and says nothing, so check what it renders: treadmill rules replace --chart does.
`)
	if len(o.off)+len(o.disabled) > 0 {
		b.WriteString("defaultRules:\n")
	}
	switches(&b, "rules", o.off, "false")
	switches(&b, "disabled", o.disabled, "true")
	if len(o.custom) > 0 {
		b.WriteString("customRules:\n")
		for _, name := range slices.Sorted(maps.Keys(o.custom)) {
			fmt.Fprintf(&b, "  %s: {%s}\n", name, strings.Join(o.custom[name], ", "))
		}
	}
	b.WriteString("additionalPrometheusRulesMap:\n")
	var kept []rules.Set // an object a group, as one of all could be too large for the annotation that kubectl apply writes
	for _, g := range o.again() {
		kept = append(kept, rules.Set{Name: "treadmill-kept-" + objectName(g.Name), Groups: []rules.Group{g}})
	}
	for _, s := range slices.Concat(kept, beside) {
		fmt.Fprintf(&b, "  %s:\n", s.Name)
		for line := range strings.Lines(string(rules.Prometheus.Append(nil, rules.Set{Groups: s.Groups}))) {
			if line != "\n" {
				b.WriteString("    ")
			}
			b.WriteString(line)
		}
	}
	return []byte(b.String())
}

var notInNames = regexp.MustCompile(`[^a-z0-9.-]+`)

// objectName is a name that an object of Kubernetes can have.
func objectName(name string) string {
	return strings.Trim(notInNames.ReplaceAllString(strings.ToLower(name), "-"), "-.")
}

func switches(b *strings.Builder, field string, names map[string]bool, value string) {
	if len(names) == 0 {
		return
	}
	fmt.Fprintf(b, "  %s:\n", field)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		fmt.Fprintf(b, "    %s: %s\n", name, value)
	}
}

type overlay struct {
	groups   []rules.Group // of the chart, as they ship
	now      map[diag.Position]rules.Rule
	touched  map[string]bool
	variants map[string]int
	knobs    map[string]knob
	chart    Chart

	off, disabled map[string]bool     // switches of groups; names of alerts
	custom        map[string][]string // by the name of an alert
}

func newOverlay(files []rules.File, r Replacement, chart Chart) *overlay {
	o := &overlay{now: map[diag.Position]rules.Rule{}, touched: map[string]bool{}, variants: map[string]int{}, knobs: knobs(), chart: chart,
		off: map[string]bool{}, disabled: map[string]bool{}, custom: map[string][]string{}}
	for _, p := range rules.Rules(r.Files) {
		o.now[p.Rule.Pos] = *p.Rule
	}
	for _, f := range r.Fates {
		o.touched[f.Name] = o.touched[f.Name] || f.Touched
	}
	for _, f := range files {
		for _, g := range f.Groups {
			k := o.knobs[g.Name]
			if k.Key = chart.key(g.Name, k); k.Key == "" {
				continue
			}
			o.knobs[g.Name] = k
			o.groups = append(o.groups, g)
			for _, rule := range g.Rules {
				o.variants[rule.Alert]++
			}
		}
	}
	return o
}

// choose finds the knob for every name, then switches off the groups of which too little would be left.
func (o *overlay) choose() {
	for _, g := range o.groups {
		for _, rule := range g.Rules {
			if !o.touched[rule.Alert] || rule.Alert == "" {
				continue
			}
			if set, ok := o.customised(rule, o.knobs[g.Name]); ok {
				o.custom[rule.Alert] = set
			} else {
				o.disabled[rule.Alert] = true
			}
		}
	}
	for _, g := range o.groups {
		k := o.knobs[g.Name]
		if o.disabled[k.Gate] || !o.chart.Disabled && slices.ContainsFunc(g.Rules, func(r rules.Rule) bool { return o.disabled[r.Alert] }) ||
			!slices.ContainsFunc(g.Rules, func(r rules.Rule) bool { return !o.disabled[r.Alert] }) {
			o.off[k.Key] = true
		}
	}
	for _, g := range o.groups {
		for _, rule := range g.Rules {
			if o.off[o.knobs[g.Name].Key] {
				delete(o.disabled, rule.Alert)
				delete(o.custom, rule.Alert)
			}
		}
	}
}

// customised is what customRules must say of the only rule of a name, when it can.
func (o *overlay) customised(was rules.Rule, k knob) (set []string, ok bool) {
	is, stays := o.now[was.Pos]
	if !o.chart.Custom || !stays || o.variants[was.Alert] > 1 || is.Expr != was.Expr || was.Alert == k.Gate {
		return nil, false
	}
	if is.Labels["severity"] != was.Labels["severity"] {
		set = append(set, "severity: "+is.Labels["severity"])
	}
	if is.For != was.For {
		set = append(set, "for: "+is.For.String())
	}
	return set, is.For == was.For || !slices.Contains(k.FixedFor, was.Alert)
}

// again is what the chart is kept from rendering and the replacement holds.
func (o *overlay) again() []rules.Group {
	var out []rules.Group
	for _, g := range o.groups {
		off, whole := o.off[o.knobs[g.Name].Key], g.Rules
		g.Rules = nil
		for _, rule := range whole {
			if is, stays := o.now[rule.Pos]; stays && (off || o.disabled[rule.Alert]) {
				g.Rules = append(g.Rules, is)
			}
		}
		if len(g.Rules) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// Differences says what one set of rules holds and another does not, in words, in order. What an alert was before
// (shipped_severity) does not count, as not every way of writing rules can say it, and neither do annotations.
func Differences(want, got []rules.File) []string {
	balance := map[string]int{}
	for _, p := range rules.Rules(want) {
		balance[said(p)]++
	}
	for _, p := range rules.Rules(got) {
		balance[said(p)]--
	}
	out := []string{}
	for _, rule := range slices.Sorted(maps.Keys(balance)) {
		switch n := balance[rule]; {
		case n > 0:
			out = append(out, "is not there: "+rule)
		case n < 0:
			out = append(out, "ought not to be there: "+rule)
		}
	}
	for _, f := range got {
		for _, g := range f.Groups {
			if len(g.Rules) == 0 {
				out = append(out, "has no rules, which the API server refuses: group "+g.Name)
			}
		}
	}
	return out
}

func said(p rules.Placed) string {
	labels := maps.Clone(p.Labels())
	delete(labels, "shipped_severity")
	expr := p.Rule.Expr
	if parsed, err := rules.ParseExpr(expr); err == nil {
		expr = parsed.String()
	}
	out := p.Rule.Name()
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		out += fmt.Sprintf(" %s=%q", name, labels[name])
	}
	return fmt.Sprintf("%s for %s keep %s: %s", out, p.Rule.For, p.Rule.KeepFiringFor, expr)
}
