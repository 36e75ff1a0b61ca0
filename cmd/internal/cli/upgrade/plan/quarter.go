package plan

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/upgrade/plan"
)

// quarterFlag is a quarter of a year as a flag: 2027Q1. The zero value means that none was given.
type quarterFlag struct{ year, quarter int }

var quarterText = regexp.MustCompile(`^(\d{4})-?[Qq]([1-4])$`)

func (q *quarterFlag) Type() string { return "quarter" }

// quarters are this one and those of a plan after it, for completion.
func quarters(now time.Time) []cobra.Completion {
	var out []cobra.Completion
	for q := quarterOf(now); len(out) < 6; q = quarterOf(q.end()) {
		out = append(out, q.String())
	}
	return out
}

func (q quarterFlag) String() string {
	if q.IsZero() {
		return ""
	}
	return fmt.Sprintf("%dQ%d", q.year, q.quarter)
}

func (q *quarterFlag) Set(s string) error {
	m := quarterText.FindStringSubmatch(s)
	if m == nil {
		return fmt.Errorf("want a quarter such as 2027Q1")
	}
	q.year, _ = strconv.Atoi(m[1]) // the expression matched digits
	q.quarter, _ = strconv.Atoi(m[2])
	return nil
}

// IsZero reports whether no quarter was given.
func (q quarterFlag) IsZero() bool { return q.year == 0 }

func (q quarterFlag) start() time.Time {
	return time.Date(q.year, time.Month(3*q.quarter-2), 1, 0, 0, 0, 0, time.UTC)
}

func (q quarterFlag) end() time.Time { return q.start().AddDate(0, 3, 0) }

func quarterOf(t time.Time) quarterFlag {
	return quarterFlag{t.UTC().Year(), (int(t.UTC().Month()) + 2) / 3}
}

// shownQuarter is the quarter that was asked for, else that of now.
func (v planView) shownQuarter() quarterFlag {
	if v.quarter.IsZero() {
		return quarterOf(time.Time(v.now))
	}
	return v.quarter
}

// duties sorts what a quarter asks of every team: see duty.
func (v planView) duties(q quarterFlag) report.Table {
	t := report.Table{
		Title: "Must, should, can wait",
		Columns: []report.Column{
			{Name: "team"},
			{Name: "duty"},
			{Name: "cluster"},
			{Name: "hops"},
			{Name: "planned"},
			{Name: "due"},
			{Name: "slack", Right: true},
			{Name: "waiting costs"},
		},
	}
	in, _ := v.split(q)
	in = slices.Clone(in)
	order := []string{plan.Must, plan.Should, plan.CanWait}
	slices.SortStableFunc(in, func(a, b plan.Campaign) int {
		if c := strings.Compare(a.Team, b.Team); c != 0 {
			return c
		}
		return slices.Index(order, a.Duty(q.end())) - slices.Index(order, b.Duty(q.end()))
	})
	tone := map[string]report.Tone{plan.Must: report.Bad, plan.Should: report.Warn}
	for _, c := range in {
		t.Rows = append(t.Rows, report.Row{Tone: tone[c.Duty(q.end())], Cells: []string{c.Team, c.Duty(q.end()), c.Cluster, hopsText(c),
			c.Start.Format(time.DateOnly), c.Due.Format(time.DateOnly), fmt.Sprintf("%dd", c.SlackDays), v.waiting(c, q)}})
	}
	return t
}

// waiting is what a month costs by which a campaign is put off; nothing where nobody bills it in the quarter.
func (v planView) waiting(c plan.Campaign, q quarterFlag) string {
	if !c.Bills(q.end()) {
		return ""
	}
	return fmt.Sprintf("%s %s a month", round(c.MonthlyFee), v.plan.Currency)
}
