package compile

import (
	"treadmill/internal/diag"
	"treadmill/slo"
)

// Explanation is what the alerts of one SLO promise. Numbers are exact; Objective is in percent.
type Explanation struct {
	Name      string     `json:"name"`
	Objective slo.Number `json:"objective"`
	Period    slo.Window `json:"period"`
	Alerts    []Promise  `json:"alerts"`
	// Components are those of a composite, whose alerts are told for errors that hit all components alike.
	Components []ComponentPromise `json:"components,omitempty"`
	Cost       Cost               `json:"cost"`
	Findings   []diag.Finding     `json:"findings"`
}

// Promise is what one pair of windows promises.
type Promise struct {
	Severity    string     `json:"severity"`
	Long        slo.Window `json:"long"`
	Short       slo.Window `json:"short"`
	Burn        slo.Number `json:"burn"`
	Threshold   slo.Number `json:"threshold"`   // share of bad events above which it fires
	BudgetShare slo.Number `json:"budgetShare"` // share of the period's budget that is spent when it fires
	// Detection is how long errors at a share of all events take to fire the pair, by the share; "never" when they do not.
	Detection map[string]string `json:"detection"`
	Reset     slo.Window        `json:"reset"` // after a full outage, at the most
}

// ComponentPromise is what one component of a composite can do by itself.
type ComponentPromise struct {
	Name      string     `json:"name"`
	Objective slo.Number `json:"objective"` // percent
	Weight    slo.Number `json:"weight"`
	// Alone is the share of the component's events that must be bad to fire each pair while all other components are
	// well, in the order of the alerts; 1 and more is out of its reach. It is empty where slices of time are counted:
	// there the component makes slices bad as the whole does.
	Alone []slo.Number `json:"alone"`
}

// Shares are the shares of bad events for which detection is told, falling.
func Shares() []slo.Number {
	return []slo.Number{
		slo.NewNumber(1, 1),
		slo.NewNumber(1, 2),
		slo.NewNumber(1, 10),
		slo.NewNumber(1, 20),
		slo.NewNumber(1, 50),
		slo.NewNumber(1, 100),
	}
}

// Never is the detection of errors that do not fire.
const Never = "never"

// Explain says what the drafts promise. Those with errors promise nothing and are left out.
func Explain(drafts []*Draft, o Options) []Explanation {
	out := []Explanation{}
	for _, r := range drafts {
		if r.Failed() {
			continue
		}
		e := Explanation{Name: r.SLO.ID, Objective: r.SLO.Objective.Mul(slo.NewNumber(100, 1)), Period: r.SLO.Period.Length,
			Alerts: []Promise{}, Cost: r.Cost, Findings: append([]diag.Finding{}, r.Findings...)}
		for _, b := range r.Burns {
			e.Alerts = append(e.Alerts, promise(b, o))
		}
		e.Components = componentPromises(r.Result)
		out = append(out, e)
	}
	return out
}

func componentPromises(r Result) []ComponentPromise {
	var out []ComponentPromise
	for _, comp := range r.SLO.Components {
		p := ComponentPromise{Name: comp.Name, Objective: comp.Objective.Mul(slo.NewNumber(100, 1)), Weight: comp.Weight, Alone: []slo.Number{}}
		for _, b := range r.Burns {
			if r.SLO.Indicator.Slice.Window == 0 {
				p.Alone = append(p.Alone, b.Rate.Div(comp.Factor()))
			}
		}
		out = append(out, p)
	}
	return out
}

// promise tells of detection at evaluations, and, where scrapes are rarer, at those that follow a scrape.
func promise(b slo.Burn, o Options) Promise {
	p := Promise{Severity: string(b.Severity), Long: b.Long, Short: b.Short, Burn: b.Rate, Threshold: b.Threshold,
		BudgetShare: b.Share, Detection: map[string]string{}, Reset: b.Reset()}
	for _, share := range Shares() {
		p.Detection[share.String()] = Never
		if d, ok := b.Detection(share, max(o.Every(), o.scrape())); ok {
			p.Detection[share.String()] = d.String()
		}
	}
	return p
}
