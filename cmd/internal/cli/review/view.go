package review

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/slo/review"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/history"
	"treadmill/upgrade/plan"
)

// data is the machine shape of `treadmill review`.
type data struct {
	Version   int            `json:"version"`
	Quarter   string         `json:"quarter"`
	From      time.Time      `json:"from"`
	To        time.Time      `json:"to"`
	SLOs      []sloRow       `json:"slos"` // the one with the least left first
	Hops      []hop          `json:"hops"` // that were done in the quarter
	Waits     []wait         `json:"waits"`
	Currency  string         `json:"currency"`
	WaitCost  fleet.Money    `json:"waitCost"` // of all plans together: with budgets less without
	Moved     []moved        `json:"moved"`
	Decisions []string       `json:"decisions"`
	Next      []duty         `json:"next"`
	Findings  []diag.Finding `json:"findings"`
}

// hop is one that was done.
type hop struct {
	Cluster string             `json:"cluster"`
	From    string             `json:"from"`
	To      string             `json:"to"`
	Start   time.Time          `json:"start"`
	Minutes int                `json:"minutes"`
	Outcome string             `json:"outcome"`
	Spent   map[string]float64 `json:"spent"`
}

// wait is a cluster whose next campaign starts later because of an error budget.
type wait struct {
	Cluster  string    `json:"cluster"`
	Planned  time.Time `json:"planned"`
	Could    time.Time `json:"could"` // when it would start without budgets
	Days     int       `json:"days"`
	SLO      string    `json:"slo"`
	Incident string    `json:"incident"` // the one that spent most of it in the quarter
}

// moved is a campaign whose date is not that of the earlier plan.
type moved struct {
	Cluster string    `json:"cluster"`
	To      string    `json:"to"`
	Before  time.Time `json:"before"`
	Now     time.Time `json:"now,omitzero"` // zero: it is planned no more
}

// duty is what the next quarter asks of a campaign.
type duty struct {
	Team    string    `json:"team"`
	Duty    string    `json:"duty"`
	Cluster string    `json:"cluster"`
	From    string    `json:"from"`
	To      string    `json:"to"`
	Planned time.Time `json:"planned"`
	Due     time.Time `json:"due"`
}

func (q *quarter) view() report.View {
	d := data{
		Version:  1,
		Quarter:  q.in.Name,
		From:     q.in.From,
		To:       q.in.To,
		SLOs:     app.List(q.slos),
		Hops:     app.List(q.hops()),
		Waits:    app.List(q.waits()),
		Currency: q.plan.Currency,
		WaitCost: max(0, q.plan.Cost.Total-q.free.Cost.Total),
		Moved:    app.List(q.moves()),
		Next:     app.List(q.next()),
		Findings: app.List(q.findings),
	}
	d.Decisions = app.List(q.decisions(d))
	tables := []report.Table{budgetTable(d), incidentTable(d), hopTable(d), waitTable(d), moveTable(d), decisionTable(d), dutyTable(d)}
	tables = slices.DeleteFunc(tables, func(t report.Table) bool { return len(t.Rows) == 0 })
	n := d.counted()
	return report.View{Title: "Review of " + d.Quarter, Lead: d.lead(n), Figures: n.figures(d), Tables: tables, Findings: q.findings, Data: d}
}

// counts are the numbers of a quarter that matter.
type counts struct {
	missed         int // objectives
	incidents, own int // own are those that hops caused
	done, undone   int // hops; undone are those that failed or were rolled back
	must           int // campaigns of the next quarter
}

func (d data) counted() counts {
	var n counts
	for _, s := range d.SLOs {
		if s.Left < 0 {
			n.missed++
		}
		for _, x := range s.Incidents {
			n.incidents++
			if x.Hop != "" {
				n.own++
			}
		}
	}
	for _, h := range d.Hops {
		if h.Outcome == string(history.Done) {
			n.done++
		} else {
			n.undone++
		}
	}
	for _, next := range d.Next {
		if next.Duty == plan.Must {
			n.must++
		}
	}
	return n
}

func (n counts) figures(d data) []report.Figure {
	return []report.Figure{
		report.Counted("objectives missed, of "+strconv.Itoa(len(d.SLOs)), n.missed, report.Bad),
		report.Counted("incidents", n.incidents, report.Plain),
		report.Counted("incidents by hops", n.own, report.Bad),
		report.Counted("hops done", n.done, report.Plain),
		report.Counted("must be done next quarter", n.must, report.Plain),
		report.Counted("decisions due", len(d.Decisions), report.Warn),
	}
}

// lead is the quarter in three sentences.
func (d data) lead(n counts) []string {
	undone := ""
	if n.undone > 0 {
		undone = fmt.Sprintf(", %d failed or rolled back", n.undone)
	}
	out := []string{
		fmt.Sprintf("%s: %d of %s missed; %s, %d of them by hops; %s done%s.", d.Quarter, n.missed, app.Count(len(d.SLOs), "objective", "objectives"),
			app.Count(n.incidents, "incident", "incidents"), n.own, app.Count(n.done, "hop", "hops"), undone),
	}
	out = append(out, fmt.Sprintf("Next quarter: %s, %d of which must be done. %s due.", app.Count(len(d.Next), "campaign", "campaigns"),
		n.must, app.Count(len(d.Decisions), "decision is", "decisions are")))
	if len(d.Waits) > 0 {
		out = append(out, fmt.Sprintf("%s for error budgets, which costs %s %s.",
			app.Count(len(d.Waits), "cluster waits", "clusters wait"), d.WaitCost, d.Currency))
	}
	return out
}

