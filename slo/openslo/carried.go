package openslo

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/slo"
)

// The annotations that say what the standard has no field for: of an alert policy or condition the name of its alert, and of a condition
// the short window.
const (
	alertName   = "treadmill/alert-name"
	shortWindow = "treadmill/short-window"
)

// plainName is a name that Prometheus gives labels. Labels and annotations with other names, such as those with a domain, are for other
// tools.
var plainName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

// carrier collects what alerts take over from the metadata of the SLO, of its policies and of their conditions: labels and annotations.
type carrier struct {
	*decoder
	of                *slo.Alerting
	all, page, ticket slo.Route
}

// route is what belongs to the alerts of one severity.
func (c *carrier) route(s slo.Severity) *slo.Route {
	if s == slo.Page {
		return &c.page
	}
	return &c.ticket
}

// add takes over the metadata of a policy or condition. What an earlier one of them says stays.
func (c *carrier) add(r *slo.Route, m alertMeta) {
	labels := c.labels(meta{Labels: m.Labels, Pos: m.Pos})
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if plainName.MatchString(name) {
			c.set(&r.Labels, name, labels[name], m.Pos)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Annotations)) {
		text := m.Annotations[name]
		switch {
		case name == alertName:
			r.Name = text.V
		case plainName.MatchString(name):
			c.set(&r.Annotations, name, text.V, text.Pos)
		}
	}
}

func (c *carrier) set(into *map[string]string, name, text string, pos diag.Position) {
	if *into == nil {
		*into = map[string]string{}
	}
	if was, taken := (*into)[name]; taken && was != text {
		c.findings = append(c.findings, diag.Finding{ID: "spec/label", Severity: diag.Warning, Position: pos,
			Message: "alerts have one " + name + ", and an earlier policy or condition says another one, which stays: write it once"})
		return
	}
	(*into)[name] = text
	if strings.Contains(text, "{{") {
		if c.of.Places == nil {
			c.of.Places = map[string]diag.Position{}
		}
		c.of.Places[text] = pos
	}
}

// finish gives the alerts what was collected: what conditions say goes before what policies say, and that before the annotations of the
// SLO.
func (c *carrier) finish(m meta) {
	for _, name := range slices.Sorted(maps.Keys(m.Annotations)) {
		if _, said := c.all.Annotations[name]; !said && plainName.MatchString(name) {
			c.set(&c.all.Annotations, name, m.Annotations[name].V, m.Annotations[name].Pos)
		}
	}
	al := c.of
	al.Name, al.Labels, al.Annotations = c.all.Name, c.all.Labels, c.all.Annotations
	for severity, route := range map[slo.Severity]*slo.Route{slo.Page: &al.Page, slo.Ticket: &al.Ticket} {
		said := c.route(severity)
		route.Name, route.Annotations = said.Name, said.Annotations
		if route.Labels == nil {
			route.Labels = said.Labels
		} else {
			maps.Copy(route.Labels, said.Labels)
		}
	}
}

// short is the short window of a condition.
func (d *decoder) short(m alertMeta, p slo.Pair) slo.Window {
	text, said := m.Annotations[shortWindow]
	if !said {
		return p.Short
	}
	w, err := slo.ParseWindow(text.V)
	switch {
	case err != nil:
		d.fail("spec/alert", text.Pos, "%s: %v", shortWindow, err)
	case w >= p.Long:
		d.fail("spec/alert", text.Pos, "the short window of %s must be shorter than the long one of %s, a twelfth of it as a rule", w, p.Long)
	default:
		return w
	}
	return p.Short
}
