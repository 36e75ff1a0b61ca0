package sloth

import (
	"fmt"

	"go.yaml.in/yaml/v3"

	"treadmill/slo"
)

// out is a file of one SLO in the order in which people write it.
type out struct {
	Version string    `yaml:"version"`
	Service string    `yaml:"service"`
	Labels  words     `yaml:"labels,omitempty"`
	SLOs    []outSLOs `yaml:"slos"`
}

type outSLOs struct {
	Name        string    `yaml:"name"`
	Objective   yaml.Node `yaml:"objective"`
	Description string    `yaml:"description,omitempty"`
	SLI         outSLI    `yaml:"sli"`
	Alerting    outAlerts `yaml:"alerting"`
}

type outSLI struct {
	Raw    *outRaw    `yaml:"raw,omitempty"`
	Events *outEvents `yaml:"events,omitempty"`
}

type outRaw struct {
	Query string `yaml:"error_ratio_query"`
}

type outEvents struct {
	Error string `yaml:"error_query"`
	Total string `yaml:"total_query"`
}

type outAlerts struct {
	Name        string   `yaml:"name,omitempty"`
	Labels      words    `yaml:"labels,omitempty"`
	Annotations words    `yaml:"annotations,omitempty"`
	Page        outRoute `yaml:"page_alert"`
	Ticket      outRoute `yaml:"ticket_alert"`
}

type outRoute struct {
	Disable     bool  `yaml:"disable,omitempty"`
	Labels      words `yaml:"labels,omitempty"`
	Annotations words `yaml:"annotations,omitempty"`
}

// Encode writes an SLO as a prometheus/v1 file and lists what Sloth has no place for. Its queries must hold {{.window}}.
func Encode(s slo.SLO) (text []byte, lost []string, err error) {
	if len(s.Components) > 0 {
		return nil, nil, fmt.Errorf("sloth has no composites; write one SLO for each component")
	}
	if s.Indicator.Slice.Window > 0 {
		return nil, nil, fmt.Errorf("sloth has no time slices")
	}
	service := s.Service
	if service == "" {
		service = s.Name
	}
	al := s.Alerting
	name := al.Name
	if name == "" && (!al.Page.Disabled || !al.Ticket.Disabled) {
		name = "ErrorBudgetBurn"
	}
	text, err = yaml.Marshal(out{Version: Version, Service: service, Labels: s.Labels, SLOs: []outSLOs{{
		Name: s.Name, Description: s.Description, SLI: sliOf(s.Indicator),
		Objective: yaml.Node{Kind: yaml.ScalarNode, Value: s.Objective.Mul(slo.NewNumber(100, 1)).String()},
		Alerting: outAlerts{Name: name, Labels: al.Labels, Annotations: al.Annotations,
			Page:   outRoute{al.Page.Disabled, al.Page.Labels, al.Page.Annotations},
			Ticket: outRoute{al.Ticket.Disabled, al.Ticket.Labels, al.Ticket.Annotations}},
	}}})
	return text, lostOf(s, service), err
}

// lostOf lists what Sloth has no field for, or would read as something else.
func lostOf(s slo.SLO, service string) []string {
	al, id := s.Alerting, service+"-"+s.Name
	quiet := al.Page.Disabled && al.Ticket.Disabled
	var lost []string
	for _, part := range []struct {
		what string
		is   bool
	}{
		{"the period of " + s.Period.Length.String() + "; run Sloth with --default-slo-period", s.Period.Length != Period},
		{"that the period is a calendar", s.Period.Calendar != nil},
		{"alert windows of its own", s.Policy != nil},
		{"the display name", s.DisplayName != ""},
		{"the name " + s.ID + ", which becomes " + id, s.ID != id},
		{"the namespace and the labels of its Kubernetes object", s.Object.Namespace != "" || len(s.Object.Labels) > 0},
		{"that there is no alert for when there is nothing to count", !al.WatchesData() && !quiet},
		{"the alert for when there is nothing to count", al.WatchesData() && quiet},
		{"that pages and tickets have names of their own", al.Page.Name+al.Ticket.Name != ""},
	} {
		if part.is {
			lost = append(lost, part.what)
		}
	}
	return lost
}

func sliOf(in slo.Indicator) outSLI {
	switch {
	case !in.Ratio.IsZero() && in.RatioOfGood:
		return outSLI{Raw: &outRaw{"1 - (" + in.Ratio.Text + ")"}}
	case !in.Ratio.IsZero():
		return outSLI{Raw: &outRaw{in.Ratio.Text}}
	case !in.Good.IsZero():
		return outSLI{Events: &outEvents{in.Total.Text + " - " + in.Good.Text, in.Total.Text}}
	default:
		return outSLI{Events: &outEvents{in.Bad.Text, in.Total.Text}}
	}
}