// hops are those of the records.
func (q *quarter) hops() []hop {
	var out []hop
	for _, r := range q.records {
		h := hop{
			Cluster: r.Cluster.V,
			From:    r.From.V.String(),
			To:      r.To.V.String(),
			Start:   r.Start.V.Time,
			Minutes: int(r.End.V.Sub(r.Start.V.Time).Minutes()),
			Outcome: string(r.Outcome),
			Spent:   map[string]float64{},
		}
		if h.Outcome == "" {
			h.Outcome = "done"
		}
		for name, share := range r.Spent {
			h.Spent[name] = float64(share)
		}
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b hop) int {
		if c := a.Start.Compare(b.Start); c != 0 {
			return c
		}
		return strings.Compare(a.Cluster, b.Cluster)
	})
	return out
}

// firsts are the first campaigns of clusters.
func firsts(p plan.Plan) map[string]plan.Campaign {
	out := map[string]plan.Campaign{}
	for _, c := range p.Campaigns {
		if _, ok := out[c.Cluster]; !ok {
			out[c.Cluster] = c
		}
	}
	return out
}

// waits are the clusters whose next campaign the budgets put off.
func (q *quarter) waits() []wait {
	free := firsts(q.free)
	seen := map[string]bool{}
	var out []wait
	for _, c := range q.plan.Campaigns {
		could, ok := free[c.Cluster]
		if seen[c.Cluster] || !ok || !c.Start.After(could.Start.Add(24*time.Hour)) {
			seen[c.Cluster] = true
			continue
		}
		seen[c.Cluster] = true
		w := wait{Cluster: c.Cluster, Planned: c.Start, Could: could.Start, Days: int(c.Start.Sub(could.Start).Hours() / 24)}
		for _, b := range q.plan.Budgets {
			if b.Cluster == c.Cluster && b.Left < b.Needed {
				w.SLO, w.Incident = b.SLO, q.worst(b.SLO)
			}
		}
		if w.SLO != "" {
			out = append(out, w)
		}
	}
	return out
}

// worst is the incident that spent most of the budget of an SLO in the quarter.
func (q *quarter) worst(guard string) string {
	var most review.Incident
	for _, s := range q.slos {
		if name, _, _ := strings.Cut(guard, " ("); name != s.Name {
			continue
		}
		for _, x := range s.Incidents {
			if x.Spent > most.Spent {
				most = x.Incident
			}
		}
	}
	if most.Spent == 0 {
		return ""
	}
	return fmt.Sprintf("%s, %s of the budget", most.Start.Format(app.MinuteFormat), review.Percent(most.Spent))
}

// moves compares the plan with the earlier one.
func (q *quarter) moves() []moved {
	if q.before == nil {
		return nil
	}
	now := map[string]plan.Campaign{}
	for _, c := range q.plan.Campaigns {
		now[c.Cluster+" "+c.To.String()] = c
	}
	var out []moved
	for _, c := range q.before.Campaigns {
		n, ok := now[c.Cluster+" "+c.To.String()]
		if ok && n.Start.Equal(c.Start) || !ok && q.reached(c) {
			continue
		}
		out = append(out, moved{Cluster: c.Cluster, To: c.To.String(), Before: c.Start, Now: n.Start})
	}
	return out
}

// reached reports whether a campaign is done: the cluster runs its version.
func (q *quarter) reached(c plan.Campaign) bool {
	return slices.ContainsFunc(q.fleet.Clusters, func(x fleet.Cluster) bool { return x.Name.V == c.Cluster && !x.Version.V.Less(c.To) })
}

// next is what the quarter after asks for.
func (q *quarter) next() []duty {
	begin := q.in.From.AddDate(0, 3, 0)
	end := begin.AddDate(0, 3, 0)
	var out []duty
	for _, c := range q.plan.Campaigns {
		if c.Start.Before(begin) || !c.Start.Before(end) {
			continue
		}
		out = append(out, duty{Team: c.Team, Duty: c.Duty(end), Cluster: c.Cluster, From: c.From.String(), To: c.To.String(),
			Planned: c.Start, Due: c.Due})
	}
	order := []string{plan.Must, plan.Should, plan.CanWait}
	slices.SortStableFunc(out, func(a, b duty) int { return slices.Index(order, a.Duty) - slices.Index(order, b.Duty) })
	return out
}

// decisions are what people have to say.
func (q *quarter) decisions(d data) []string {
	var out []string
	for _, s := range d.SLOs {
		if s.Decision != "" {
			out = append(out, fmt.Sprintf("%s has %s of its budget left: %s", s.title(), review.Percent(s.Standing), s.Decision))
		}
	}
	for _, s := range d.SLOs {
		for _, x := range s.FollowUps {
			out = append(out, fmt.Sprintf("%s: %s, %s", s.title(), x.Do, x.After()))
		}
	}
	end := q.in.From.AddDate(0, 6, 0)
	for _, c := range q.plan.Campaigns {
		i := slices.IndexFunc(q.fleet.Clusters, func(x fleet.Cluster) bool { return x.Name.V == c.Cluster })
		if i < 0 || !c.Start.Before(end) || !q.fleet.Policy.Approval.Required(q.fleet.Clusters[i]) {
			continue
		}
		if _, _, given := q.plan.Approved(c, q.plan.Now); !given {
			out = append(out, fmt.Sprintf("approve %s from %s to %s on %s", c.Cluster, c.From, c.To, c.Start.Format(time.DateOnly)))
		}
	}
	for _, u := range q.plan.Unplanned {
		out = append(out, fmt.Sprintf("%s cannot be planned: %s", u.Cluster, u.Reason))
	}
	return out
}

func (s sloRow) title() string {
	if group := app.GroupName(s.Labels); group != "" {
		return s.Name + " (" + group + ")"
	}
	return s.Name
}
