package gate

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"treadmill/upgrade"
	"treadmill/upgrade/calendar"
	"treadmill/upgrade/fleet"
	"treadmill/upgrade/windows"
)

// The names of the checks.
const (
	checkPlan    = "plan"
	checkApprove = "approval"
	checkVersion = "version"
	checkSkew    = "skew"
	checkSpacing = "rollback"
	checkSoak    = "soak"
	checkFreeze  = "freeze"
	checkWindow  = "window"
	checkBudget  = "budget"
)

func open(name, format string, args ...any) Check {
	return Check{Name: name, State: Open, Reason: fmt.Sprintf(format, args...)}
}

func closed(name string, opens time.Time, format string, args ...any) Check {
	return Check{Name: name, State: Closed, Reason: fmt.Sprintf(format, args...), Opens: opens}
}

func unknown(name, format string, args ...any) Check {
	return Check{Name: name, State: Unknown, Reason: fmt.Sprintf(format, args...)}
}

// moment writes a time for people, in its own zone.
func moment(t time.Time) string { return t.Format("Mon 2006-01-02 15:04 MST") }

// planned checks that the plan has the hop now.
func (in Input) planned() Check {
	for _, s := range in.steps() {
		switch {
		case s.To != in.To || !s.End.After(in.Now):
		case s.Start.After(in.Now):
			return closed(checkPlan, s.Start, "the plan has it from %s", moment(in.local(s.Start)))
		default:
			return open(checkPlan, "the plan has it now, until %s", moment(in.local(s.End)))
		}
	}
	for _, s := range in.steps() {
		if s.To == in.To {
			return closed(checkPlan, time.Time{}, "the plan had it until %s, which is over: make a new plan", moment(in.local(s.End)))
		}
	}
	return closed(checkPlan, time.Time{}, "the plan of %s has no hop of %s to %s: make a new plan, or leave --plan out",
		in.Plan.Now.Format(time.DateOnly), in.Cluster.Name.V, in.To)
}

// inPlan reports whether the plan has the hop at a time.
func (in Input) inPlan(at time.Time) bool {
	for _, s := range in.steps() {
		if s.To == in.To && !at.Before(s.Start) && at.Before(s.End) {
			return true
		}
	}
	return false
}

// version checks that the provider has the version, and that the policy's target allows it.
func (in Input) version() Check {
	c, target := in.Cluster, in.Fleet.Policy.Target.V
	if in.To == c.Version.V {
		return open(checkVersion, "the control plane runs %s, and its nodes come up to it", in.To)
	}
	if !target.Fixed.IsZero() && target.Fixed.Less(in.To) {
		return closed(checkVersion, time.Time{}, "%s is beyond the target %s of the policy", in.To, target)
	}
	for _, v := range []upgrade.Minor{in.To, in.To.Add(target.Behind)} {
		d := in.Table.Offered(c.Provider.V, v, c.Channel.V)
		why := ""
		if v != in.To {
			why = fmt.Sprintf(", and the target %s allows %s only then", target, in.To)
		}
		switch today := windows.DayOf(in.Now); {
		case d.IsZero():
			return closed(checkVersion, time.Time{}, "nothing is known of %s at %s%s", v, c.Provider.V, why)
		case d.Day > today:
			return closed(checkVersion, d.Day.Time(), "%s comes to %s on %s (%s)%s", v, c.Provider.V, d.Day, d.Status, why)
		case v == in.To && d.Status < windows.Announced:
			return unknown(checkVersion,
				"%s was %s at %s for %s, and whether it came is not known: newer dates can be given with --windows", v, d.Status,
				c.Provider.V, d.Day)
		}
	}
	return open(checkVersion, "%s has %s", c.Provider.V, in.To)
}

// skew checks that the control plane goes one minor and that the nodes may stay behind it.
func (in Input) skew() Check {
	c := in.Cluster
	provider, _ := in.Table.Provider(c.Provider.V)
	node := c.OldestNode()
	most := upgrade.NodeSkew(node, provider.NodeSkew)
	switch n := in.To.Sub(c.Version.V); {
	case n < 0 || n > 1:
		return closed(checkSkew, time.Time{}, "the control plane runs %s: it goes one minor at a time, to %s", c.Version.V, c.Version.V.Add(1))
	case n == 1 && !upgrade.NodesAllow(in.To, node, provider.NodeSkew):
		return closed(checkSkew, time.Time{},
			"nodes run %s, and %d minors behind the control plane is as far as they may be: bring them to %s or newer first", node,
			most, in.To.Add(-most))
	}
	return open(checkSkew, "nodes run %s, which may be %d behind %s", node, most, in.To)
}

