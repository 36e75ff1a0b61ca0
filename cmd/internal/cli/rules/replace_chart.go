package rules

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/defaults"
	"treadmill/upgrade/apis/lifecycle"
	"treadmill/upgrade/apis/render/helm"
)

// stackFlags say which chart renders the rules that are installed, and how.
type stackFlags struct {
	path, release, namespace string
	values, set              []string
}

func (f *stackFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.path, "chart", "", "kube-prometheus-stack as helm pull gives it, packed or not, in place of rules that it rendered")
	c.Flags().StringArrayVar(&f.values, "values", nil, "values file of the chart as it is installed; may be repeated, the last counts most")
	c.Flags().StringArrayVar(&f.set, "set", nil, "value of the chart as it is installed; may be repeated")
	c.Flags().StringVar(&f.release, "release", "", "name under which the chart is installed, which is in the jobs of its rules; the chart's own where it is left out")
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
	table, err := lifecycle.Load()
	if err != nil {
		return nil, err
	}
	s := &stack{path: f.path, files: files, options: helm.Options{Version: table.Newest, APIs: table.Served(table.Newest), Release: f.release, Namespace: f.namespace}}
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

// rules renders the chart and reads the rules in it, with an overlay above its values where there is one.
func (s *stack) rules(ctx context.Context, overlay []byte) ([]rules.File, []diag.Finding, error) {
	layers := s.layers
	if overlay != nil {
		layers = append(layers[:len(layers):len(layers)], helm.Layer{File: helm.File{Path: "values.yaml", Data: overlay}})
	}
	o := s.options
	var err error
	if o.Values, err = helm.Join(layers); err != nil {
		return nil, nil, app.Usage("the values of the chart: %w", err)
	}
	made, err := helm.Render(ctx, s.files, o)
	if err != nil {
		return nil, nil, fmt.Errorf("render %s: %w", s.path, err)
	}
	var files []rules.File
	var findings []diag.Finding
	for _, d := range made.Documents {
		some, problems := rules.Read(d.File.Path, d.Text)
		files = append(files, some...)
		for _, p := range problems {
			if p.ID != rules.FindingNotRules {
				findings = append(findings, p)
			}
		}
	}
	return files, findings, nil
}

// check renders the chart with the overlay of each step and says where that is not what was intended.
func (s *stack) check(ctx context.Context, made *replacing) ([]diag.Finding, error) {
	var findings []diag.Finding
	for _, step := range []defaults.Replacement{made.burnIn, made.final} {
		got, problems, err := s.rules(ctx, made.values(step))
		if err != nil {
			return nil, err
		}
		findings = append(findings, problems...)
		want := append(step.Files[:len(step.Files):len(step.Files)], made.guards...)
		for _, set := range made.platform() {
			want = append(want, rules.File{Groups: set.Groups})
		}
		for _, difference := range defaults.Differences(want, got) {
			findings = append(findings, diag.Finding{ID: "replace/overlay", Severity: diag.Error, Position: diag.Position{File: s.path},
				Message: "rendered with the overlay: " + difference})
		}
	}
	return findings, nil
}
