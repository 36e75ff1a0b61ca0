package compile

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/slo"
)

// label gives an alert the labels of the spec. Those of the SLO are texts; those of alerts are templates.
func (c *compiler) label(r *rules.Rule, severity string, route slo.Route) {
	for name, text := range c.slo.Labels {
		r.Labels[name] = rules.EscapeTemplate(text)
	}
	for _, set := range []map[string]string{c.slo.Alerting.Labels, route.Labels} {
		for name, text := range set {
			r.Labels[name] = c.valued(text)
		}
	}
	r.Labels["slo"], r.Labels["slo_severity"] = c.slo.ID, severity
}

// annotate gives an alert the link to its runbook and the annotations of the spec, which may be templates.
func (c *compiler) annotate(r *rules.Rule, severity string, sets ...map[string]string) {
	if c.options.Runbook != "" {
		r.Annotations["runbook_url"] = rules.EscapeTemplate(runbook(c.options.Runbook, *c.slo, r.Alert, severity))
	}
	for _, set := range sets {
		for name, text := range set {
			r.Annotations[name] = c.valued(text)
		}
	}
}

// valued is the text of a label or annotation in which the value is the share of bad events, as Sloth and Pyrra have it: here an alert's
// value is the burn.
func (c *compiler) valued(text string) string {
	out, _ := c.scaled(text) // what cannot be scaled is found by checkTexts
	return out
}

func (c *compiler) scaled(text string) (string, error) {
	if !c.slo.Alerting.Ratio {
		return text, nil
	}
	return rules.ScaleValue(text, "* "+c.slo.Objective.Budget().String())
}

// Valued is an SLO whose labels and annotations of alerts mean by their value what they are to mean: the share of bad events, or the
// burn. An error is of a text that does not let it be told.
func Valued(s slo.SLO, ratio bool) (slo.SLO, error) {
	al, by := s.Alerting, "* "+s.Objective.Budget().String()
	if al.Ratio == ratio {
		return s, nil
	}
	if ratio {
		by = "/ " + s.Objective.Budget().String()
	}
	var failed error
	scaled := func(set map[string]string) map[string]string {
		out := maps.Clone(set)
		for name, text := range out {
			var err error
			if out[name], err = rules.ScaleValue(text, by); err != nil {
				failed = fmt.Errorf("%q: %w", name, err)
			}
		}
		return out
	}
	al.Labels, al.Annotations, al.Ratio = scaled(al.Labels), scaled(al.Annotations), ratio
	for _, r := range []*slo.Route{&al.Page, &al.Ticket} {
		r.Labels, r.Annotations = scaled(r.Labels), scaled(r.Annotations)
	}
	s.Alerting = al
	return s, failed
}

// RunbookWords are what a template of links to runbooks may hold, in braces.
func RunbookWords() []string {
	return []string{"alert", "name", "namespace", "service", "severity", "slo"}
}

// CheckRunbook reports a word in braces that is not one of RunbookWords.
func CheckRunbook(template string) error {
	for rest := template; ; {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			return nil
		}
		word, more, closed := strings.Cut(after, "}")
		if !closed || !slices.Contains(RunbookWords(), word) {
			return fmt.Errorf("{%s} is unknown; want {%s}", word, strings.Join(RunbookWords(), "}, {"))
		}
		rest = more
	}
}

func runbook(template string, s slo.SLO, alert, severity string) string {
	var pairs []string
	for word, value := range map[string]string{"alert": alert, "name": s.Name, "namespace": s.Object.Namespace, "service": s.Service,
		"severity": severity, "slo": s.ID} {
		pairs = append(pairs, "{"+word+"}", url.PathEscape(value))
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// above says which pairs of windows of a severity burn faster than their rate at the moment, as a template.
func (c *compiler) above(severity slo.Severity) string {
	matchers, args := "{slo="+quoted(c.slo.ID), ""
	for _, by := range c.events.By {
		matchers += "," + by + "=%q"
		args += " $labels." + by
	}
	matchers += "}"
	burn := func(w slo.Window) string {
		if c.summedBurns() {
			return BurnSeries + w.String() + matchers
		}
		return c.burn(w, matchers)
	}
	var out strings.Builder
	for i, b := range c.burns {
		if b.Severity != severity {
			continue
		}
		condition := burn(b.Long) + " > " + c.pairs[i].rate + " and " + burn(b.Short) + " > " + c.pairs[i].rate
		out.WriteString("{{ if printf `" + condition + "`" + strings.Repeat(args, strings.Count(condition, matchers)) + " | query }} " +
			b.Long.String() + " and " + b.Short.String() + "{{ end }}")
	}
	return "; above now:" + out.String()
}

// checkTexts refuses labels and annotations that are no templates of Prometheus's, which it would not load.
func (c *compiler) checkTexts() {
	for _, t := range c.slo.AlertTexts() {
		fail := func(format string, err error) {
			c.findings = append(c.findings, diag.Errorf("slo/template", t.Pos, format, t.Name, err))
		}
		text, unscaled := c.scaled(t.Text)
		if err := rules.CheckTemplate(text); err != nil {
			fail("%q does not parse as a template, for which Prometheus would refuse the whole file: %v; "+
				"write braces that are text as {{\"{{\"}}", err)
		} else if unscaled != nil { // the share of bad events, which it means by the value, cannot be put in
			fail("%q: %v, where it would be the burn instead of the share of bad events: write $value, and give it to the template", unscaled)
		}
	}
}
