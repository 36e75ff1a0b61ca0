package backtest

import (
	"fmt"
	"slices"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/rules/backtest"
)

// listed reads the list of incidents and keeps those that begin in the time.
func listed(a *app.App, b *backtested) ([]diag.Finding, error) {
	if b.flags.incidents == "" {
		return nil, nil
	}
	in, err := a.Read(b.flags.incidents)
	if err != nil {
		return nil, err
	}
	all, findings := backtest.ReadIncidents(in.Name, in.Data)
	for _, x := range all {
		switch {
		case x.Start.IsZero() || x.End.IsZero(): // which is a finding
		case x.Start.Before(b.since) || x.Start.After(b.now):
			b.outside++
		default:
			b.listed = append(b.listed, x)
		}
	}
	return findings, nil
}

// unknown leaves out the listed incidents that no SLO here is about, as nothing here could have told them, and says so.
func (b *backtested) unknown() []diag.Finding {
	var findings []diag.Finding
	b.listed = slices.DeleteFunc(b.listed, func(in backtest.Incident) bool {
		if len(in.SLOs) > 0 {
			return false
		}
		findings = append(findings, diag.Finding{ID: "incidents/slo", Severity: diag.Warning, Position: in.Pos,
			Message: fmt.Sprintf("the incident of %s is about %s, of which nothing is replayed; it is left out",
				in.Start.Format(app.MinuteFormat), subject(in))})
		return true
	})
	return findings
}

// subject is what an incident is about, in words.
func subject(in backtest.Incident) string {
	out := "all SLOs"
	switch {
	case in.SLO != "":
		out = in.SLO
	case in.Service != "":
		out = "the service " + in.Service
	}
	if group := app.GroupName(in.Labels); group != "" && in.Listed {
		out += ", " + group
	}
	return out
}

// ofSLO are the incidents that are about an SLO.
func ofSLO(all []backtest.Incident, id string) []backtest.Incident {
	return slices.DeleteFunc(slices.Clone(all), func(in backtest.Incident) bool { return !in.About(id) })
}
