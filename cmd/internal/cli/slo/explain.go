package slo

import (
	"context"
	"strconv"

	"github.com/prometheus/common/model"
	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/compile"
	"treadmill/slo"
)

func explainCommand(a *app.App) *cobra.Command {
	var options compile.Options
	c := &cobra.Command{
		Use: "explain FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Say what the alerts of SLOs promise and cost",
		Long: `Shows for each pair of windows the burn and the share of bad events above which it fires, the share of the period's budget
that is spent by then, how long errors of 100, 50, 10, 5, 2 and 1 % take to fire it, how soon it is silent again after a
full outage, and what the rules cost in samples a second.`,
		Example: "  treadmill slo explain slos/\n  treadmill slo explain -o json slo.yaml",
		RunE: a.Run(func(_ context.Context, args []string) (report.View, error) {
			drafts, findings := input.Drafted(a, args, options)
			explained := compile.Explain(drafts, options)
			return explainView(explained, findings), nil
		}),
	}
	input.Intervals(c.Flags(), &options)
	return a.Returns(c, explainData{})
}

// explainData is the machine shape of `slo explain`.
type explainData struct {
	SLOs    []compile.Explanation `json:"slos"`
	Version int                   `json:"version"`
}

func explainView(slos []compile.Explanation, findings []diag.Finding) report.View {
	columns := []report.Column{
		{Name: "severity"},
		{Name: "windows"},
		{Name: "burn", Right: true, Rank: 1},
		{Name: "fires above", Right: true},
		{Name: "budget spent", Right: true, Rank: 1},
	}
	for i, share := range compile.Shares() { // at 100, 50, 10 %…: every other one goes first
		columns = append(columns, report.Column{Name: "at " + share.Percent(), Right: true, Rank: []uint8{0, 3, 2, 3, 2, 0}[i%6]})
	}
	columns = append(columns, report.Column{Name: "resets after", Right: true})
	view := report.View{Data: explainData{Version: 1, SLOs: slos}, Findings: findings}
	for _, s := range slos {
		t := report.Table{Title: s.Name + ": " + promised(s) + " over " + s.Period.String(), Columns: columns}
		for _, al := range s.Alerts {
			cells := []string{al.Severity, al.Long.String() + "/" + al.Short.String(), al.Burn.Short(), about(al.Threshold), about(al.BudgetShare)}
			for _, share := range compile.Shares() {
				cells = append(cells, clockText(al.Detection[share.String()]))
			}
			t.Rows = append(t.Rows, report.Row{Cells: append(cells, al.Reset.String())})
		}
		view.Tables = append(view.Tables, t)
		if len(s.Components) > 0 {
			view.Tables = append(view.Tables, componentTable(s))
		}
		view.Notes = append(
			view.Notes,
			s.Name+": "+strconv.Itoa(s.Cost.Rules)+" rules; they read "+s.Cost.PerSeries.Short()+" samples a second of each raw series"+
				shared(s.Cost)+" and "+s.Cost.Recorded.Short()+" of recorded ones",
		)
	}
	return view
}

// shared says what is counted once for several SLOs.
func shared(c compile.Cost) string {
	switch {
	case c.BadFrom != "":
		return ", as their events are those of " + c.BadFrom + ","
	case c.TotalFrom != "":
		return " of bad or good events, as all events are those of " + c.TotalFrom + ","
	}
	return ""
}

// promised is the objective of an SLO; that of a composite as a whole has no end of digits.
func promised(s compile.Explanation) string {
	if len(s.Components) == 0 {
		return s.Objective.String() + "%"
	}
	return about(s.Objective.Div(slo.NewNumber(100, 1))) + " as a whole"
}

// componentTable says what each component of a composite can do by itself.
func componentTable(s compile.Explanation) report.Table {
	t := report.Table{
		Title:   s.Name + " is a composite; its components alone",
		Columns: []report.Column{{Name: "component"}, {Name: "objective", Right: true}, {Name: "weight", Right: true}},
	}
	for _, al := range s.Alerts {
		if len(s.Components[0].Alone) > 0 {
			t.Columns = append(t.Columns, report.Column{Name: "fires " + al.Severity + " " + al.Long.String() + " above", Right: true})
		}
	}
	for _, comp := range s.Components {
		cells := []string{comp.Name, comp.Objective.String() + "%", comp.Weight.Short()}
		for _, share := range comp.Alone {
			if share.Cmp(slo.NewNumber(1, 1)) >= 0 {
				cells = append(cells, compile.Never)
			} else {
				cells = append(cells, about(share))
			}
		}
		t.Rows = append(t.Rows, report.Row{Cells: cells})
	}
	return t
}

// about is a share in percent with at most four significant digits.
func about(n slo.Number) string { return n.Mul(slo.NewNumber(100, 1)).Short() + "%" }

// clockText writes a length of time in hours and minutes: 202m is 3h22m. Words such as "never" stay.
func clockText(s string) string {
	d, err := model.ParseDuration(s)
	if err != nil {
		return s
	}
	return d.String()
}
