// Package swap replaces installed alert rules in steps that can each be taken back.
//
// The way through it: installed rules + table of dispositions + platform → New → Swap → the rules, chart values and files of each
// step. In the first the new alerts burn in: they fire, are recorded and reach nobody, and the installed rules stay as they are. In the
// second they take over. What an owner's Alertmanager makes of both, Routes says. It renders no chart and reads no files.
package swap

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"treadmill/internal/yamlx"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/contain"
	"treadmill/rules/defaults"
	"treadmill/slo"
	"treadmill/slo/openslo"
)

// Step is one of the steps in which rules are replaced, by the name of its folder.
type Step string

// The steps. What is left to do after the second is in docs/replacing-defaults.md.
const (
	BurnIn Step = "1-burn-in" // new alerts reach nobody, installed ones are as they were
	Final  Step = "2-final"   // new alerts and those that stay, each at the severity of its disposition
)

// Steps are all steps in their order.
func Steps() []Step { return []Step{BurnIn, Final} }

// Swap is a replacement of installed rules.
type Swap struct {
	Installed []rules.File
	Final     defaults.Replacement // what becomes of the installed rules in the second step
	SLOs      []compile.Result     // of the platform
	Guards    []rules.File         // alerts that stand beside the SLOs
	Chart     defaults.Chart       // what the chart of the installed rules understands
	Searches  []contain.Result     // for what the SLOs do not see of the alerts that they replace; see Contain

	table   defaults.Table
	options defaults.ReplaceOptions
}

// New replaces the installed rules.
func New(installed []rules.File, table defaults.Table, o defaults.ReplaceOptions) (*Swap, error) {
	s := &Swap{Installed: installed, Final: defaults.Replace(installed, table, o), Chart: defaults.CurrentChart(),
		table: table, options: o}
	s.Guards, _ = defaults.Guards()
	pack, _ := defaults.Pack(table, o.Platform)
	for _, p := range pack {
		if !p.Chosen {
			continue
		}
		some, err := compiled(p)
		if err != nil {
			return nil, err
		}
		s.SLOs = append(s.SLOs, some...)
	}
	return s, nil
}

// compiled compiles a platform SLO at the severities that the routes of the stack know. Each of its alerts has a name of its own: the
// inhibitions that ship with the stack let an alert mute others of its name and namespace, and an SLO of a cluster has no namespace.
func compiled(p defaults.PlatformSLO) ([]compile.Result, error) {
	name, data, err := p.Spec()
	if err != nil {
		return nil, err
	}
	docs, _ := yamlx.Documents(name, data)
	specs, _ := openslo.Decode(slices.Values(docs))
	var out []compile.Result
	for _, spec := range specs {
		spec.Alerting.Page = slo.Route{Name: AlertName(spec.ID, slo.Page), Labels: map[string]string{"severity": "critical"}}
		spec.Alerting.Ticket = slo.Route{Name: AlertName(spec.ID, slo.Ticket), Labels: map[string]string{"severity": "warning"}}
		out = append(out, compile.Compile(spec, compile.Options{}))
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the platform SLO %s is not one", p.ID)
	}
	return out, nil
}

var wordStart = regexp.MustCompile(`(^|-)[a-z0-9]`)

// AlertName is the name of the alert of a platform SLO at a severity, such as NodeReadinessBudgetBurnTicket.
func AlertName(id string, severity slo.Severity) string {
	words := wordStart.ReplaceAllStringFunc(id, func(s string) string { return strings.ToUpper(strings.TrimPrefix(s, "-")) })
	if severity == slo.Page {
		return words + "BudgetBurnPage"
	}
	return words + "BudgetBurnTicket"
}

// Platform are the rules of the platform SLOs as they are in a step, an object for each.
func (s *Swap) Platform(step Step) []rules.Set {
	var sets []rules.Set
	for _, r := range s.SLOs {
		sets = append(sets, rules.Set{Name: "slo-" + r.SLO.ID, Groups: s.live(step, r.Groups)})
	}
	return sets
}

// Beside are the guards as they are in a step.
func (s *Swap) Beside(step Step) []rules.File {
	out := slices.Clone(s.Guards)
	for i := range out {
		out[i].Groups = s.live(step, out[i].Groups)
	}
	return out
}

func (s *Swap) live(step Step, groups []rules.Group) []rules.Group {
	if step == BurnIn {
		return defaults.BurnIn(groups)
	}
	return groups
}

// Kept are the installed rules as they are in a step.
func (s *Swap) Kept(step Step) []rules.File {
	if step == BurnIn {
		return s.Installed
	}
	return s.Final.Files
}

// Rules are all rules of a step.
func (s *Swap) Rules(step Step) []rules.File {
	return slices.Concat(s.Kept(step), s.New(step))
}

// New are the rules of a step that were not installed.
func (s *Swap) New(step Step) []rules.File {
	out := s.Beside(step)
	for _, set := range s.Platform(step) {
		out = append(out, rules.File{Name: set.Name, Groups: set.Groups})
	}
	return out
}

// By are the labels by which the SLOs are grouped, each once and in order.
func (s *Swap) By() []string {
	by := []string{}
	for _, r := range s.SLOs {
		by = append(by, r.By...)
	}
	slices.Sort(by)
	return slices.Compact(by)
}
