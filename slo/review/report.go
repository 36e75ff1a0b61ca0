package review

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"treadmill/slo"
)

// Interval is a span of time that a review is about, and what the length of its budget is.
type Interval struct {
	From, To time.Time  // To is the present where the interval is not over
	Length   slo.Window // of the whole interval
	Name     string     // 2026-10, 2026Q4, "30d to 2026-11-23"
	before   func() Interval
}

// Before is the interval before this one, whole.
func (i Interval) Before() Interval { return i.before() }

var (
	monthWord   = regexp.MustCompile(`^(\d{4})-(\d{2})$`)
	quarterWord = regexp.MustCompile(`^(\d{4})Q([1-4])$`)
)

// ParseInterval reads month and quarter (those of the present), 2026-10, 2026Q3, or a duration that ends at the present.
// Months and quarters turn in the location of now.
func ParseInterval(text string, now time.Time) (Interval, error) {
	if m := monthWord.FindStringSubmatch(text); m != nil {
		year, _ := strconv.Atoi(m[1])
		month, _ := strconv.Atoi(m[2])
		if month < 1 || month > 12 {
			return Interval{}, fmt.Errorf("%q has no month from 01 to 12", text)
		}
		return months(year, time.Month(month), 1, now), nil
	}
	if m := quarterWord.FindStringSubmatch(text); m != nil {
		year, _ := strconv.Atoi(m[1])
		quarter, _ := strconv.Atoi(m[2])
		return months(year, time.Month(3*quarter-2), 3, now), nil
	}
	switch text {
	case "month":
		return months(now.Year(), now.Month(), 1, now), nil
	case "quarter":
		return months(now.Year(), (now.Month()-1)/3*3+1, 3, now), nil
	}
	w, err := slo.ParseWindow(text)
	if err != nil {
		return Interval{}, fmt.Errorf("%q is no period: want month, quarter, 2026-10, 2026Q3 or a duration such as 30d", text)
	}
	return Rolling(w, now), nil
}

// Rolling is the interval of some length that ends at a time.
func Rolling(w slo.Window, to time.Time) Interval {
	from := to.Add(-time.Duration(w))
	return Interval{
		From:   from,
		To:     to,
		Length: w,
		Name:   w.String() + " to " + to.Format(time.DateOnly),
		before: func() Interval { return Rolling(w, from) },
	}
}

// months is n months from a month on.
func months(year int, month time.Month, n int, now time.Time) Interval {
	from := time.Date(year, month, 1, 0, 0, 0, 0, now.Location())
	end := from.AddDate(0, n, 0)
	i := Interval{From: from, To: end, Length: slo.Window(end.Sub(from)), Name: from.Format("2006-01")}
	if n == 3 {
		i.Name = fmt.Sprintf("%dQ%d", from.Year(), (int(from.Month())-1)/3+1)
	}
	if now.Before(end) {
		i.To = now
	}
	p := from.AddDate(0, -n, 0)
	i.before = func() Interval { return months(p.Year(), p.Month(), n, now) }
	return i
}

// Judged is what became of one group in an interval.
type Judged struct {
	Labels map[string]string `json:"labels"`
	Numbers
	ShareOfLoss float64    `json:"shareOfLoss"`         // of the bad events of the whole SLO
	Standing    float64    `json:"ownPeriodLeft"`       // what is left of the budget of the SLO's own period at the end of the interval, by which the policy decides
	Decision    string     `json:"decision"`            // by the policy, "" without one or where enough is left
	Note        string     `json:"note"`                // what the policy says besides
	Incidents   []Incident `json:"incidents"`           // that spent at least a share of the budget, in the order of time
	FollowUps   []FollowUp `json:"followUps,omitempty"` // what the policy asks for after incidents
	Upgrades    State      `json:"upgrades,omitempty"`  // whether the policy lets a hop begin at the end of the interval; "" without one
	Releases    State      `json:"releases,omitempty"`  // the same for a release
}

