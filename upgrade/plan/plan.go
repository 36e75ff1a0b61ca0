// Package plan computes the dated upgrade schedule of a fleet, with its cost and a lower bound on what any plan costs.
//
// The way through it: fleet + support windows + now → Solve → Plan. The rules stand in docs/planning.md. Everything is pure and
// deterministic: the order of the clusters in the input does not matter.
//
// The packages below do one step each: model resolves the rules of the fleet (lives of versions, openings, who waits for whom) and states
// them as a problem; solver schedules that with a lower bound on what any schedule costs; place gives every hop its opening of a
// maintenance window; baseline says what the fleet costs without a plan; relax finds what would help clusters that cannot be planned.
// Package verify checks a plan against the same input by restating every rule, and shares no code with what makes plans.
package plan

import (
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/baseline"
	"treadmill/upgrade/plan/model"
	"treadmill/upgrade/plan/relax"
	"treadmill/upgrade/plan/solver"
)

// Plan is a schedule for a fleet.
type Plan struct {
	Version     int              `json:"version"` // of this shape: 1
	Now         time.Time        `json:"now"`
	Horizon     time.Time        `json:"horizon"` // the plan ends here; costs are counted up to it
	Currency    string           `json:"currency"`
	Cost        Cost             `json:"cost"`
	Bound       fleet.Money      `json:"bound"`                 // no plan that obeys the rules costs less
	Proven      bool             `json:"proven"`                // the bound is the cost: no such plan costs less than this one
	Relaxed     bool             `json:"relaxed"`               // the bound is that of an easier problem, in which the openings of a week are joined
	Gap         float64          `json:"gap"`                   // (cost - bound) / cost
	Interrupted bool             `json:"interrupted,omitempty"` // the search was ended early: it might have found a cheaper plan, or a higher bound
	JustInTime  baseline.Summary `json:"justInTime"`            // what it would cost without a plan
	Campaigns   []Campaign       `json:"campaigns"`             // by start, then cluster
	Pools       []PoolRollout    `json:"pools"`                 // rollouts of node pools with windows or rates of their own; by start, then cluster and pool
	Clouds      []CloudUpgrade   `json:"clouds"`                // what providers do by themselves; by day, then cluster
	Exclude     []Exclusion      `json:"exclusions"`            // what must be set so that providers wait; by start, then cluster
	Unplanned   []Unplanned      `json:"unplanned"`             // by cluster
	Approvals   []StageApproval  `json:"approvals,omitempty"`   // of whole stages; as they were given
	Moved       []Move           `json:"moved"`                 // approved campaigns of the plan that this one was made from that cannot stay; by start
	Bindings    []Binding        `json:"bindings"`              // by team and week
	Bill        []Month          `json:"bill"`                  // by month
	Budgets     []Budget         `json:"budgets"`               // by cluster and SLO: the error budgets that were forecast
	Findings    []diag.Finding   `json:"findings"`
}

// The words of the plan that the packages below it define.
type (
	// Cost is what a plan costs, by part.
	Cost = model.Cost
	// Month is the bill of a month.
	Month = model.Month
	// Without is what a month costs without the plan.
	Without = model.Without
	// Budget is the forecast of one error budget for one cluster that it guards.
	Budget = model.Budget
	// Level is the share of a budget that is left from a time on.
	Level = model.Level
	// Unplanned is a cluster that no plan by the rules keeps in support, and what would help.
	Unplanned = relax.Unplanned
)

// Campaign is one piece of work on one cluster: up to three control-plane hops, one window opening each, and one node
// rollout in the last of them. A campaign without hops only brings nodes up to their control plane.
type Campaign struct {
	Cluster     string          `json:"cluster"`
	Provider    string          `json:"provider"`
	Group       string          `json:"group"`
	Team        string          `json:"team"`
	Environment string          `json:"environment"`
	From        upgrade.Minor   `json:"from"`
	To          upgrade.Minor   `json:"to"`
	Release     string          `json:"release,omitempty"` // the provider's own name of From, such as 4.18 of OpenShift
	Hops        []upgrade.Minor `json:"hops"`
	Start       time.Time       `json:"start"` // in the time zone of the window
	End         time.Time       `json:"end"`
	Timezone    string          `json:"timezone"`
	Steps       []Step          `json:"steps"`
	Due         time.Time       `json:"due"`             // when the last support that the policy allows for From ends, less the margin
	SlackDays   int             `json:"slackDays"`       // from Leaves to Due, rounded down
	Billed      time.Time       `json:"billed,omitzero"` // from when on the provider bills extended support for From; zero where it does not
	MonthlyFee  fleet.Money     `json:"monthlyFee"`      // what that costs a month of 730 hours
	Reason      string          `json:"reason"`
	Approved    bool            `json:"approved,omitempty"` // a plan made from this one keeps the campaign where it can
	Approval    *Approval       `json:"approval,omitempty"` // who approved it
	Addons      []AddonStep     `json:"addons"`             // what add-ons ask for, by hop and add-on
}

// Step is one window opening of a campaign.
type Step struct {
	To      upgrade.Minor `json:"to"`                // the control plane's version when the step is done
	Release string        `json:"release,omitempty"` // the provider's own name of it
	Nodes   bool          `json:"nodes"`             // the nodes are brought to that version too
	Start   time.Time     `json:"start"`
	End     time.Time     `json:"end"`
}

// Name is the version that the step brings, with the provider's own name of it.
func (s Step) Name() string { return s.To.As(s.Release) }

// FromName is the version From, with the provider's own name of it.
func (c Campaign) FromName() string { return c.From.As(c.Release) }

// ToName is the version To, with the provider's own name of it.
func (c Campaign) ToName() string {
	if len(c.Steps) == 0 {
		return c.To.String()
	}
	return c.Steps[len(c.Steps)-1].Name()
}

// Leaves is when the campaign has the cluster off the version From: the opening of its first hop closes, or its only one.
func (c Campaign) Leaves() time.Time {
	if len(c.Hops) > 0 && len(c.Steps) > 0 {
		return c.Steps[0].End
	}
	return c.End
}

// DefaultHorizon is the first start of a quarter that is at least fifteen months away: longer than the fourteen months for which
// a version is supported, so that every cluster is due at least once, and whole quarters.
func DefaultHorizon(now time.Time) time.Time {
	y, m, _ := now.UTC().AddDate(0, 15, 0).Date()
	return time.Date(y, (m-1)/3*3+4, 1, 0, 0, 0, 0, time.UTC)
}

// Options say when.
type Options struct {
	Now     time.Time
	Horizon time.Time     // DefaultHorizon where it is zero
	Addons  addons.Table  // releases of add-ons and what they support; the empty table wants nothing
	Late    bool          // plan for the late edge of dates that are not sure
	Effort  solver.Effort // solver.Usual where it is zero
	Budgets []Budget      // forecasts of the error budgets that guard clusters; a cluster without one waits for none
	From    *Plan         // an earlier plan: what it has approved stays unless it breaks a rule now, and all of it where that costs no more

	all        bool              // keep all of From
	companions *model.Companions // what is known of Addons already; made anew where it is nil
	taken      map[string][]calendar.Span
}
