package rules_test

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/promql"
	"github.com/prometheus/prometheus/promql/promqltest"
	"github.com/prometheus/prometheus/storage"
	"github.com/prometheus/prometheus/template"

	"treadmill/rules"
)

// expand is what Prometheus makes of a text for an alert with a value.
func expand(t *testing.T, text string, value float64) string {
	t.Helper()
	data := template.AlertTemplateData(map[string]string{"job": "web"}, nil, "", promql.Sample{F: value})
	store := promqltest.LoadedStorage(t, "load 1m\n  up{job=\"web\"} 7x10\n")
	engine := promqltest.NewTestEngine(t, false, 0, 1000)
	query := template.QueryFunc(func(ctx context.Context, q string, ts time.Time) (promql.Vector, error) {
		ask, err := engine.NewInstantQuery(ctx, storage.Queryable(store), nil, q, ts)
		if err != nil {
			return nil, err
		}
		res := ask.Exec(ctx)
		switch v := res.Value.(type) {
		case promql.Vector:
			return v, nil
		case promql.Scalar:
			return promql.Vector{{T: v.T, F: v.V}}, res.Err
		}
		return nil, res.Err
	})
	names := "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"
	out, err := template.NewTemplateExpander(context.Background(), names+text, "text", data, model.Time(60_000), query,
		&url.URL{}, nil).Expand()
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

// Prometheus makes of a text that was scaled what it makes of the text for an alert with the scaled value, wherever the text names it.
func TestScaledValue(t *testing.T) {
	for _, text := range []string{
		"no value here", "{{ $labels.job }} is a value",
		"{{ $value }}", "{{$value|humanizePercentage}} of {{ $labels.job }}", "{{- $value -}} ",
		"{{ .Value | humanizePercentage }}", "{{ $.Value }}", `{{ printf "%.4f" .Value }} and {{ .Value }}`,
		"{{ if gt $value 0.04 }}much{{ else }}{{ .Value }}{{ end }}", "{{ if gt .Value 0.06 }}much{{ else }}little: {{ .Value }}{{ end }}",
		`{{ range query "up" }}{{ .Value }} of {{ $value }}{{ end }}`, `{{ with query "up" }}{{ . | first | value }}{{ $.Value }}{{ end }}`,
		`{{ range query "none" }}{{ .Value }}{{ else }}{{ .Value }}{{ end }}`, `{{ range query "up" }}{{ if .Value }}{{ .Value }}{{ end }}{{ end }}`,
		`{{ $v := $value }}{{ $v }}{{ with $v }}{{ . }}{{ end }}`, `{{ "{{" }} .Value }} {{ "$value" }}`,
		`{{ define "x" }}{{ . }}{{ end }}{{ template "x" .Value }}`, `Größe {{ .Value }} "ß" {{ $value }}`, `{{ (query "up" | first).Value }} {{ .Value }}`,
	} {
		scaled, err := rules.ScaleValue(text, "* 0.001")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, want := expand(t, scaled, 50), expand(t, text, 0.05); got != want {
			t.Errorf("%s\nas %s\ngives %q, want %q", text, scaled, got, want)
		}
	}
}

func TestScaledValueThatCannotBe(t *testing.T) {
	text := `{{ define "x" }}{{ .Value }}{{ end }}{{ template "x" . }}`
	if got, err := rules.ScaleValue(text, "* 2"); !errors.Is(err, rules.ErrValue) || got != text {
		t.Errorf("a template of its own: %q, %v", got, err)
	}
	if got, err := rules.ScaleValue("{{ $value", "* 2"); err != nil || got != "{{ $value" {
		t.Errorf("a text that does not parse: %q, %v", got, err)
	}
}
