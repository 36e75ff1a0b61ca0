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
	maps.Copy(r.Labels, c.slo.Alerting.Labels)
	maps.Copy(r.Labels, route.Labels)
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

// valued is the text of an annotation in which $value is the share of bad events, as Sloth and Pyrra have it: here an alert's value is the burn.
func (c *compiler) valued(text string) string {
	if !c.slo.Alerting.Ratio || !strings.Contains(text, "$value") {
		return text
	}
	return `{{ $value := printf "%v * ` + c.slo.Objective.Budget().String() + `" $value | query | first | value }}` + text
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
	for word, value := range map[string]string{"alert": alert, "name": s.Name, "namespace": s.Object.Namespace, "service": s.Service, "severity": severity, "slo": s.ID} {
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
		out.WriteString(
			"{{ if printf `" + condition + "`" + strings.Repeat(
				args,
				strings.Count(condition, matchers),
			) + " | query }} " + b.Long.String() + " and " + b.Short.String() + "{{ end }}",
		)
	}
	return "; above now:" + out.String()
}

// checkTexts refuses labels and annotations that are no templates of Prometheus's, which it would not load.
func (c *compiler) checkTexts() {
	al := c.slo.Alerting
	for _, set := range []map[string]string{al.Labels, al.Annotations, al.Page.Labels, al.Page.Annotations, al.Ticket.Labels, al.Ticket.Annotations} {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			err := rules.CheckTemplate(c.valued(set[name]))
			if err == nil {
				continue
			}
			pos, known := al.Places[set[name]]
			if !known {
				pos = c.slo.Pos
			}
			c.findings = append(c.findings, diag.Finding{ID: "slo/template", Severity: diag.Error, Position: pos, Message: fmt.Sprintf(
				"%q does not parse as a template, for which Prometheus would refuse the whole file: %v; write braces that are text as {{\"{{\"}}",
				name,
				err,
			)})
		}
	}
}
