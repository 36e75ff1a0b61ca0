package rules

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/defaults"
	"treadmill/rules/noise"
	"treadmill/slo"
)

// noiseFlags say where the noise of alerts is measured.
type noiseFlags struct {
	input.Past
	since        slo.Window
	alertmanager string
	slos         []string
	replicas     []string
}

func (n *noiseFlags) add(c *cobra.Command) {
	n.AddOptional(c)
	f := c.Flags()
	f.Var(input.Span{W: &n.since}, "since", "how far to look back")
	f.StringVar(
		&n.alertmanager,
		"alertmanager",
		"",
		"configuration of Alertmanager, for who is told (default: critical and page alerts, grouped by name)",
	)
	f.StringArrayVar(&n.slos, "slo", nil, "SLO files: a page while none of them burns is counted as false")
	f.StringSliceVar(
		&n.replicas,
		"replica-labels",
		n.replicas,
		"labels in which Prometheus servers of one pair differ: what both recorded counts once",
	)
}

// measuredNoise is the noise of rules, and what it rests on.
type measuredNoise struct {
	rules   map[noise.Rule]noise.Noise
	history noise.Input
	told    map[string]int // notifications by receiver
	routed  bool           // by a configuration, and not by what is assumed without one
}

// measureNoise measures the alerts on a history; nil without one.
func measureNoise(
	ctx context.Context,
	a *app.App,
	f noiseFlags,
	alerts []defaults.Alert,
	files []rules.File,
) (*measuredNoise, []diag.Finding, error) {
	if !f.Given() {
		if f.alertmanager != "" || len(f.slos) > 0 {
			return nil, nil, app.Usage(
				"--alertmanager and --slo say what noise is held against: name a history too, with --prometheus, --tsdb or --openmetrics",
			)
		}
		return nil, nil, nil
	}
	src, err := input.OpenHistory(a, f.Past)
	if err != nil {
		return nil, nil, err
	}
	route, findings, err := routes(a, f.alertmanager)
	if err != nil || diag.Any(findings, diag.Error) {
		return nil, findings, err
	}
	now := time.Time(a.Now)
	m := &measuredNoise{
		history: noise.Input{From: now.Add(-time.Duration(f.since)), To: now, Step: slo.Minute},
		told:    map[string]int{},
		routed:  f.alertmanager != "",
	}
	lost := func(err error) (*measuredNoise, []diag.Finding, error) {
		return nil, append(
			findings,
			diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: "ALERTS"}, Message: "cannot be read: " + err.Error()},
		), nil
	}
	warnings, err := recorded(ctx, src, f, &m.history)
	if findings = append(findings, input.Warned("ALERTS", warnings)...); err != nil {
		return lost(err)
	}
	findings = append(findings, burning(ctx, a, src, f.slos, &m.history)...)
	m.history.Pages = route.Notify(m.history.Instances)
	for _, p := range m.history.Pages {
		m.told[p.Receiver]++
	}
	m.rules = noise.Measure(m.history)
	empty, err := idleSelectors(ctx, src, m, files)
	if err != nil {
		return lost(err)
	}
	for i := range alerts {
		r := noise.Rule{Name: alerts[i].Name, Severity: alerts[i].Severity}
		n, fired := m.rules[r]
		n.NeverFired, n.NoInput = !fired, empty[r]
		if !fired {
			n.Median, n.P90, n.CoFiring = "0s", "0s", []noise.Twin{}
		}
		alerts[i].Noise = &n
	}
	return m, findings, nil
}

func routes(a *app.App, name string) (noise.Config, []diag.Finding, error) {
	if name == "" {
		return noise.Default(), nil, nil
	}
	in, err := a.Read(name)
	if err != nil {
		return noise.Config{}, nil, err
	}
	c, findings := noise.ReadConfig(in.Name, in.Data)
	return c, findings, nil
}

// recorded reads ALERTS day by day, so that one day is in memory at a time.
func recorded(ctx context.Context, src input.Source, f noiseFlags, in *noise.Input) ([]string, error) {
	h := noise.History{Replicas: f.replicas}
	var warnings []string
	for from := in.From; from.Before(in.To); from = from.Add(24 * time.Hour) {
		to := from.Add(24 * time.Hour)
		if to.After(in.To) {
			to = in.To
		}
		grid := slo.NewGrid(from, to, in.Step)
		answer, err := src.Range(ctx, noise.Query, grid)
		if err != nil {
			return warnings, err
		}
		h.Add(answer, grid)
		warnings = append(warnings, answer.Warnings...)
	}
	in.Instances = h.Instances()
	return compactStrings(warnings), nil
}

// burning finds when one of the SLOs spent its budget faster than it comes.
func burning(ctx context.Context, a *app.App, src input.Source, args []string, in *noise.Input) []diag.Finding {
	if len(args) == 0 {
		return nil
	}
	results, findings := input.Compiled(a, args)
	since := func(slo.SLO) (time.Time, error) { return in.From, nil }
	type part struct {
		spans    []noise.Span
		findings []diag.Finding
	}
	for _, p := range input.Each(ctx, src, input.Usable(results), since, in.To, func(m input.Measured) part {
		var spans []noise.Span
		for _, h := range m.Groups {
			spans = append(spans, noise.Burns(h.Grid, h.Total, h.Bad, m.SLO.Objective.Float())...)
		}
		return part{spans, m.Seen()}
	}) {
		in.Burning, findings = append(in.Burning, p.spans...), append(findings, p.findings...)
	}
	in.SLOs = !diag.Any(findings, diag.Error) // what was not seen does not show that a page was a false alarm
	in.Burning = noise.Join(in.Burning)
	return findings
}

// idleSelectors finds, of the rules that never fired, those with a selector that has had no series at any of the moments
// that are looked at: one in six hours. What a rule wants to be absent is left aside.
func idleSelectors(ctx context.Context, src input.Source, m *measuredNoise, files []rules.File) (map[noise.Rule]bool, error) {
	grid := slo.NewGrid(m.history.From, m.history.To, 6*slo.Hour)
	empty, known := map[noise.Rule]bool{}, map[string]bool{}
	for _, p := range rules.Rules(files) {
		r := noise.Rule{Name: p.Rule.Alert, Severity: p.Labels()["severity"]}
		if _, fired := m.rules[r]; p.Rule.Alert == "" || fired {
			continue
		}
		for _, selector := range rules.Inputs(p.Rule.Expr) {
			if _, ok := known[selector]; !ok {
				answer, err := src.Range(ctx, fmt.Sprintf("group(%s)", selector), grid)
				if err != nil {
					return nil, err
				}
				known[selector] = len(answer.Series) == 0
			}
			empty[r] = empty[r] || known[selector]
		}
	}
	return empty, nil
}
