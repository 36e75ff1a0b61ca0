package defaults

import (
	"regexp"
	"slices"
	"strings"
)

// Chart is what a release of kube-prometheus-stack understands of values, by what its templates read.
type Chart struct {
	Custom   bool              // customRules
	Disabled bool              // defaultRules.disabled
	Map      bool              // additionalPrometheusRulesMap
	keys     map[string]string // the switch of each group below defaultRules.rules; nil where nothing is known of the chart
}

// CurrentChart is a chart that understands all of it.
func CurrentChart() Chart { return Chart{Custom: true, Disabled: true, Map: true} }

var (
	groupOf  = regexp.MustCompile(`(?m)^\s*- name:\s*["']?([\w.-]+)["']?\s*$`)
	switchOf = regexp.MustCompile(`defaultRules\.rules\.(\w+)`)
)

// ReadChart reads the templates of a chart.
func ReadChart(templates []string) Chart {
	c := Chart{keys: map[string]string{}}
	known := knobs()
	for _, text := range templates {
		c.Custom = c.Custom || strings.Contains(text, ".Values.customRules")
		c.Disabled = c.Disabled || strings.Contains(text, ".Values.defaultRules.disabled")
		c.Map = c.Map || strings.Contains(text, ".Values.additionalPrometheusRulesMap")
		var keys []string
		for _, m := range switchOf.FindAllStringSubmatch(text, -1) {
			keys = append(keys, m[1])
		}
		for _, m := range groupOf.FindAllStringSubmatch(text, -1) {
			group := m[1]
			switch {
			case len(keys) == 0 || c.keys[group] != "":
			case slices.Contains(keys, known[group].Key):
				c.keys[group] = known[group].Key
			default:
				c.keys[group] = keys[0]
			}
		}
	}
	return c
}

// key is the switch of a group, "" where there is none.
func (c Chart) key(group string, k knob) string {
	if c.keys == nil {
		return k.Key
	}
	return c.keys[group]
}
