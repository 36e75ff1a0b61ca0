package rules

import (
	"context"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/template"
)

// templateNames are what Prometheus puts before the text of every label and annotation of an alert.
const templateNames = "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}"

// CheckTemplate parses the text of a label or an annotation of an alert as Prometheus does when it loads a rule file, which it refuses as a
// whole where one does not parse (model/rulefmt, v3.16).
func CheckTemplate(text string) error {
	if !strings.Contains(text, "{{") {
		return nil
	}
	err := template.NewTemplateExpander(context.Background(), templateNames+text, "text", nil, model.Time(0), nil, nil, nil).ParseTest()
	if err == nil {
		return nil
	}
	return templateError(strings.TrimPrefix(err.Error(), "template: text:"))
}

// templateError says what the parser says, without the place in a text that nobody sees as it is.
type templateError string

func (e templateError) Error() string {
	if _, rest, found := strings.Cut(string(e), ": "); found {
		return rest
	}
	return string(e)
}

// EscapeTemplate is a text as a template that gives the text.
func EscapeTemplate(text string) string { return strings.ReplaceAll(text, "{{", `{{"{{"}}`) }
