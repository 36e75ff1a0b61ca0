package plan

import (
	"bytes"
	"fmt"
	"path/filepath"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/upgrade/calendar"
)

// planFiles are the files that a plan is written to and compared with.
type planFiles struct {
	calendar, report, mermaid, compare, from string
	handover                                 []string
}

// writePlan writes the files that were asked for, all or none.
func writePlan(a *app.App, f planFiles, v *planView) (err error) {
	if !v.ok {
		return nil
	}
	out := map[string][]byte{}
	v.handOver(f.handover, out)
	if f.calendar != "" {
		if out[f.calendar], err = a.CalendarFile(f.calendar, "Kubernetes upgrades", v.plan.Now, v.calendar()); err != nil {
			return err
		}
	}
	if f.mermaid != "" {
		out[f.mermaid] = v.mermaid()
	}
	if f.report != "" {
		var b bytes.Buffer
		if err := report.Write(&b, report.HTML, v.view(), report.Style{Origin: a.Origin()}); err != nil {
			return err
		}
		out[f.report] = b.Bytes()
	}
	return a.WriteFiles(out)
}

// check refuses two outputs in one file, and forms of hand-over that do not exist.
func (f planFiles) check() error {
	flags := map[string]string{}
	for _, out := range [][2]string{{"--calendar", f.calendar}, {"--mermaid", f.mermaid}, {"--report", f.report}} {
		if other := flags[filepath.Clean(out[1])]; other != "" && out[1] != "" {
			return app.Usage("%s and %s are one file, %s", other, out[0], out[1])
		}
		flags[filepath.Clean(out[1])] = out[0]
	}
	return checkHandover(f.handover)
}

// calendar is the hops of the plan as events. A hop keeps its UID as long as it brings the same cluster to the same version, so that a
// plan made anew moves its events.
func (v planView) calendar() []calendar.Entry {
	var out []calendar.Entry
	for _, c := range v.plan.Campaigns {
		for _, s := range c.Steps {
			what, uid := "control plane to "+s.Name(), fmt.Sprintf("upgrade-%s-%s@treadmill", c.Cluster, s.To)
			switch {
			case len(c.Hops) == 0:
				what, uid = "nodes to "+s.Name(), fmt.Sprintf("upgrade-%s-%s-nodes@treadmill", c.Cluster, s.To)
			case s.Nodes:
				what += ", then the nodes"
			}
			out = append(out, calendar.Entry{
				UID:         uid,
				Summary:     c.Cluster + ": " + what,
				From:        s.Start,
				To:          s.End,
				Categories:  []string{"Kubernetes upgrade", orNone(c.Team)},
				Description: fmt.Sprintf("%s. Due %s, slack %s.", c.Reason, c.Due.Format(time.DateOnly), app.Count(c.SlackDays, "day", "days")),
			})
		}
	}
	out = append(out, v.poolEvents()...)
	for _, c := range v.plan.Clouds {
		if !c.First {
			continue // the plan's own hops stand in the calendar
		}
		out = append(out, calendar.Entry{
			UID:         fmt.Sprintf("upgrade-%s-%s-provider@treadmill", c.Cluster, c.From),
			Summary:     fmt.Sprintf("%s: %s upgrades it to %s by itself", c.Cluster, c.Provider, c.To),
			From:        c.Day,
			To:          c.Day.AddDate(0, 0, 1),
			Categories:  []string{"Kubernetes upgrade", orNone(c.Team)},
			Description: c.Text() + ".",
		})
	}
	return out
}

func orNone(team string) string {
	if team == "" {
		return "no team"
	}
	return team
}
