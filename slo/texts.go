package slo

import (
	"maps"
	"slices"

	"treadmill/internal/diag"
)

// AlertText is a label or an annotation of alerts, and where it stands: at its SLO, where no place of its own is known.
type AlertText struct {
	Name, Text string
	Pos        diag.Position
}

// AlertTexts are the labels and annotations that an SLO gives its alerts, set by set and by their names.
func (s SLO) AlertTexts() []AlertText {
	var out []AlertText
	al := s.Alerting
	for _, set := range []map[string]string{al.Labels, al.Annotations, al.Page.Labels, al.Page.Annotations,
		al.Ticket.Labels, al.Ticket.Annotations} {
		for _, name := range slices.Sorted(maps.Keys(set)) {
			pos, known := al.Places[set[name]]
			if !known {
				pos = s.Pos
			}
			out = append(out, AlertText{Name: name, Text: set[name], Pos: pos})
		}
	}
	return out
}
