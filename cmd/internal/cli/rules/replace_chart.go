package rules

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/defaults"
	"treadmill/rules/swap"
	"treadmill/upgrade/apis/render/helm"
)

// stackFlags say which chart renders the rules that are installed, and how.
type stackFlags struct {
	path, release, namespace string
	values, set              []string
}

func (f *stackFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.path, "chart", "", "kube-prometheus-stack as helm pull gives it, packed or not, instead of rules that it rendered")
	c.Flags().StringArrayVar(&f.values, "values", nil, "values file of the chart as it is installed; may be repeated, the last counts most")
	c.Flags().StringArrayVar(&f.set, "set", nil, "value of the chart as it is installed; may be repeated")
	c.Flags().
		StringVar(&f.release, "release", "", "name under which the chart is installed, which is in the jobs of its rules; the chart's own where it is left out")
	c.Flags().StringVar(&f.namespace, "namespace", "monitoring", "namespace in which the chart is installed")
}

// stack is a chart with the values that it is installed with.
type stack struct {
	path    string
	files   []helm.File
	layers  []helm.Layer
	options helm.Options
}

// readStack reads the chart; it is nil where none is given.
func readStack(a *app.App, f stackFlags) (*stack, error) {
	if f.path == "" {
		return nil, nil
	}
	files, err := helm.Open(a.Env.Open, f.path)
	if err != nil {
		return nil, fmt.Errorf("read the chart %s: %w", f.path, app.Cause(err))
	}
	table, err := input.Lifecycle(a)
	if err != nil {
		return nil, err
	}
	s := &stack{
		path:    f.path,
		files:   files,
		options: helm.Options{Version: table.Newest, APIs: table.Served(table.Newest), Release: f.release, Namespace: f.namespace},
	}
	if missing := s.missing(); len(missing) > 0 {
		return nil, fmt.Errorf(
			"%s is without the charts that it depends on: %s; run: helm dependency build %s",
			f.path,
			strings.Join(missing, ", "),
			f.path,
		)
	}
	for _, name := range f.values {
		in, err := a.Read(name)
		if err != nil {
			return nil, err
		}
		s.layers = append(s.layers, helm.Layer{File: helm.File{Path: in.Name, Data: in.Data}})
	}
	for _, text := range f.set {
		s.layers = append(s.layers, helm.Layer{Set: text})
	}
	return s, nil
}

// missing names the charts that are not there.
func (s *stack) missing() []string {
	var names []string
	var chart []byte
	for _, f := range s.files {
		names = append(names, f.Name)
		if f.Name == "Chart.yaml" {
			chart = f.Data
		}
	}
	return swap.Missing(chart, names)
}

// chart is what the chart understands of values.
func (s *stack) chart() defaults.Chart {
	var templates []string
	for _, f := range s.files {
		if strings.HasPrefix(f.Name, "templates/") {
			templates = append(templates, string(f.Data))
		}
	}
	return defaults.ReadChart(templates)
}

// rendered is what a chart makes of values, as far as it is about alerts.
type rendered struct {
	values       map[string]any
	rules        []rules.File
	alertmanager []byte // its configuration, nil where none is made
	findings     []diag.Finding
}

// render renders the chart, with an overlay above its values where there is one.
func (s *stack) render(ctx context.Context, overlay []byte) (out rendered, err error) {
	layers := s.layers
	if overlay != nil {
		layers = append(layers[:len(layers):len(layers)], helm.Layer{File: helm.File{Path: "values.yaml", Data: overlay}})
	}
	o := s.options
	if o.Values, err = helm.Join(layers); err != nil {
		return out, app.Usage("the values of the chart: %w", err)
	}
	made, err := helm.Render(ctx, s.files, o)
	if err != nil {
		return out, fmt.Errorf("render %s: %w", s.path, err)
	}
	out.values = o.Values
	for _, d := range made.Documents {
		some, problems := rules.Read(d.File.Path, d.Text)
		out.rules = append(out.rules, some...)
		for _, p := range problems {
			if p.ID != rules.FindingNotRules {
				out.findings = append(out.findings, p)
			}
		}
		if config, ok := swap.Alertmanager(d.File.Path, d.Text); ok {
			out.alertmanager = config
		}
	}
	return out, nil
}

// check renders the chart with the overlay of each step and says where that is not what was intended.
func (s *stack) check(ctx context.Context, made *swap.Swap) ([]diag.Finding, error) {
	at := diag.Position{File: s.path}
	if !made.Chart.Map {
		return []diag.Finding{
			diag.Errorf(
				"replace/overlay",
				at,
				"this chart renders no additionalPrometheusRulesMap, so values cannot add rules: update the chart first, or load the folder rules beside it",
			),
		}, nil
	}
	var findings []diag.Finding
	for _, step := range swap.Steps() {
		got, err := s.render(ctx, made.Values(step))
		if err != nil {
			return nil, err
		}
		findings = append(findings, got.findings...)
		for _, difference := range made.Differences(step, got.rules) {
			findings = append(findings, diag.Errorf("replace/overlay", at, "rendered with the overlay of %s: %s", step, difference))
		}
	}
	return findings, nil
}
