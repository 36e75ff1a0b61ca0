package input

import (
	"slices"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/slo"
	"treadmill/slo/review"
)

// Gated is what the gate says of one SLO.
type Gated struct {
	Name      string         `json:"name"`
	Objective slo.Number     `json:"objective"`
	State     review.State   `json:"state"`
	Groups    []gatedGroup   `json:"groups"`
	Findings  []diag.Finding `json:"-"`
}

type gatedGroup struct {
	Labels map[string]string `json:"labels"`
	review.Verdict
}

// PeriodStart is when the period of an SLO began that holds the present.
func PeriodStart(a *app.App, s slo.SLO) (time.Time, error) {
	return review.Start(s.Period, time.Time(a.Now))
}

// Judge is the verdict of one SLO: that of its worst group. The limits are those of a group by its labels. With open, what is not known
// is a warning.
func Judge(a *app.App, m Measured, limits func(labels map[string]string) review.Limits, open bool) Gated {
	g := Gated{
		Name:      m.SLO.ID,
		Objective: m.SLO.Objective.Mul(slo.NewNumber(100, 1)),
		State:     review.Open,
		Groups:    []gatedGroup{},
		Findings:  m.Findings,
	}
	from, _ := PeriodStart(a, m.SLO) // it was tried when the history was read
	for _, h := range m.Groups {
		v := h.Judge(m.SLO.Objective, m.SLO.Period, from, time.Time(a.Now), limits(h.Labels))
		g.Groups = append(g.Groups, gatedGroup{h.Labels, v})
		if v.State != review.Unknown {
			g.Findings = append(g.Findings, Gaps(m.SLO, h, from, time.Time(a.Now))...)
		}
		for _, reason := range v.Reasons {
			g.Findings = append(g.Findings, VerdictFinding(m.SLO, h.Name(), v.State, reason))
		}
		if v.State == review.Unknown || v.State == review.Closed && g.State == review.Open {
			g.State = v.State
		}
	}
	if len(m.Groups) == 0 {
		g.State = review.Unknown
		if !diag.Any(m.Findings, diag.Error) {
			g.Findings = append(g.Findings, VerdictFinding(m.SLO, "", review.Unknown,
				"the server has no events of this SLO: check its queries and that the service is scraped"))
		}
	}
	if open {
		for i := range g.Findings {
			if g.Findings[i].ID == diag.Unread {
				g.Findings[i].Severity = diag.Warning
			}
		}
	}
	return g
}

// GateUnseen is what it means for a gate that something is not known.
const GateUnseen = "the gate is not known to be open, as something that it takes to say so is not known (--on-no-data open accepts that)"

// VerdictFinding is a gate that is closed, or of which nothing is known, for a reason.
func VerdictFinding(s slo.SLO, group string, state review.State, reason string) diag.Finding {
	f := diag.Finding{ID: "gate/closed", Severity: diag.Error, Position: s.Pos, Message: s.ID + ": " + reason}
	if group != "" {
		f.Message = s.ID + " (" + group + "): " + reason
	}
	if state == review.Unknown {
		f.ID = diag.Unread
	}
	return f
}

// noEvents is what it means that a server has no events of an SLO at any time.
const noEvents = "there are no events of this SLO: check its queries and the retention of the server"

// Seen are the findings of what was measured; an SLO without events is one, where nothing else says why it has none.
func (m Measured) Seen() []diag.Finding {
	if len(m.Groups) > 0 || diag.Any(m.Findings, diag.Error) {
		return m.Findings
	}
	return append(slices.Clip(m.Findings), VerdictFinding(m.SLO, "", review.Unknown, noEvents))
}

// Loud leaves out what is said for information about the rules, which is not what was asked, unlike the history.
func Loud(findings []diag.Finding) []diag.Finding {
	var out []diag.Finding
	for _, f := range findings {
		if f.Severity > diag.Info || ofHistory(f) {
			out = append(out, f)
		}
	}
	return out
}

// BudgetTone is how urgent it is that so much of a budget is left.
func BudgetTone(left float64) report.Tone {
	switch {
	case left < 0:
		return report.Bad
	case left < 0.25:
		return report.Warn
	}
	return report.Good
}
