package swap

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/defaults"
	"treadmill/rules/noise"
)

// The IDs of what an Alertmanager configuration makes of a swap that it should not.
const (
	FindingBurnIn    = "replace/burn-in"   // a new alert that burns in would reach somebody
	FindingUnrouted  = "replace/unrouted"  // an alert that should tell somebody reaches nobody
	FindingMisrouted = "replace/misrouted" // a new alert goes where no installed alert of its severity goes
	FindingMuted     = "replace/muted"     // an inhibit rule lets one alert mute another that is about something else
)

// alert is an alert as routes see it.
type alert struct {
	noise.Subject
	name  string
	slo   string
	isNew bool
}

// Routes says what an Alertmanager makes of both steps that it should not: burn-in that somebody would hear of, alerts that reach nobody,
// or another receiver than their like, or that other alerts mute. The configuration has the given name.
func (s *Swap) Routes(name string, c noise.Config) []diag.Finding {
	at := diag.Position{File: name}
	var out []diag.Finding
	var heard, to []string
	for _, a := range subjects(s.New(BurnIn), true) {
		if c.Told(a.Subject) {
			heard, to = append(heard, a.name), append(to, speaking(c, a.Subject)...)
		}
	}
	if len(heard) > 0 {
		out = append(out, diag.Errorf(FindingBurnIn, at, "step %s is no burn-in: %s (severity info, burn_in=\"true\") would reach %s; "+
			"make this the first route: {receiver: NOBODY, matchers: ['burn_in=\"true\"']}, with a receiver that has only a name",
			BurnIn, some(heard), some(to)))
	}
	final := slices.Concat(subjects(s.Kept(Final), false), subjects(s.New(Final), true))
	out = append(out, placed(c, final, s.usual(c), at)...)
	return append(out, muted(c, final, at)...)
}

// usual are the receivers that installed alerts of each severity may reach.
func (s *Swap) usual(c noise.Config) map[string][]string {
	out := map[string][]string{}
	for _, a := range subjects(s.Installed, false) {
		severity := a.Labels["severity"]
		out[severity] = append(out[severity], speaking(c, a.Subject)...)
	}
	return out
}

// placed checks where the new alerts of the second step go, severity by severity.
func placed(c noise.Config, final []alert, usual map[string][]string, at diag.Position) []diag.Finding {
	var out []diag.Finding
	for _, severity := range []string{"critical", "warning"} {
		var lost, astray, to []string
		for _, a := range final {
			if !a.isNew || a.Labels["severity"] != severity {
				continue
			}
			reached := speaking(c, a.Subject)
			switch {
			case len(reached) == 0:
				lost = append(lost, a.name)
			case len(usual[severity]) > 0 && !slices.ContainsFunc(reached, func(r string) bool { return slices.Contains(usual[severity], r) }):
				astray, to = append(astray, a.name), append(to, reached...)
			}
		}
		switch {
		case len(lost) > 0 && len(usual[severity]) == 0:
			out = append(out, diag.Finding{ID: FindingUnrouted, Severity: diag.Warning, Position: at, Message: fmt.Sprintf(
				"alerts of severity %s reach nobody by these routes, neither those that are installed nor the new ones", severity)})
		case len(lost) > 0:
			out = append(out, diag.Errorf(FindingUnrouted, at, "%s (severity %s) would reach nobody", some(lost), severity))
		}
		if len(astray) > 0 {
			out = append(out, diag.Errorf(FindingMisrouted, at, "%s (severity %s) would go to %s, and installed alerts of that severity go to %s",
				some(astray), severity, some(to), some(usual[severity])))
		}
	}
	return out
}

// muted finds inhibit rules by which an alert may mute a new one, or a new one another, that is about something else. An SLO's page may
// mute its ticket, and one severity of an alert another; a rule that names the alert which mutes is meant so.
func muted(c noise.Config, all []alert, at diag.Position) []diag.Finding {
	var out []diag.Finding
	for i := range c.Inhibitions() {
		var pairs []string
		if c.Names(i) {
			continue
		}
		for _, target := range all {
			if target.Labels["severity"] != "critical" && target.Labels["severity"] != "warning" {
				continue
			}
			for _, source := range all {
				if (source.isNew || target.isNew) && !source.same(target) && c.Mutes(i, source.Subject, target.Subject) {
					pairs = append(pairs, source.name+" mute "+target.name)
					break
				}
			}
		}
		if len(pairs) > 0 {
			out = append(
				out,
				diag.Errorf(
					FindingMuted,
					at,
					"inhibit rule %d (%s) would let %s; add alertname to its \"equal\", or slo=\"\" to its target_matchers",
					i+1,
					c.Inhibition(i),
					some(pairs),
				),
			)
		}
	}
	return out
}

