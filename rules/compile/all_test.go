package compile_test

import (
	"testing"

	"treadmill/rules/compile"
	"treadmill/slo"
)

// TestDraftsTellWhatIsWritten compares what a draft says of its rules with the rules.
func TestDraftsTellWhatIsWritten(t *testing.T) {
	plain, sliced, quiet, paged := availability(t, "99.9"), availability(t, "99"), availability(t, "90"), availability(t, "99.5")
	sliced.ID, sliced.Indicator.Slice = "sliced", slo.Slice{Window: slo.Minute}
	quiet.ID, quiet.Period.Length, quiet.Alerting.NoData = "quiet", 7*slo.Day, slo.Off
	paged.ID, paged.Alerting.Ticket.Disabled = "paged", true
	for _, names := range []bool{false, true} {
		for _, d := range compile.Prepare([]slo.SLO{plain, sliced, quiet, paged}, compile.Options{SlothNames: names}) {
			rules, alerts := 0, 0
			for _, g := range compile.Groups([]*compile.Draft{d}) {
				for _, r := range g.Rules {
					rules++
					if r.Alert != "" {
						alerts++
					}
				}
			}
			if rules == 0 || rules != d.Cost.Rules || alerts != d.Alerts {
				t.Errorf("%s: %d rules with %d alerts are told, %d with %d written", d.SLO.ID, d.Cost.Rules, d.Alerts, rules, alerts)
			}
		}
	}
}
