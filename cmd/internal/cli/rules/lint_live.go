package rules

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/lint"
	"treadmill/slo"
	"treadmill/slo/prom"
)

// lintLive asks a server for the series and the types of metrics that queries want, at moments of the last day. Besides findings it gives
// what the queries read there. Where no server is named it has nothing to say.
func lintLive(ctx context.Context, a *app.App, where input.Live, queries []lint.Query, recorded map[string]bool, scrape time.Duration) (
	findings []diag.Finding, costs []lint.QueryCost, err error,
) {
	if where.Address == "" {
		return nil, nil, nil
	}
	client, err := input.Client(a, where)
	if err != nil {
		return nil, nil, err
	}
	lost := func(what string, err error) ([]diag.Finding, []lint.QueryCost, error) {
		if errors.Is(err, context.Canceled) {
			return nil, nil, err
		}
		return []diag.Finding{
			{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: where.Address}, Message: what + " cannot be read: " + err.Error()},
		}, nil, nil
	}
	live := lint.Live{Series: map[string]bool{}}
	if live.Types, err = client.Types(ctx); err != nil {
		return lost("the types of metrics", err)
	}
	selectors, names := lint.Selectors(queries, recorded)
	counts, err := seriesOf(ctx, a, client, selectors)
	if err == nil {
		var more map[string]float64
		more, err = seriesOf(ctx, a, client, slices.DeleteFunc(names, func(n string) bool { return counts[n] > 0 }))
		maps.Copy(counts, more)
	}
	if err != nil {
		return lost("the series of the queries", err)
	}
	for selector, n := range counts {
		live.Series[selector] = n > 0
	}
	return lint.CheckLive(queries, recorded, live), lint.Costs(queries,
		lint.Pace{Scrape: scrape, Every: time.Duration(slo.Evaluation)}, counts), nil
}

// dearest is how many queries are shown with what they read.
const dearest = 10

// costTable shows the queries that read most.
func costTable(costs []lint.QueryCost) report.Table {
	t := report.Table{Title: "Queries that read most", Columns: []report.Column{{Name: "query"}, {Name: "place"},
		{Name: "series", Right: true}, {Name: "samples an evaluation", Right: true}}}
	for _, c := range costs[:min(len(costs), dearest)] {
		t.Rows = append(t.Rows, report.Row{Cells: []string{c.Owner, c.Pos.String(), decimal(c.Series), decimal(c.Samples)}})
	}
	return t
}

// seriesOf asks a server how many series it had for selectors at moments of the last day: the most of them.
func seriesOf(ctx context.Context, a *app.App, client *prom.Client, selectors []string) (map[string]float64, error) {
	now := time.Time(a.Now)
	grid := slo.NewGrid(now.Add(-24*time.Hour), now, 6*slo.Hour)
	out := map[string]float64{}
	for _, selector := range selectors {
		answer, err := client.Range(ctx, "count("+selector+")", grid)
		if err != nil {
			return nil, fmt.Errorf("count the series of %s: %w", selector, err)
		}
		for _, s := range answer.Series {
			for _, v := range s.Values {
				if v > out[selector] { // not a number where there were none
					out[selector] = v
				}
			}
		}
	}
	return out, nil
}
