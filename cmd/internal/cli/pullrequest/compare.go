package pullrequest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan"
)

// Missing is a job that ran on one side alone.
const Missing = "report/missing"

// data is the machine shape of `report pr`.
type data struct {
	APIs     findingCount   `json:"apis"`
	Rules    ruleCount      `json:"rules"`
	Changes  []ruleChange   `json:"changes"`  // of alerts: what is lost, changed and gained
	SLOs     []sloChange    `json:"slos"`     // that are not what they were
	Cost     *planCost      `json:"cost"`     // of the plan; null where no plan was made
	Moves    []move         `json:"moves"`    // of campaigns, by their first day
	Budgets  []budget       `json:"budgets"`  // of SLOs on the side that comes, least left first
	Findings []diag.Finding `json:"findings"` // that the change brings
	Gone     []diag.Finding `json:"gone"`     // that it takes away
	Version  int            `json:"version"`
}

// findingCount counts the findings of a scan.
type findingCount struct {
	Added int `json:"added"`
	Gone  int `json:"gone"`
	Same  int `json:"same"`
}

// ruleCount counts rules, as `rules ci` does.
type ruleCount struct {
	Added   int `json:"added"`
	Changed int `json:"changed"`
	Removed int `json:"removed"`
	Same    int `json:"same"`
}

// ruleChange is an alert that is not what it was.
type ruleChange struct {
	Kind     string   `json:"kind"` // added, changed or removed
	Name     string   `json:"name"`
	Severity string   `json:"severity"`
	What     []string `json:"what"` // what differs, in words
}

// sloChange is an SLO that is not what it was.
type sloChange struct {
	Name string   `json:"name"`
	Kind string   `json:"kind"` // added, changed or removed
	What []string `json:"what"` // what differs, in words
}

// planCost is what the plan costs on both sides.
type planCost struct {
	Before   fleet.Money `json:"before"`
	After    fleet.Money `json:"after"`
	Currency string      `json:"currency"`
}

// move is a campaign whose first day is another, or that one side alone has.
type move struct {
	Cluster string    `json:"cluster"`
	To      string    `json:"to"`
	Before  time.Time `json:"before,omitzero"`
	After   time.Time `json:"after,omitzero"`
	Reason  string    `json:"reason"` // of the campaign as it is now
}

// budget is that of an SLO, of its group that has least left.
type budget struct {
	Name      string  `json:"name"`
	Objective float64 `json:"objective"`
	State     string  `json:"state"` // of the gate
	Left      float64 `json:"budgetLeft"`
	Needed    float64 `json:"needed"`
	Burn      float64 `json:"burn"`
}

// result is what a pull request changes.
type result struct {
	data data
	ran  map[string]bool // which jobs ran on the side that comes
	same int             // findings that both sides have
}

// compare says what differs between two sides.
func compare(base, head side) result {
	r := result{ran: map[string]bool{}, data: data{
		Version: 1, Changes: []ruleChange{}, Gone: []diag.Finding{}, SLOs: []sloChange{}, Moves: []move{}, Budgets: []budget{},
	}}
	before := jobs(&base)
	for i, j := range jobs(&head) {
		r.ran[j.file] = j.ran
		if j.both && j.ran != before[i].ran {
			r.missing(j, base.folder, head.folder)
		}
	}
	r.apis(base, head)
	if head.rules != nil {
		r.data.Rules, r.data.Changes = head.rules.Rules, app.List(head.rules.Changes)
		r.findings(nil, head.rules.Findings)
	}
	r.slos(base, head)
	if head.plan != nil {
		r.plan(base.plan, *head.plan)
	}
	r.budgets(head.budget)
	return r
}

// missing tells of a job that ran on one side alone. Where it is the side that comes, what the change does is not known.
func (r *result) missing(j job, base, head string) {
	f := diag.Finding{ID: Missing, Severity: diag.Warning, Position: diag.Position{File: base},
		Message: fmt.Sprintf("no %s of the side before: everything counts as new; run `%s` there too", j.file, j.command)}
	if !j.ran {
		f.Severity, f.File = diag.Error, head
		f.Message = fmt.Sprintf("no %s, which %s has: what the change does to %s is not known; run `%s` there too", j.file, base, j.about, j.command)
	}
	r.data.Findings = append(r.data.Findings, f)
}

// findings notes which of a job one side alone has: see diag.Again.
func (r *result) findings(before, after []finding) (n findingCount) {
	old := slices.Repeat([]bool{false}, len(before))
	for i, j := range diag.Again(marks(before), marks(after)) {
		if j >= 0 {
			old[j] = true
			n.Same++
			continue
		}
		n.Added++
		r.data.Findings = append(r.data.Findings, after[i].Finding)
	}
	for j, f := range before {
		if !old[j] {
			n.Gone++
			r.data.Gone = append(r.data.Gone, f.Finding)
		}
	}
	r.same += n.Same
	return n
}

// marks are what findings are known by. One that has become worse, or says something else, is another one.
func marks(fs []finding) []diag.Mark {
	out := make([]diag.Mark, len(fs))
	for i, f := range fs {
		out[i] = diag.Mark{Position: f.Position, ID: f.ID + " " + f.Severity.String(), Message: diag.Said(f.Message)}
		if f.Kind != "" {
			out[i].Object = strings.Join([]string{f.APIVersion, f.Kind, f.Namespace, f.Name, out[i].Message}, "\x00")
		}
	}
	return out
}

func (r *result) apis(base, head side) {
	var before, after []finding
	if base.scan != nil {
		before = base.scan.Findings
	}
	if head.scan != nil {
		after = head.scan.Findings
		r.data.APIs = r.findings(before, after)
	}
}

// plan compares campaigns by the cluster and the version that they bring it to.
func (r *result) plan(before *plan.Plan, after plan.Plan) {
	r.data.Cost = &planCost{After: after.Cost.Total, Currency: after.Currency}
	old := map[[2]string]plan.Campaign{}
	var known []diag.Finding
	if before != nil {
		r.data.Cost.Before, known = before.Cost.Total, before.Findings
		for _, c := range before.Campaigns {
			old[[2]string{c.Cluster, c.To.String()}] = c
		}
	}
	r.findings(plain(known), plain(after.Findings))
	for _, c := range after.Campaigns {
		k := [2]string{c.Cluster, c.To.String()}
		was := old[k]
		delete(old, k)
		if !was.Start.Equal(c.Start) {
			r.data.Moves = append(r.data.Moves, move{Cluster: c.Cluster, To: k[1], Before: was.Start, After: c.Start, Reason: c.Reason})
		}
	}
	for k, c := range old {
		r.data.Moves = append(r.data.Moves, move{Cluster: k[0], To: k[1], Before: c.Start})
	}
	slices.SortFunc(r.data.Moves, func(a, b move) int { return strings.Compare(a.order(), b.order()) })
}

// order is by the first day, on either side.
func (m move) order() string {
	first := m.After
	if first.IsZero() || !m.Before.IsZero() && m.Before.Before(first) {
		first = m.Before
	}
	return fmt.Sprintf("%020d\x00%s\x00%s", first.Unix(), m.Cluster, m.To)
}

func plain(list []diag.Finding) []finding {
	out := make([]finding, 0, len(list))
	for _, f := range list {
		out = append(out, finding{Finding: f})
	}
	return out
}
