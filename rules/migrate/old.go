package migrate

import (
	"fmt"
	"maps"
	"slices"

	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/backtest"
	"treadmill/slo"
)

// Named is the groups of old rule files with the severity of each alert under one name: what Sloth says in its own label, and else the
// label severity. An alert whose severity is not known is held against tickets, which is found.
func Named(groups []rules.Group) ([]rules.Group, []diag.Finding) {
	var findings []diag.Finding
	out := slices.Clone(groups)
	for i := range out {
		out[i].Rules = slices.Clone(out[i].Rules)
		for j := range out[i].Rules {
			r := &out[i].Rules[j]
			if r.Alert == "" {
				continue
			}
			r.Labels = maps.Clone(r.Labels)
			if own := r.Labels["sloth_severity"]; own != "" {
				r.Labels["severity"] = own
			}
			if word := r.Labels["severity"]; word != "" {
				if _, known := slo.SeverityOf(word); !known {
					findings = append(findings, diag.Finding{ID: "spec/severity", Severity: diag.Warning, Position: r.Pos, Message: fmt.Sprintf(
						"the severity %q is not known: the alert %s is compared with tickets", word, r.Alert)})
				}
			}
		}
	}
	return out, findings
}

// About picks the alerts that are about an SLO: by the label of the tool that names it, or where an alert has none, by what backtest.Relate
// said of the series that it reads.
func About(alerts []backtest.Alert, s slo.SLO) []backtest.Alert {
	return slices.DeleteFunc(slices.Clone(alerts), func(a backtest.Alert) bool {
		switch id, name := a.Labels["sloth_id"], a.Labels["slo"]; {
		case id != "":
			return id != s.Local()
		case name != "":
			return name != s.ID && name != s.Name
		}
		return !slices.Contains(a.SLOs, s.ID)
	})
}
