package pyrra

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"treadmill/slo"
)

// out is an object in the order in which people write it.
type out struct {
	APIVersion string  `yaml:"apiVersion"`
	Kind       string  `yaml:"kind"`
	Metadata   outMeta `yaml:"metadata"`
	Spec       outSpec `yaml:"spec"`
}

type outMeta struct {
	Name        string `yaml:"name"`
	Namespace   string `yaml:"namespace,omitempty"`
	Labels      words  `yaml:"labels,omitempty"`
	Annotations words  `yaml:"annotations,omitempty"`
}

type outSpec struct {
	Description string         `yaml:"description,omitempty"`
	Target      string         `yaml:"target"`
	Window      string         `yaml:"window"`
	Indicator   map[string]any `yaml:"indicator"`
	Alerting    map[string]any `yaml:"alerting,omitempty"`
}

// Encode writes an SLO, whose indicator is reduced to selectors, as an object and lists what Pyrra has no place for.
func Encode(s slo.SLO, p slo.Plain) (text []byte, lost []string, err error) {
	if len(s.Components) > 0 {
		return nil, nil, fmt.Errorf("pyrra has no composites; write one SLO for each component")
	}
	o := out{APIVersion: APIVersion, Kind: "ServiceLevelObjective",
		Metadata: outMeta{Name: objectName(s.Local()), Namespace: s.Object.Namespace, Labels: words{}, Annotations: words{}},
		Spec: outSpec{
			Description: s.Description,
			Target:      s.Objective.Mul(slo.NewNumber(100, 1)).String(),
			Window:      s.Period.Length.String(),
			Indicator:   indicatorOf(p),
		}}
	maps.Copy(o.Metadata.Labels, s.Object.Labels)
	for k, v := range s.Labels {
		if k == "namespace" && v == s.Object.Namespace {
			continue // which is read from the object
		}
		o.Metadata.Labels[prefix+k] = v
	}
	for k, v := range s.Alerting.Annotations {
		o.Metadata.Annotations[prefix+k] = v
	}
	o.Spec.Alerting, lost = alertingOf(s.Alerting)
	text, err = yaml.Marshal(o)
	return text, append(lost, lostOf(s)...), err
}

// lostOf lists what Pyrra has no field for.
func lostOf(s slo.SLO) []string {
	id := s.Object.In(objectName(s.Local()))
	var lost []string
	for what, set := range map[string]bool{
		"the display name":                               s.DisplayName != "",
		"the service " + s.Service:                       s.Service != "",
		"alert windows of its own":                       s.Policy != nil,
		"that the period is a calendar":                  s.Period.Calendar != nil,
		"that pages and tickets have names of their own": s.Alerting.Page.Name+s.Alerting.Ticket.Name != "",
		"the name " + s.ID + ", which becomes " + id:     id != s.ID,
	} {
		if set {
			lost = append(lost, what)
		}
	}
	slices.Sort(lost)
	return lost
}

func indicatorOf(p slo.Plain) map[string]any {
	metric := func(text string) map[string]any { return map[string]any{"metric": text} }
	name := "ratio"
	var fields map[string]any
	switch {
	case p.Native != "":
		name, fields = "latencyNative", map[string]any{"total": metric(p.Native), "latency": p.Bound.String()}
	case p.Gauge != "":
		name, fields = "bool_gauge", metric(p.Gauge)
	case p.Success != "":
		name, fields = "latency", map[string]any{"success": metric(p.Success), "total": metric(p.Total)}
	default:
		fields = map[string]any{"errors": metric(p.Errors), "total": metric(p.Total)}
	}
	if len(p.By) > 0 {
		fields["grouping"] = p.By
	}
	return map[string]any{name: fields}
}

// alertingOf writes how alerts are named and routed. Pyrra's four severities are two here.
func alertingOf(a slo.Alerting) (map[string]any, []string) {
	fields := map[string]any{}
	var lost []string
	if a.Name != "" {
		fields["name"] = a.Name
	}
	if !a.WatchesData() {
		fields["absent"] = false
	}
	switch {
	case a.Page.Disabled && a.Ticket.Disabled:
		fields["burnrates"] = false
	case a.Page.Disabled || a.Ticket.Disabled:
		lost = append(lost, "that one of the two alerts is switched off")
	}
	severities := map[string]string{}
	if s := a.Page.Labels["severity"]; s != "" {
		severities["fastBurn"], severities["mediumBurn"] = s, s
	}
	if s := a.Ticket.Labels["severity"]; s != "" {
		severities["slowBurn"], severities["longTermBurn"] = s, s
	}
	if len(severities) > 0 {
		fields["severities"] = severities
	}
	if others(a.Page.Labels)+others(a.Ticket.Labels)+len(a.Labels) > 0 {
		lost = append(lost, "labels of alerts other than the severity")
	}
	if len(a.Page.Annotations)+len(a.Ticket.Annotations) > 0 {
		lost = append(lost, "annotations of one alert alone")
	}
	return fields, lost
}

// others is how many labels there are beside the severity.
func others(labels words) int {
	n := len(labels)
	if _, set := labels["severity"]; set {
		n--
	}
	return n
}

var notInNames = regexp.MustCompile(`[^-a-z0-9.]+`)

// objectName makes a name that Kubernetes allows out of any.
func objectName(s string) string {
	return strings.Trim(notInNames.ReplaceAllString(strings.ToLower(s), "-"), "-.")
}