// FollowUp is what a policy asks for after an incident.
type FollowUp struct {
	Incident time.Time `json:"incident"` // when it began
	Spent    float64   `json:"budgetSpent"`
	Do       string    `json:"do"`
}

// After is what it follows from, for people.
func (f FollowUp) After() string {
	return fmt.Sprintf("after the incident of %s, which spent %s", f.Incident.Format("2006-01-02 15:04"), Percent(f.Spent))
}

// Percent writes a share for people: 0.1234 is 12.3%.
func Percent(share float64) string { return strconv.FormatFloat(share*100, 'f', 1, 64) + "%" }

// Attained writes a share of good events with as many digits as tell it from the objectives that people have.
func Attained(share float64) string { return strconv.FormatFloat(share*100, 'f', 3, 64) + "%" }

func decimal(f float64) string {
	if f >= 10 {
		return strconv.FormatFloat(f, 'f', 0, 64)
	}
	return strconv.FormatFloat(f, 'f', 1, 64)
}

// InInterval judges a group over an interval.
func (h History) InInterval(o slo.Objective, in Interval, least float64) Judged {
	sums := h.Sums()
	span := sums.Between(in.From, in.To)
	j := Judged{Labels: h.Labels, Numbers: span.Budget(o, in.Length, h.Grid.Step), Incidents: []Incident{}}
	for _, x := range h.Incidents(o, span.PeriodEvents(in.Length, h.Grid.Step), least) {
		if x.End.After(in.From) && x.Start.Before(in.To) {
			j.Incidents = append(j.Incidents, x)
		}
	}
	return j
}

// Value is a number at a time.
type Value struct {
	At    time.Time `json:"at"`
	Value float64   `json:"value"`
}

// BurnDown is the share of the budget that was left at some hundred moments of an interval.
func (h History) BurnDown(o slo.Objective, in Interval) []Value {
	sums := h.Sums()
	budget := o.Budget().Float() * sums.Between(in.From, in.To).PeriodEvents(in.Length, h.Grid.Step)
	return over(in, func(at time.Time) (float64, bool) {
		return 1 - sums.Between(in.From, at).loss()/budget, budget > 0
	})
}

// Level is the share of good events in the day before some hundred moments of an interval, where there were any.
func (h History) Level(in Interval) []Value {
	sums := h.Sums()
	return over(in, func(at time.Time) (float64, bool) {
		s := sums.Between(later(in.From.Add(-24*time.Hour), at.Add(-24*time.Hour)), at)
		return s.Attainment(), s.Total > 0
	})
}

// over takes a value at each of some hundred moments.
func over(in Interval, value func(time.Time) (float64, bool)) []Value {
	const moments = 240
	var out []Value
	for i := range moments + 1 {
		at := in.From.Add(in.To.Sub(in.From) * time.Duration(i) / moments)
		if v, ok := value(at); ok {
			out = append(out, Value{at, v})
		}
	}
	return out
}

// CalendarInterval is the calendar period of an SLO that holds a moment.
func CalendarInterval(p slo.Period, now time.Time) (Interval, error) {
	from, err := Start(p, now)
	if err != nil {
		return Interval{}, err
	}
	i := Interval{From: from, To: now, Length: p.Length, Name: "from " + from.Format(time.DateOnly)}
	i.before = func() Interval {
		earlier, err := CalendarInterval(p, from.Add(-time.Second))
		if err != nil {
			return Rolling(p.Length, from) // cannot be: the calendar was read a moment ago
		}
		earlier.To, earlier.Length = from, slo.Window(from.Sub(earlier.From))
		return earlier
	}
	return i, nil
}

// Standing is where a budget stands at a time in the SLO's own period, which is what a policy speaks of (Google's looks at the four weeks
// before, https://sre.google/workbook/error-budget-policy/), whatever period is reviewed.
func (h History) Standing(o slo.Objective, p slo.Period, at time.Time) (Numbers, error) {
	from, err := Start(p, at)
	if err != nil {
		return Numbers{}, err
	}
	return h.Sums().Between(from, at).Budget(o, p.Length, h.Grid.Step), nil
}
