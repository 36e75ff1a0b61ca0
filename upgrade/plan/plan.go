// Package plan computes the dated upgrade schedule of a fleet, with its cost and a lower bound on what any plan costs.
//
// The way through it: fleet + support windows + now → Solve → Plan; Verify checks a plan against the same input by
// restating every rule, and shares no code with the solver. The model stands in docs/planning.md. Everything is pure and
// deterministic: the order of the clusters in the input does not matter.
//
// How a plan is found: the fleet becomes a problem of whole weeks (model.go), which package solver schedules with a lower
// bound on what any such schedule costs; every hop then gets an opening of a maintenance window (place.go). Add-ons hold
// versions back that no release of theirs supports, and bring steps into campaigns (addons.go); their own work costs nothing.
package plan

import (
	"time"

	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/addons"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/solver"
)

// Plan is a schedule for a fleet.
type Plan struct {
	Version     int            `json:"version"` // of this shape: 1
	Now         time.Time      `json:"now"`
	Horizon     time.Time      `json:"horizon"` // the plan ends here; costs are counted up to it
	Currency    string         `json:"currency"`
	Cost        Cost           `json:"cost"`
	Bound       fleet.Money    `json:"bound"`                 // no plan of whole weeks that obeys the rules costs less
	Gap         float64        `json:"gap"`                   // (cost - bound) / cost
	Interrupted bool           `json:"interrupted,omitempty"` // the search was ended early: it might have found a cheaper plan, or a higher bound
	JustInTime  Habit          `json:"justInTime"`            // what it would cost without a plan
	Campaigns   []Campaign     `json:"campaigns"`             // by start, then cluster
	Unplanned   []Unplanned    `json:"unplanned"`             // by cluster
	Moved       []Move         `json:"moved"`                 // approved campaigns of the plan that this one was made from that cannot stay; by start
	Bindings    []Binding      `json:"bindings"`              // by team and week
	Bill        []Month        `json:"bill"`                  // by month
	Budgets     []Budget       `json:"budgets"`               // by cluster and SLO: the error budgets that were forecast
	Findings    []diag.Finding `json:"findings"`
}

// Cost is what a plan costs until its horizon. Total is the sum of the others.
type Cost struct {
	Total           fleet.Money `json:"total"`
	Campaigns       fleet.Money `json:"campaigns"`
	Hops            fleet.Money `json:"hops"`
	ExtendedSupport fleet.Money `json:"extendedSupport"`
	Unsupported     fleet.Money `json:"unsupported"` // the price the policy puts on days out of support or inside of the margin before
}

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
	Hops        []upgrade.Minor `json:"hops"`
	Start       time.Time       `json:"start"` // in the time zone of the window
	End         time.Time       `json:"end"`
	Timezone    string          `json:"timezone"`
	Steps       []Step          `json:"steps"`
	Due         time.Time       `json:"due"` // when the last support that the policy allows for From ends, less the margin
	SlackDays   int             `json:"slackDays"`
	Reason      string          `json:"reason"`
	Approved    bool            `json:"approved,omitempty"` // a plan made from this one keeps the campaign where it can
	Addons      []AddonStep     `json:"addons"`             // what add-ons ask for, by hop and add-on
}

// Step is one window opening of a campaign.
type Step struct {
	To    upgrade.Minor `json:"to"`    // the control plane's version when the step is done
	Nodes bool          `json:"nodes"` // the nodes are brought to that version too
	Start time.Time     `json:"start"`
	End   time.Time     `json:"end"`
}

// Unplanned is a cluster that is out of support at the horizon, whatever is done by the rules.
type Unplanned struct {
	Cluster     string   `json:"cluster"`
	Reason      string   `json:"reason"`
	Relaxations []string `json:"relaxations"`       // each of them alone makes a plan possible, and less of it does not; found by trying
	Untried     bool     `json:"untried,omitempty"` // not all rules were tried, as there are too many clusters like this
}

// Binding is a team's week whose capacity costs money: what one more hop in it would save, by the relaxation that gives the bound.
type Binding struct {
	Team        string      `json:"team"`
	Week        string      `json:"week"` // ISO, such as 2027-W11
	ShadowPrice fleet.Money `json:"shadowPrice"`
}

// Month is the bill of one calendar month (UTC): what the plan costs, and what doing nothing would.
type Month struct {
	Month           string      `json:"month"` // such as 2027-01
	Campaigns       fleet.Money `json:"campaigns"`
	Hops            fleet.Money `json:"hops"`
	ExtendedSupport fleet.Money `json:"extendedSupport"`
	Unsupported     fleet.Money `json:"unsupported"`
	Without         Without     `json:"without"`
}

// Without is the month's bill if nothing is upgraded.
type Without struct {
	ExtendedSupport fleet.Money `json:"extendedSupport"`
	Unsupported     fleet.Money `json:"unsupported"`
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
	Addons  addons.Table  // releases of add-ons and what they support; the empty table asks for nothing
	Late    bool          // plan for the late edge of dates that are not sure
	Effort  solver.Effort // solver.Usual where it is zero
	Budgets []Budget      // forecasts of the error budgets that guard clusters; a cluster without one waits for none
	From    *Plan         // an earlier plan: what it has approved stays unless it breaks a rule now, and all of it where that costs no more

	all        bool                       // keep all of From
	companions *companions                // what is known of Addons already; made anew where it is nil
	lifted     map[exemption]bool         // freezes that do not hold for clusters
	taken      map[string][]calendar.Span // by cluster: when other hops have taken the budget that it needs
}
