package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/plan/model"
)

// FindingCloudFirst is the ID of the finding that a provider upgrades a cluster before the plan does, or may do so at any time.
const FindingCloudFirst = "plan/cloud-first"

// CloudUpgrade is an upgrade that a provider does by itself, or is overdue to do.
type CloudUpgrade struct {
	Cluster    string        `json:"cluster"`
	Provider   string        `json:"provider"`
	Team       string        `json:"team"`
	From       upgrade.Minor `json:"from"`
	To         upgrade.Minor `json:"to"`             // more than one minor on where the provider does several on one day
	Day        time.Time     `json:"day"`            // on which the plan takes it to come
	Since      time.Time     `json:"since,omitzero"` // its day has passed: it may come at any time from then on
	First      bool          `json:"first"`          // the provider is before the plan; else the plan is, if the provider waits for Day
	Does       string        `json:"does"`           // what the provider does
	Freezes    []string      `json:"freezes"`        // of the policy, on that day or, where it may come at any time, from now until then; none of them holds it
	Holds      string        `json:"holds"`          // what keeps the provider from doing it earlier; "" where it does not, or nothing does any longer
	Until      string        `json:"until"`          // what keeps it from doing so on that day
	Nodes      string        `json:"nodes"`          // where the provider leaves nodes behind: what has to be done next
	Risk       fleet.Money   `json:"risk"`           // what the plan takes it to cost: a campaign, a hop and a day past due for each minor
	MonthlyFee fleet.Money   `json:"monthlyFee"`     // what extended support of To costs a month from then on
	Currency   string        `json:"currency"`
	Overdue    bool          `json:"overdue"` // it should have come already, or may at any time
	Note       string        `json:"note"`    // what the provider says of clusters that are overdue
}

// clouds lists what the providers of all clusters do by themselves, by day, then cluster.
func clouds(p *model.Problem) []CloudUpgrade {
	out := []CloudUpgrade{}
	for _, u := range p.Units {
		out = append(out, cloudsOf(p, u, p.Stays(u, u.Work))...)
	}
	slices.SortStableFunc(out, func(a, b CloudUpgrade) int {
		return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Cluster, b.Cluster))
	})
	return out
}

// cloudsOf is what the provider of a cluster does by itself, and what it is overdue to do at the version that the cluster is at.
func cloudsOf(p *model.Problem, u *model.Unit, stays []model.Stay) []CloudUpgrade {
	var out []CloudUpgrade
	versions := u.Lives.Versions
	if l := &versions[u.At]; l.Overdue && !stays[0].Forced && l.Forced < model.Never && u.At+1 < len(versions) {
		out = append(out, cloudUpgrade(p, u, u.At, u.At+1))
	}
	for i := 0; i < len(stays); i++ {
		if !stays[i].Forced {
			continue
		}
		from, at := i, versions[stays[i].Version].Forced
		for i+1 < len(stays) && stays[i+1].Forced && versions[stays[i+1].Version].Forced == at {
			i++
		}
		x := cloudUpgrade(p, u, stays[from].Version, stays[i].Version+1)
		x.First = true
		out = append(out, x)
	}
	return out
}

// cloudUpgrade is one upgrade by the provider.
func cloudUpgrade(p *model.Problem, u *model.Unit, from, to int) CloudUpgrade {
	l, then, act := &u.Lives.Versions[from], &u.Lives.Versions[to], u.Lives.Act
	out := CloudUpgrade{Cluster: u.Cluster.Name.V, Provider: u.Cluster.Provider.V, Team: u.Cluster.Team.V, From: l.Minor, To: then.Minor,
		Day: model.TimeOf(l.Forced, time.UTC), Does: act.Does, Freezes: []string{}, Holds: act.Holds, Until: act.Until,
		Risk: fleet.Money(to-from) * p.ForcePrice, Currency: p.Fleet.Policy.Costs.Currency.V,
		Overdue: l.Overdue, Note: act.Overdue}
	if act.Extends && !p.Fleet.Policy.ExtendedSupport.Allowed.V {
		out.Until += " (extended support, which the policy does not allow)"
	}
	begins := l.Forced
	if l.Overdue {
		begins, out.Holds = p.Now, ""
		if l.Since > 0 && act.Overdue == "" {
			out.Since = model.TimeOf(l.Since, time.UTC)
		}
	}
	for i, f := range p.Fleet.Policy.Freezes {
		if f.Clusters.Matches(u.Cluster) && p.FrozenAt(i, begins, l.Forced+model.Day) {
			out.Freezes = append(out.Freezes, f.Title())
		}
	}
	if l.Forced >= then.Standard && l.Forced < then.Ends {
		out.MonthlyFee = model.MonthHours * then.Fee
	}
	if act.NodesStay {
		out.Nodes = behind(p, u, from, to)
	}
	return out
}