// spacing checks that the hop before can no longer be taken back, where the provider lets one.
func (in Input) spacing() Check {
	provider, _ := in.Table.Provider(in.Cluster.Provider.V)
	last, recorded := in.Records.Last(in.Cluster.Name.V)
	if provider.RollbackDays == 0 || !recorded {
		return open(checkSpacing, "no hop is recorded that could still be taken back")
	}
	if until := dayAfter(last, provider.RollbackDays); until.After(in.Now) {
		return closed(checkSpacing, until, "the hop of %s can be taken back for %d days", last.UTC().Format(time.DateOnly), provider.RollbackDays)
	}
	return open(checkSpacing, "the hop before was on %s", last.UTC().Format(time.DateOnly))
}

// dayAfter is the start of the day (UTC) so many days after that of a time, as soak and rollback are counted.
func dayAfter(t time.Time, days int) time.Time {
	y, m, d := t.UTC().Date()
	return time.Date(y, m, d+days, 0, 0, 0, 0, time.UTC)
}

// soak checks that the clusters of the environment before have run the version for long enough.
func (in Input) soak() Check {
	before, environment := in.before()
	need := in.Fleet.Policy.SoakBefore(in.Cluster.Environment.V)
	days := int((need + 24*time.Hour - 1) / (24 * time.Hour))
	if m, ok := in.missing(); ok && in.To != in.Cluster.Version.V {
		return closed(checkSoak, time.Time{}, "%s comes before it in its group, and %s of it is left out because of its problems: "+
			"nobody knows what that runs, and since when", cmp.Or(m.Environment, "an environment"), m.Name)
	}
	if len(before) == 0 {
		return open(checkSoak, "no environment comes before")
	}
	var behind, lost []string
	var until time.Time
	well := ""
	for _, c := range before {
		began, recorded := in.Records.Ran(c.Name.V, in.To)
		switch {
		case c.Version.V.Less(in.To):
			behind = append(behind, c.Name.V+" runs "+c.Version.V.String())
		case days > 0 && !recorded:
			lost = append(lost, c.Name.V)
		case recorded:
			since, note, known := in.well(c.Name.V, began)
			if !known {
				return unknown(checkSoak, "%s has run %s since %s, and %s", c.Name.V, in.To, began.UTC().Format(time.DateOnly), note)
			}
			if at := dayAfter(since, days); at.After(until) {
				until, well = at, note
			}
		}
	}
	switch {
	case len(behind) > 0:
		return closed(checkSoak, time.Time{}, "%s comes first, and %s", environment, strings.Join(behind, ", "))
	case until.After(in.Now):
		return closed(checkSoak, until, "%s must have run %s for %d days%s", environment, in.To, days, well)
	case len(lost) > 0:
		return unknown(checkSoak, "since when %s runs %s is not recorded: upgrade record books it, and --records names the file",
			strings.Join(lost, " and "), in.To)
	}
	return open(checkSoak, "%s has run %s for %d days or more%s", environment, in.To, days, in.unseen(before))
}

// well is since when a cluster that comes first has run well: since its hop, or since what came after it that cost more than a hop may. The
// note says what that was, or what is not known.
func (in Input) well(cluster string, began time.Time) (since time.Time, note string, known bool) {
	since = began
	for _, s := range in.Soaked {
		switch {
		case s.Cluster != cluster:
		case !s.Known:
			return since, "nothing is known of " + s.SLO + ", which guards it: a soak is for looking", false
		case s.Since.After(since):
			since = s.Since
			note = fmt.Sprintf(" well: %s has lost %s since its hop, the last of it on %s", cluster, s.Lost,
				since.UTC().Format("2006-01-02 15:04 MST"))
		}
	}
	return since, note, true
}

// unseen says that nobody looked at what guards the clusters that come first.
func (in Input) unseen(before []fleet.Cluster) string {
	for _, c := range before {
		if len(c.SLOs) > 0 && len(in.Soaked) == 0 {
			return "; how well is not looked at: --prometheus and --slo say where " + c.SLOs[0].String() + " is"
		}
	}
	return ""
}

// Soaking is a cluster that comes first and runs the version, and since when.
type Soaking struct {
	Cluster fleet.Cluster
	Since   time.Time
}

// Soaks are the clusters of the environment before whose soak counts, as far as it is recorded.
func (in Input) Soaks() []Soaking {
	if in.To.IsZero() {
		in.To = in.Next()
	}
	var out []Soaking
	before, _ := in.before()
	for _, c := range before {
		if began, ok := in.Records.Ran(c.Name.V, in.To); ok && !c.Version.V.Less(in.To) {
			out = append(out, Soaking{c, began})
		}
	}
	return out
}

