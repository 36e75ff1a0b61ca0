package review

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"treadmill/slo"
)

// Limits say when a gate is closed.
type Limits struct {
	MinBudget  float64    // share of the budget that must be left
	Reserve    float64    // share that what waits at the gate will spend, on top of MinBudget
	MaxBurn    float64    // how many times faster than allowed the budget may burn
	BurnWindow slo.Window // over which
	Rule       string     // what asks for MinBudget, "" for the number alone
	Waivers    []Waiver   // times at which too little of the budget closes nothing
}

// Waiver is a time at which a gate does not close because too little of the budget is left, and why.
type Waiver struct {
	Stretch
	Why string
}

// Waived is the waiver that holds at a time.
func (l Limits) Waived(at time.Time) (Waiver, bool) {
	for _, w := range l.Waivers {
		if !w.From.After(at) && w.To.After(at) {
			return w, true
		}
	}
	return Waiver{}, false
}

// shut is what of the time from now until enough is left no waiver covers. A waiver whose end has come before counts no more.
func (l Limits) shut(now, enough time.Time) []Stretch {
	waivers := slices.SortedFunc(slices.Values(l.Waivers), func(a, b Waiver) int { return a.From.Compare(b.From) })
	var out []Stretch
	at := now
	for _, w := range waivers {
		if !enough.IsZero() && !w.From.Before(enough) {
			break
		}
		if w.From.After(at) {
			out = append(out, Stretch{From: at, To: w.From})
		}
		if w.To.After(at) {
			at = w.To
		}
	}
	if enough.IsZero() || at.Before(enough) {
		out = append(out, Stretch{From: at, To: enough})
	}
	return out
}

// waives is when the next waiver begins after a time.
func (l Limits) waives(after time.Time) (next Waiver, ok bool) {
	for _, w := range l.Waivers {
		if w.From.After(after) && (!ok || w.From.Before(next.From)) {
			next, ok = w, true
		}
	}
	return next, ok
}

// State is what a gate says.
type State string

// The states. Unknown is neither: nobody may pass unless they said that they would without data.
const (
	Open    State = "open"
	Closed  State = "closed"
	Unknown State = "unknown"
)

// Verdict is what the gate says of one group of an SLO, and why.
type Verdict struct {
	Numbers
	State   State    `json:"state"`
	Burn    float64  `json:"burn"`    // over the burn window
	Needed  float64  `json:"needed"`  // share of the budget that must be left
	Reasons []string `json:"reasons"` // why it is not open
	Exempt  string   `json:"exempt"`  // why it is open although too little is left, "" where that is not so
	// Enough is when the gate opens by what is known now: when enough of the budget is forecast to be left, and the burn window is
	// clean. It is now where the gate is open, and zero where that cannot be said.
	Enough time.Time `json:"enough,omitzero"`
	Shut   []Stretch `json:"-"` // from now on, when by the forecast too little is left and no waiver holds; the zero time ends what has no end
	// Trend is the burn of an ordinary day, at which the forecast of the budget goes on.
	Trend float64 `json:"trend"`
}

// maxAge is how old the newest number may be for a gate to be sure of it.
const maxAge = 20 * slo.Minute

// fewBad is below how many bad events a burn is no burn: one, scaled up by increase(), counts less than 1.5. The rules have
// the same guard.
const fewBad = 1.5

// short is the window that says whether what burns in the burn window still burns, as the short window of an alert does.
const short = 5 * slo.Minute

// Judge says whether a group may be put at risk now. From is the start of the period's span: for rolling periods as long
// ago as the period is long.
func (h History) Judge(o slo.Objective, period slo.Period, from, now time.Time, limits Limits) Verdict {
	sums := h.Sums()
	span := sums.Between(from, now)
	v := Verdict{
		Numbers: span.Budget(o, period.Length, h.Grid.Step),
		Needed:  limits.MinBudget + limits.Reserve,
		State:   Open,
		Reasons: []string{},
	}
	recent := sums.Between(now.Add(-time.Duration(limits.BurnWindow)), now)
	v.Burn, v.Trend = recent.Burn(o), sums.Trend(o, now.Add(-time.Duration(period.Length)), now)
	if reason := h.unseen(from, now); reason != "" {
		return v.unknown(reason)
	}
	v.Enough = now
	if v.Left < v.Needed-rounding {
		h.short(o, period, from, now, limits, &v)
	}
	if recent.sure(o) > limits.MaxBurn {
		reason, clean := h.burning(o, period, now, limits, v)
		v.close(reason)
		if clean.IsZero() || v.Enough.IsZero() {
			v.Enough = time.Time{}
		} else if clean.After(v.Enough) {
			v.Enough = clean
		}
	}
	return v
}

// short is what follows from a budget of which too little is left.
func (h History) short(o slo.Objective, period slo.Period, from, now time.Time, limits Limits, v *Verdict) {
	enough := h.enough(o, period, from, now, *v)
	v.Shut = limits.shut(now, enough)
	if w, ok := limits.Waived(now); ok {
		v.Exempt = w.Why
		return
	}
	v.Enough = enough
	reason := h.lowBudget(o, period, from, now, *v)
	if limits.Rule != "" {
		reason += "; " + limits.Rule
	}
	if w, ok := limits.waives(now); ok && (v.Enough.IsZero() || w.From.Before(v.Enough)) {
		v.Enough = w.From
		reason += fmt.Sprintf("; from %s on %s", w.From.Format("2006-01-02 15:04 MST"), w.Why)
	}
	v.close(reason)
}

