package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"treadmill/cmd/internal/report"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/plan"
)

// planFiles are the files that a plan is written to and compared with.
type planFiles struct{ calendar, report, mermaid, compare string }

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

// readPlan reads an earlier plan; no name gives none.
func (a *app) readPlan(name string) (*plan.Plan, error) {
	if name == "" {
		return nil, nil
	}
	in, err := a.read(name)
	if err != nil {
		return nil, err
	}
	var p plan.Plan
	if err := json.Unmarshal(in.data, &p); err != nil || p.Version != 1 {
		return nil, fmt.Errorf("%s is not a plan as `upgrade plan -o json` writes it (version 1)", name)
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
				Description: fmt.Sprintf("%s. Due %s, slack %d days.", c.Reason, c.Due.Format(time.DateOnly), c.SlackDays)})
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

// moves says what changed since an earlier plan, by cluster and version.
func (v planView) moves() report.Table {
	t := report.Table{Title: "Moved since the plan of " + v.old.Now.Format(time.DateOnly), Columns: []report.Column{{Name: "cluster"}, {Name: "to"}, {Name: "was"}, {Name: "is"}, {Name: "days", Right: true}}}
	type key struct {
		cluster string
		to      string
	}
	before := map[key]time.Time{}
	for _, c := range v.old.Campaigns {
		before[key{c.Cluster, c.To.String()}] = c.Start
	}
	row := func(tone report.Tone, cells ...string) { t.Rows = append(t.Rows, report.Row{Cells: cells, Tone: tone}) }
	for _, c := range v.plan.Campaigns {
		k := key{c.Cluster, c.To.String()}
		old, known := before[k]
		delete(before, k)
		switch {
		case !known:
			row(report.Good, c.Cluster, c.To.String(), "", c.Start.Format(time.DateOnly), "new")
		case !old.Equal(c.Start):
			row(report.Warn, c.Cluster, c.To.String(), old.Format(time.DateOnly), c.Start.Format(time.DateOnly), fmt.Sprintf("%+d", int(c.Start.Sub(old).Hours()/24)))
		}
	}
	for _, c := range v.old.Campaigns {
		if at, gone := before[key{c.Cluster, c.To.String()}]; gone {
			row(report.Muted, c.Cluster, c.To.String(), at.Format(time.DateOnly), "", "gone")
		}
	}
	return t
}