// same reports whether two alerts say the same of one thing at different severities.
func (a alert) same(b alert) bool { return a.slo != "" && a.slo == b.slo || a.name == b.name }

// speaking are the receivers of an alert that tell somebody.
func speaking(c noise.Config, s noise.Subject) []string {
	return slices.DeleteFunc(c.Might(s), c.Silent)
}

// external are labels that Prometheus may add to every alert.
var external = []string{"cluster", "prometheus", "prometheus_replica", "replica", "region", "environment", "env", "stage", "tenant"}

// ruleLabels are labels that only rules give: no series has them.
var ruleLabels = []string{"severity", "slo", "slo_severity", "shipped_severity", defaults.BurnInLabel, defaults.PlannedLabel}

// subjects are the alerts of files as routes see them.
func subjects(files []rules.File, isNew bool) []alert {
	var out []alert
	for _, p := range rules.Rules(files) {
		if p.Rule.Alert == "" {
			continue
		}
		expr, err := rules.ParseExpr(p.Rule.Expr)
		if err != nil {
			continue
		}
		result := rules.ResultLabels(expr)
		fixed := map[string]string{"alertname": p.Rule.Alert}
		open := map[string]bool{}
		for name, value := range p.Labels() {
			if strings.Contains(value, "{{") {
				open[name] = true
			} else {
				fixed[name] = value
			}
		}
		may := func(label string) bool {
			return open[label] || !slices.Contains(ruleLabels, label) && (result.Has(label) || slices.Contains(external, label))
		}
		out = append(out, alert{Subject: noise.Subject{Labels: fixed, May: may}, name: p.Rule.Alert, slo: fixed["slo"], isNew: isNew})
	}
	return out
}

// some names the first few of a list, each once.
func some(all []string) string {
	all = slices.Clone(all)
	slices.Sort(all)
	all = slices.Compact(all)
	if n := len(all); n > 3 {
		return strings.Join(all[:3], ", ") + fmt.Sprintf(" and %d more", n-3)
	}
	if len(all) == 0 {
		return "nobody"
	}
	return strings.Join(all, ", ")
}

// InfoIsSilent reports whether alerts of severity info that no route names reach nobody, so that nothing needs to mute them.
func InfoIsSilent(c noise.Config) bool {
	some := map[string]string{"severity": "info", "alertname": "AnyOfThem"}
	return !c.Told(noise.Subject{Labels: some, May: func(string) bool { return true }})
}

// Told names, for the alerts of the second step, the receivers that may be told of each; see Key.
func (s *Swap) Told(c noise.Config) map[string][]string {
	out := map[string][]string{}
	for _, a := range slices.Concat(subjects(s.Kept(Final), false), subjects(s.New(Final), true)) {
		key := Key(a.name, a.Labels["severity"], a.slo)
		all := append(out[key], speaking(c, a.Subject)...)
		slices.Sort(all)
		out[key] = slices.Compact(all)
	}
	return out
}

// Key is the key of an alert in what Told gives.
func Key(name, severity, slo string) string { return name + "\x00" + severity + "\x00" + slo }

// Added is one new alert of the second step.
type Added struct {
	Name   string
	Labels map[string]string
}

// Added are the new alerts of the second step, the pages first, by name.
func (s *Swap) Added() []Added {
	var out []Added
	for _, p := range rules.Rules(s.New(Final)) {
		if p.Rule.Alert != "" {
			out = append(out, Added{p.Rule.Alert, p.Labels()})
		}
	}
	slices.SortStableFunc(out, func(a, b Added) int {
		return cmp.Or(
			cmp.Compare(a.Labels["severity"], b.Labels["severity"]),
			cmp.Compare(a.Name, b.Name),
			cmp.Compare(a.Labels["slo"], b.Labels["slo"]),
		)
	})
	return out
}
