package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/plan"
)

// planFiles are the files that a plan is written to and compared with.
type planFiles struct{ calendar, report, mermaid, compare, from string }

// writePlan writes the files that were asked for, all or none.
func (a *app) writePlan(f planFiles, v planView) (err error) {
	if !v.ok {
		return nil
	}
	out := map[string][]byte{}
	if f.calendar != "" {
		if out[f.calendar], err = a.calendarFile(f.calendar, "Kubernetes upgrades", v.plan.Now, v.calendar()); err != nil {
			return err
		}
	}
	if f.mermaid != "" {
		out[f.mermaid] = v.mermaid()
	}
	if f.report != "" {
		var b bytes.Buffer
		if err := report.Write(&b, report.HTML, v.view(report.HTML), report.Style{}); err != nil {
			return err
		}
		out[f.report] = b.Bytes()
	}
	return writeFiles(out)
}

// apart refuses two outputs in one file.
func (f planFiles) apart() error {
	flags := map[string]string{}
	for _, out := range [][2]string{{"--calendar", f.calendar}, {"--mermaid", f.mermaid}, {"--report", f.report}} {
		if other := flags[filepath.Clean(out[1])]; other != "" && out[1] != "" {
			return usage("%s and %s are one file, %s", other, out[0], out[1])
		}
		flags[filepath.Clean(out[1])] = out[0]
	}
	return nil
}

// maxPlan is the largest plan that is read, in bytes: about 2 KB a cluster.
const maxPlan = 1 << 29

// readPlan reads an earlier plan; no name gives none.
func (a *app) readPlan(name string) (*plan.Plan, error) {
	if name == "" {
		return nil, nil
	}
	in, err := a.readUpTo(name, maxPlan)
	if err != nil {
		return nil, err
	}
	var p plan.Plan
	err = json.Unmarshal(in.data, &p)
	if err == nil && (p.Version != 1 || p.Horizon.IsZero()) { // other commands have a version too, and a fleet without a plan no horizon
		err = errors.New("it has no version 1 and horizon")
	}
	if err != nil {
		return nil, fmt.Errorf("%s is not a plan as `upgrade plan -o json` writes it: %w", in.name, err)
	}
	return &p, nil
}

// calendar is the hops of the plan as events. A hop keeps its UID as long as it brings the same cluster to the same version, so that a
// plan made anew moves its events.
func (v planView) calendar() []calendar.Entry {
	var out []calendar.Entry
	for _, c := range v.plan.Campaigns {
		for _, s := range c.Steps {
			what, uid := "control plane to "+s.To.String(), fmt.Sprintf("upgrade-%s-%s@treadmill", c.Cluster, s.To)
			switch {
			case len(c.Hops) == 0:
				what, uid = "nodes to "+s.To.String(), fmt.Sprintf("upgrade-%s-%s-nodes@treadmill", c.Cluster, s.To)
			case s.Nodes:
				what += ", then the nodes"
			}
			out = append(out, calendar.Entry{UID: uid, Summary: c.Cluster + ": " + what, From: s.Start, To: s.End, Categories: []string{"Kubernetes upgrade", orNone(c.Team)},
				Description: fmt.Sprintf("%s. Due %s, slack %s.", c.Reason, c.Due.Format(time.DateOnly), count(c.SlackDays, "day", "days"))})
		}
	}
	return out
}

func orNone(team string) string {
	if team == "" {
		return "no team"
	}
	return team
}
