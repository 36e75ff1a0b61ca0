package backtest

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// Incident is a span of time in which a service was not well: one that cost budget of one group of an SLO, or one that people
// wrote down.
type Incident struct {
	Name    string            `json:"name,omitempty"`
	SLO     string            `json:"slo"`               // of a listed one, "" for any
	Service string            `json:"service,omitempty"` // of a listed one, "" for any
	Labels  map[string]string `json:"labels"`            // of the group; of a listed one, those that groups must have
	Start   time.Time         `json:"start"`
	End     time.Time         `json:"end"`
	// BudgetSpent is the share of the period's budget that went in it; of a listed one, in the group that lost most.
	BudgetSpent float64 `json:"budgetSpent"`
	// SLOs are, of a listed one, those that were replayed and that it is about.
	SLOs   []string `json:"slos,omitempty"`
	Listed bool     `json:"listed,omitempty"`

	Pos diag.Position `json:"-"` // of a listed one
}

// ReadIncidents reads what people wrote down about incidents. The SLO is named as in rules; without it an incident is about those of
// a service, and without that about all. Labels choose among the groups of an SLO.
//
//	version: 1
//	incidents:
//	  - {start: 2026-11-04T09:15:00Z, end: 2026-11-04T09:40:00Z, name: database failover, slo: payments-availability}
//	  - {start: 2026-11-14T13:00:00Z, end: 2026-11-14T14:30:00Z, service: search, labels: {region: eu}}
//
// They come in the order of time. Every problem of the file is a finding.
func ReadIncidents(name string, data []byte) ([]Incident, []diag.Finding) {
	docs, findings := yamlx.Documents(name, data)
	fail := func(at diag.Position, format string, args ...any) {
		findings = append(findings, diag.Errorf("incidents/list", at, format, args...))
	}
	if len(docs) != 1 {
		if len(findings) == 0 {
			fail(diag.Position{File: name}, "want one document with version: 1 and incidents")
		}
		return nil, findings
	}
	var file struct {
		Version   yamlx.At[int] `yaml:"version,required"`
		Incidents []struct {
			Pos     diag.Position
			Start   yamlx.At[time.Time] `yaml:"start,required"`
			End     yamlx.At[time.Time] `yaml:"end,required"`
			Name    string              `yaml:"name"`
			SLO     string              `yaml:"slo"`
			Service string              `yaml:"service"`
			Labels  map[string]string   `yaml:"labels"`
		} `yaml:"incidents,required"`
	}
	findings = append(findings, yamlx.Decode(docs[0], &file)...)
	if file.Version.Set() && file.Version.V != 1 {
		fail(file.Version.Pos, "version 1 is known")
	}
	var out []Incident
	for _, x := range file.Incidents {
		if x.Start.Set() && x.End.Set() && !x.End.V.After(x.Start.V) {
			fail(x.End.Pos, "the end is not after the start")
			continue
		}
		labels := x.Labels
		if labels == nil {
			labels = map[string]string{}
		}
		out = append(
			out,
			Incident{
				Name:    x.Name,
				SLO:     x.SLO,
				Service: x.Service,
				Labels:  labels,
				Start:   x.Start.V.UTC(),
				End:     x.End.V.UTC(),
				Listed:  true,
				Pos:     x.Pos,
			},
		)
	}
	slices.SortStableFunc(out, func(a, b Incident) int { return cmp.Or(a.Start.Compare(b.Start), a.End.Compare(b.End)) })
	return out, findings
}

// of reports whether an incident is about a group of an SLO.
func (in *Incident) of(id, service string, labels map[string]string) bool {
	if !in.Listed {
		return in.SLO == id && maps.Equal(in.Labels, labels)
	}
	for k, v := range in.Labels {
		if labels[k] != v {
			return false
		}
	}
	return (in.SLO == "" || in.SLO == id) && (in.Service == "" || in.Service == service)
}

// About reports whether an incident is about an SLO.
func (in *Incident) About(id string) bool {
	if in.Listed {
		return slices.Contains(in.SLOs, id)
	}
	return in.SLO == id
}

// overlaps reports whether two incidents have a moment in common.
func (in *Incident) overlaps(other Incident) bool {
	return in.Start.Before(other.End) && other.Start.Before(in.End)
}

// Feel says of listed incidents which went through this SLO, and what of the budget they spent in the group that lost most.
func (p *Past) Feel(listed []Incident) {
	for _, g := range p.groups() {
		sums := p.history(g).Sums()
		events := p.events(sums)
		for i := range listed {
			in := &listed[i]
			if !in.of(p.SLO.ID, p.SLO.Service, g.Labels) {
				continue
			}
			if !slices.Contains(in.SLOs, p.SLO.ID) {
				in.SLOs = append(in.SLOs, p.SLO.ID)
			}
			if span := sums.Between(in.Start, in.End); events > 0 {
				in.BudgetSpent = max(in.BudgetSpent, span.Burn(p.SLO.Objective)*span.Total/events)
			}
		}
	}
}

// Unnamed are the incidents that budgets felt and that are in no list.
func Unnamed(felt, listed []Incident) []Incident {
	var out []Incident
	for _, in := range felt {
		if !slices.ContainsFunc(
			listed,
			func(l Incident) bool { return l.About(in.SLO) && l.of(in.SLO, l.Service, in.Labels) && l.overlaps(in) },
		) {
			out = append(out, in)
		}
	}
	return out
}
