package model

import (
	"slices"
	"time"

	"treadmill/upgrade/fleet"
)

// Stay is a time that a cluster spends at one version. Forced says that the provider ends it.
type Stay struct {
	Version  int
	From, To Minutes
	Forced   bool
}

// Stays follows a unit from now to the horizon. A version is left when the window of the hop closes, or when the provider upgrades the
// cluster by itself.
func (p *Problem) Stays(u *Unit, all []Work) []Stay {
	out := []Stay{{Version: u.At, From: p.Now, To: p.Horizon}}
	last := func() *Stay { return &out[len(out)-1] }
	came := p.Now // when it came to its version: the start of the hop
	forced := func(before Minutes) {
		for v := last().Version; v+1 < len(u.Lives.Versions); v = last().Version {
			at := u.Lives.Versions[v].Forced
			if at >= before || at < came { // who comes after the day on which the provider acts stays
				return
			}
			last().To, last().Forced, came = max(at, last().From), true, at // a hop that is under way is ended first
			out = append(out, Stay{Version: v + 1, From: last().To, To: p.Horizon})
		}
	}
	for _, w := range all {
		for k := range w.Hops {
			x := u.Slots.All[w.Slots[k]]
			if last().Version < w.From+k {
				forced(x.Start + 1)
			}
			last().To, came = x.End, x.Start
			out = append(out, Stay{Version: w.From + k + 1, From: x.End, To: p.Horizon})
		}
	}
	forced(p.Horizon)
	return out
}

// Cost is what a plan costs until its horizon. Total is the sum of the others.
type Cost struct {
	Total           fleet.Money `json:"total"`
	Campaigns       fleet.Money `json:"campaigns"`
	Hops            fleet.Money `json:"hops"`
	ExtendedSupport fleet.Money `json:"extendedSupport"`
	Unsupported     fleet.Money `json:"unsupported"` // the price that the policy puts on days past due, and on upgrades by the provider
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

// MaxDay stands for supports that never end, in dates that people read: the last day of the year 2199.
const MaxDay = 84005

// Bill adds up what the work of all units costs, and by month.
func (p *Problem) Bill(workOf func(*Unit) []Work) (Cost, []Month) {
	months := p.months()
	ends := make([]Minutes, len(months))
	for i := range months {
		t, _ := time.Parse("2006-01", months[i].Month) // written by months
		ends[i] = min(p.Horizon, MinutesOf(t.AddDate(0, 1, 0)))
	}
	at := func(t Minutes) int {
		i, _ := slices.BinarySearch(ends, t+1)
		return min(i, len(ends)-1)
	}
	costs := p.Fleet.Policy.Costs
	for _, u := range p.Units {
		for _, w := range workOf(u) {
			months[at(u.Slots.All[w.Slots[0]].Start)].Campaigns += costs.Campaign.V
			for _, i := range w.Slots[:w.Hops] {
				months[at(u.Slots.All[i].Start)].Hops += costs.Hop.V
			}
		}
		p.spread(u, p.Stays(u, workOf(u)), ends, func(i int, fee, risk fleet.Money) {
			months[i].ExtendedSupport += fee
			months[i].Unsupported += risk
		})
		p.spread(u, p.Stays(u, nil), ends, func(i int, fee, risk fleet.Money) {
			months[i].Without.ExtendedSupport += fee
			months[i].Without.Unsupported += risk
		})
	}
	var sum Cost
	for _, m := range months {
		sum.Campaigns += m.Campaigns
		sum.Hops += m.Hops
		sum.ExtendedSupport += m.ExtendedSupport
		sum.Unsupported += m.Unsupported
	}
	sum.Total = sum.Campaigns + sum.Hops + sum.ExtendedSupport + sum.Unsupported
	return sum, months
}

// Total is what the work of all units costs.
func (p *Problem) Total() fleet.Money {
	cost, _ := p.Bill(func(u *Unit) []Work { return u.Work })
	return cost.Total
}

// spread divides what stays cost over the months.
func (p *Problem) spread(u *Unit, stays []Stay, ends []Minutes, add func(month int, fee, risk fleet.Money)) {
	for _, st := range stays {
		from := st.From
		for i, end := range ends {
			to := min(end, st.To)
			if to <= from {
				continue
			}
			fee, risk := u.Lives.Versions[st.Version].paid(from, to)
			if fee > 0 || risk > 0 {
				add(i, fee, risk)
			}
			from = to
		}
		if st.Forced {
			i, _ := slices.BinarySearch(ends, st.To+1)
			add(min(i, len(ends)-1), 0, p.ForcePrice)
		}
	}
}

// months lists the months from now to the horizon.
func (p *Problem) months() []Month {
	out := []Month{}
	now := TimeOf(p.Now, time.UTC)
	for t := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC); MinutesOf(t) < p.Horizon || len(out) == 0; t = t.AddDate(0, 1, 0) {
		out = append(out, Month{Month: t.Format("2006-01")})
	}
	return out
}
