package plan

import (
	"fmt"
	"strings"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/plan"
	"treadmill/upgrade/windows"
)

const addonsTitle = "Add-ons"

// addonsTable lists what add-ons ask for, campaign by campaign.
func (v planView) addonsTable() report.Table {
	t := report.Table{
		Title:   addonsTitle,
		Columns: []report.Column{{Name: "campaign"}, {Name: "cluster"}, {Name: "when"}, {Name: "add-on"}, {Name: "do"}, {Name: "why"}},
	}
	for _, c := range v.plan.Campaigns {
		for _, s := range c.Addons {
			when, do, tone := addonDuty(s)
			if do == "" {
				continue
			}
			t.Rows = append(t.Rows, report.Row{Tone: tone, Cells: []string{c.Start.Format(time.DateOnly), c.Cluster, when, s.Addon, do, s.Reason}})
		}
	}
	return t
}

// addonDuty says when and what is to be done about an add-on; nothing where the table does not know.
func addonDuty(s plan.AddonStep) (when, do string, tone report.Tone) {
	way := strings.Join(append([]string{s.From}, s.Path...), " → ")
	before := "before " + s.Hop.String()
	switch s.Kind {
	case addons.Bridge:
		return before, way, report.Plain
	case addons.After:
		return "after " + s.Hop.String(), way, report.Plain
	case addons.Gap:
		return "with " + s.Hop.String(), way, report.Warn
	case addons.Migrate:
		return before, "replace", report.Warn
	case addons.Blocked:
		if s.State == addons.StateUnconfirmed {
			return before, fmt.Sprintf("a release for %s, unconfirmed: likely by %s", s.Hop, s.Expected+windows.Day(s.Late)), report.Warn
		}
		return before, fmt.Sprintf("a release for %s, likely from %s", s.Hop, dayBar(s)), report.Muted
	default:
		return "", "", report.Plain
	}
}

// dayBar is the day on which a release is likely, with its error.
func dayBar(s plan.AddonStep) string {
	if s.Expected.IsZero() {
		return "a day that nobody knows"
	}
	return fmt.Sprintf("%s -%dd +%dd", s.Expected, s.Early, s.Late)
}
