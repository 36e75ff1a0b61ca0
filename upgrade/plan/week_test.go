package plan_test

import (
	"testing"
	"time"
)

// Monday in UTC is Sunday evening in Phoenix: the opening that is under way belongs to the week that ends there, and can still be used.
func TestAnOpeningOfTheWeekBefore(t *testing.T) {
	p := solved(t, time.Date(2027, 1, 25, 0, 0, 0, 0, time.UTC), `target: latest-2, margin: 0d, capacity: {perTeamPerWeek: 1},
		windows: [{days: [Sun], from: "00:00", to: "24:00", timezone: America/Phoenix}]`, `- {name: a, provider: gke, version: "1.34", team: t}`+"\n")
	if got := p.Campaigns[0].Start.Format(time.RFC3339); got != "2027-01-24T17:00:00-07:00" {
		t.Errorf("the first step is on %s", got)
	}
}