// before are the clusters of the group that come first, and their environment. An environment without clusters is passed over.
func (in Input) before() ([]fleet.Cluster, string) {
	rank, ok := in.Fleet.Policy.Rank(in.Cluster.Environment.V)
	if !ok || in.Cluster.Group.V == "" {
		return nil, ""
	}
	for rank--; rank >= 0; rank-- {
		var out []fleet.Cluster
		name := in.Fleet.Policy.Environments[rank].V
		for _, c := range in.Fleet.Clusters {
			if c.Group.V == in.Cluster.Group.V && c.Environment.V == name {
				out = append(out, c)
			}
		}
		if len(out) > 0 {
			return out, name
		}
	}
	return nil, ""
}

// missing is the first cluster that comes before in the group, of any environment, and was left out because of a problem; one whose
// environment is not known either is taken for the first.
func (in Input) missing() (fleet.Missing, bool) {
	rank, ok := in.Fleet.Policy.Rank(in.Cluster.Environment.V)
	for _, m := range in.Fleet.Missing {
		if first, _ := in.Fleet.Policy.Rank(m.Environment); ok && m.Group != "" && m.Group == in.Cluster.Group.V && first < rank {
			return m, true
		}
	}
	return fleet.Missing{}, false
}

// freeze checks that nothing is frozen, now and until the window closes, or for as long as plans want of an opening.
func (in Input) freeze() Check {
	span := calendar.Span{From: in.Now, To: in.Now.Add(time.Minute)}
	if o := in.openings(in.Now); len(o) > 0 && !o[0].From.After(in.Now) {
		span.To = o[0].To
	}
	name, hit, frozen := in.frozen(span)
	switch {
	case frozen && hit.From.Sub(span.From) >= fleet.ShortestRest:
		return open(checkFreeze, "nothing is frozen yet, and the hop must be over before %s", name)
	case frozen:
		return closed(checkFreeze, in.thawed(hit.From), "%s", name)
	}
	return open(checkFreeze, "nothing is frozen")
}

// frozen names the first freeze that touches a span, with when it is, and is that time.
func (in Input) frozen(span calendar.Span) (name string, first calendar.Span, frozen bool) {
	for _, f := range in.Fleet.Policy.Freezes {
		around := calendar.Span{From: span.From.AddDate(-1, 0, 0), To: span.To.AddDate(1, 0, 0)}
		hit, ok := f.Spans(around).Overlap(span)
		if ok && f.Clusters.Matches(in.Cluster) && (!frozen || hit.From.Before(first.From)) {
			name, first, frozen = fmt.Sprintf("%q freezes it from %s until %s", f.Title(), moment(hit.From), moment(hit.To)), hit, true
		}
	}
	return name, first, frozen
}

// thawed is when no freeze is left that follows on one at a time.
func (in Input) thawed(at time.Time) time.Time {
	around := calendar.Span{From: at.AddDate(-1, 0, 0), To: at.AddDate(1, 0, 0)}
	var all []calendar.Span
	for _, f := range in.Fleet.Policy.Freezes {
		if f.Clusters.Matches(in.Cluster) {
			all = append(all, f.Spans(around)...)
		}
	}
	hit, _ := calendar.Union(all).Overlap(calendar.Span{From: at, To: around.To})
	return hit.To
}

// window checks that a maintenance window is open.
func (in Input) window() Check {
	all := in.openings(in.Now)
	switch {
	case len(all) == 0:
		return closed(checkWindow, time.Time{}, "no maintenance window opens in the next %d days", int(reach.Hours()/24))
	case all[0].From.After(in.Now):
		return closed(checkWindow, all[0].From, "no maintenance window is open; the next opens %s", moment(all[0].From))
	}
	return open(checkWindow, "a maintenance window is open until %s", moment(all[0].To))
}

// budgets are a check for each SLO that guards the cluster.
func (in Input) budgets() []Check {
	if len(in.Cluster.SLOs) == 0 {
		return []Check{open(checkBudget, "no SLO guards the cluster")}
	}
	var out []Check
	for _, guard := range in.Cluster.SLOs {
		name := guard.String()
		check := unknown(checkBudget, "%s guards the cluster, and nothing is known of its budget: --prometheus and --slo say where to ask", name)
		for _, b := range in.Budgets {
			if b.SLO == name {
				check = Check{checkBudget, b.State, b.Reason, b.Opens}
			}
		}
		out = append(out, check)
	}
	return out
}