// behind says how far the nodes are behind a control plane that the provider upgrades by itself without them, and what comes next.
func behind(p *model.Problem, u *model.Unit, from, to int) string {
	left, nodes := &u.Lives.Versions[from], u.Cluster.OldestNode()
	for _, w := range u.Work {
		if u.Slots.All[w.Slots[len(w.Slots)-1]].Start <= left.Forced && w.From+w.Hops <= from {
			nodes = u.Lives.Versions[w.From+w.Hops].Minor
		}
	}
	of, _ := p.Table.Provider(u.Cluster.Provider.V)
	lag, supported := u.Lives.Versions[to].Minor.Sub(nodes), upgrade.NodeSkew(nodes, of.NodeSkew)
	out := fmt.Sprintf("its nodes stay at %s, %s behind, where %d are supported; update nodes and add-ons next", nodes,
		count(lag, "minor"), supported)
	if lag >= supported {
		out += ", before any other hop"
	}
	return out
}

// Text says what the provider does by itself, what does not hold it and what does.
func (c CloudUpgrade) Text() string {
	parts, keeps := []string{}, "what keeps it from doing so on that day: "
	switch day := c.Day.Format(time.DateOnly); {
	case c.Overdue && c.Note == "":
		keeps = "what would have kept it from doing so: "
		parts = append(parts, c.past(), fmt.Sprintf("it may do so at any time, and the plan takes that to be on %s", day))
	case c.Overdue:
		parts = append(parts, fmt.Sprintf("%s is upgraded from %s by %s itself on %s: it %s", c.Cluster, c.way(), c.Provider, day, c.Does), c.Note)
	default:
		parts = append(parts, fmt.Sprintf("%s is upgraded from %s by %s itself on %s: it %s when support ends", c.Cluster, c.way(),
			c.Provider, day, c.Does))
	}
	if !c.First {
		parts = append(parts, "the plan is first, if it waits that long")
	}
	switch n := len(c.Freezes); {
	case n == 1:
		parts = append(parts, fmt.Sprintf("the freeze %q does not hold it", c.Freezes[0]))
	case n > 1:
		parts = append(parts, fmt.Sprintf("none of the freezes \"%s\" holds it", strings.Join(c.Freezes, `", "`)))
	}
	if c.Holds != "" {
		parts = append(parts, fmt.Sprintf("until then %s keeps it from doing so earlier", c.Holds))
	}
	parts = append(parts, keeps+c.Until)
	if c.MonthlyFee > 0 {
		parts = append(parts, fmt.Sprintf("from then on extended support of %s costs %s %s a month", c.To, c.MonthlyFee, c.Currency))
	}
	if c.Nodes != "" {
		parts = append(parts, c.Nodes)
	}
	return strings.Join(parts, "; ")
}

// past begins the finding about an upgrade whose day has passed.
func (c CloudUpgrade) past() string {
	since := "the end of its support"
	if !c.Since.IsZero() {
		since = c.Since.Format(time.DateOnly)
	}
	return fmt.Sprintf("%s is past %s, from when on %s upgrades it from %s by itself: it %s", c.Cluster, since, c.Provider, c.way(), c.Does)
}

// way is from which version it goes, and to which where that is not the next one.
func (c CloudUpgrade) way() string {
	if c.To == c.From.Add(1) {
		return c.From.String()
	}
	return fmt.Sprintf("%s to %s", c.From, c.To)
}