// burning says what burns the budget too fast, and when the burn window is clean again: only where the newest minutes are clean.
func (h History) burning(o slo.Objective, period slo.Period, now time.Time, limits Limits, v Verdict) (reason string, clean time.Time) {
	sums := h.Sums()
	newest := max(short, h.Grid.Step)
	last := sums.Between(now.Add(-time.Duration(newest)), now)
	said := fmt.Sprintf("the budget burns %s times faster than allowed over the last %s, at most %s is wanted", decimal(v.Burn),
		limits.BurnWindow, decimal(limits.MaxBurn))
	if last.Known == 0 || last.Burn(o) > limits.MaxBurn {
		return said + ": end what causes it first" + gone(v, period), time.Time{}
	}
	for later := now; ; later = later.Add(time.Minute) {
		since := later.Add(-time.Duration(limits.BurnWindow))
		if !since.Before(now) || sums.Between(since, now).sure(o) <= limits.MaxBurn {
			return fmt.Sprintf("%s; it is over, as the last %s burn %s times: wait until %s, when the %s before is clean if nothing more is lost",
				said, newest, decimal(last.Burn(o)), later.Format("2006-01-02 15:04 MST"), limits.BurnWindow), later
		}
	}
}

// unseen says what of the history a gate would have to know and does not. A composite wants it of every component.
func (h History) unseen(from, now time.Time) string {
	for _, p := range h.Parts {
		if reason := p.unseen(from, now); reason != "" {
			return "its component " + p.Name + ": " + reason
		}
	}
	sums := h.Sums()
	switch {
	case sums.Between(from, now).Known == 0:
		return "the server has no events of this SLO in its period: check its queries and the retention of the server"
	case sums.Between(now.Add(-time.Duration(maxAge)), now).Known == 0:
		return fmt.Sprintf("nothing is known of the last %s: the newest events are of %s; check that the service is scraped", maxAge,
			h.newest().Format(time.RFC3339))
	}
	return ""
}

func (v Verdict) unknown(reason string) Verdict {
	v.State, v.Reasons = Unknown, []string{reason}
	return v
}

func (v *Verdict) close(reason string) {
	v.State, v.Reasons = Closed, append(v.Reasons, reason)
}

// lowBudget says how much is left, what spent it, and when there will be enough.
func (h History) lowBudget(o slo.Objective, period slo.Period, from, now time.Time, v Verdict) string {
	reason := fmt.Sprintf("%s of the budget is left, %s is wanted", Percent(v.Left), Percent(v.Needed))
	sums := h.Sums()
	events := sums.Between(from, now).PeriodEvents(period.Length, h.Grid.Step)
	for _, c := range v.Components {
		reason += fmt.Sprintf("; %s spent %s", c.Name, Percent(c.Spent))
	}
	var worst Incident
	for _, in := range h.Incidents(o, events, 0.01) {
		if in.Start.After(from) && in.Spent > worst.Spent {
			worst = in
		}
	}
	if worst.Spent > 0 {
		reason += fmt.Sprintf("; the incident of %s spent %s", worst.Start.Format("2006-01-02 15:04"), Percent(worst.Spent))
	}
	if period.Calendar != nil {
		return reason + "; the budget is whole again when the next calendar period begins"
	}
	if !v.Enough.IsZero() {
		reason += fmt.Sprintf("; there is enough again on %s if %s", v.Enough.Format("2006-01-02 15:04 MST"), ordinary(v))
	}
	return reason
}

// enough is when as much of the budget is left as is needed, zero when that is not to be seen.
func (h History) enough(o slo.Objective, period slo.Period, from, now time.Time, v Verdict) time.Time {
	until := now.Add(2 * time.Duration(period.Length)) // the next period of a calendar has begun by then
	values, err := h.Sums().Forecast(o, period, from, now, until, v.Trend)
	if err != nil {
		return time.Time{} // the calendar was read when the period began
	}
	at, _ := Enough(values, v.Needed)
	return at
}

// gone says when the budget ends at the burn.
func gone(v Verdict, period slo.Period) string {
	if v.Left <= 0 || v.Burn <= 0 {
		return ""
	}
	w := slo.Window(float64(period.Length) * v.Left / v.Burn)
	unit := slo.Minute
	if w > slo.Day {
		unit = slo.Hour
	}
	if w = w / unit * unit; w == 0 {
		return ""
	}
	return ", or the budget is gone in " + w.String()
}

func (h History) newest() time.Time {
	for i := h.Grid.N - 1; i >= 0; i-- {
		if h.Total[i] == h.Total[i] { // not NaN
			return h.Grid.At(i)
		}
	}
	return h.Grid.From
}

// ordinary says what a forecast takes for granted.
func ordinary(v Verdict) string {
	if v.Trend < 0.005 {
		return "nothing more is lost"
	}
	return fmt.Sprintf("days are ordinary (a burn of %s)", strconv.FormatFloat(v.Trend, 'f', 2, 64))
}
