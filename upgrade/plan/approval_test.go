package plan_test

import (
	"encoding/json"
	"testing"
	"time"

	"treadmill/upgrade/plan"
)

// An approval counts that names somebody and is not of the future; a stage's does where the campaign's own does not.
func TestApprovalsThatCount(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct{ own, stages, fault string }{
		{own: `true`},
		{own: `{"by": "anna", "on": "2026-11-23"}`},
		{own: `{"by": "anna"}`},
		{own: `{"by": "", "on": "2026-11-23"}`, fault: `"by" names nobody`},
		{own: `{"by": "anna", "on": "2026-11-24"}`, fault: `"on" (2026-11-24) is in the future`},
		{own: `{"by": "anna", "on": "2026-11-23T09:00:01Z"}`, fault: `"on" (2026-11-23) is in the future`},
		{own: `{"by": "", "on": "2026-11-23"}`, stages: `{"environment": "prod", "by": "ben", "on": "2026-11-23"}`},
		{own: `false`, stages: `{"environment": "prod", "by": ""}`, fault: `of environment prod: "by" names nobody`},
		{own: `false`, stages: `{"environment": "prod", "by": ""}, {"group": "g", "environment": "prod", "by": "ben"}`},
		{own: `false`, stages: `{"group": "h", "environment": "prod", "by": "ben"}`, fault: "none"},
	} {
		text := `{"campaigns": [{"cluster": "a", "group": "g", "environment": "prod", "approved": ` + c.own + `}], "approvals": [` + c.stages + `]}`
		var p plan.Plan
		if err := json.Unmarshal([]byte(text), &p); err != nil {
			t.Fatal(err)
		}
		_, fault, ok := p.Approved(p.Campaigns[0], now)
		if want := c.fault; ok != (want == "") || want != "none" && fault != want || want == "none" && fault != "" {
			t.Errorf("%s, %s: %q %v, want %q", c.own, c.stages, fault, ok, want)
		}
	}
}
