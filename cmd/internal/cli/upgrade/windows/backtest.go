package windows

import (
	"math"
	"strconv"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
)

// backtest shows how well the projection of each provider would have done in the past.
func (v windowsView) backtest() report.View {
	t := report.Table{Columns: []report.Column{{Name: "provider"}, {Name: "releases ahead", Right: true}, {Name: "predictions", Right: true},
		{Name: "mean error in days", Right: true}, {Name: "largest", Right: true}}}
	data := windowsData{Version: 1, Now: v.now, Providers: []providerData{}, Windows: []windowData{}}
	for _, p := range v.providers {
		errors := v.table.Backtest(p.Name)
		data.Providers = append(data.Providers, newProviderData(p, errors, v.table.Old(p.Name, v.now), v.now))
		for _, e := range errors {
			t.Rows = append(
				t.Rows,
				report.Row{
					Cells: []string{
						p.Name,
						strconv.Itoa(e.Ahead),
						strconv.Itoa(e.N),
						strconv.FormatFloat(math.Round(e.Mean*10)/10, 'f', 1, 64),
						strconv.Itoa(e.Max),
					},
				},
			)
		}
	}
	data.Findings = append([]diag.Finding{}, diag.Sort(v.findings)...)
	return report.View{
		Title:    "Errors of projected dates, replayed through history",
		Data:     data,
		Tables:   []report.Table{t},
		Findings: v.findings,
		Notes:    []string{"Upstream: release dates by the season of earlier ones. Others: days after upstream, by the mean of the last four."},
	}
}
