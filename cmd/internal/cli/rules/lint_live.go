package rules

import (
	"context"
	"errors"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/rules/lint"
	"treadmill/slo"
)

// lintLive asks a server for the series and the types of metrics that queries want, at moments of the last day.
func lintLive(ctx context.Context, a *app.App, where input.Live, queries []lint.Query, recorded map[string]bool) ([]diag.Finding, error) {
	client, err := input.Client(a, where)
	if err != nil {
		return nil, err
	}
	lost := func(what string, err error) ([]diag.Finding, error) {
		if errors.Is(err, context.Canceled) {
			return nil, err
		}
		return []diag.Finding{
			{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: where.Address}, Message: what + " cannot be read: " + err.Error()},
		}, nil
	}
	live := lint.Live{Series: map[string]bool{}}
	if live.Types, err = client.Types(ctx); err != nil {
		return lost("the types of metrics", err)
	}
	now := time.Time(a.Now)
	grid := slo.NewGrid(now.Add(-24*time.Hour), now, 6*slo.Hour)
	selectors, names := lint.Selectors(queries, recorded)
	for i, all := range [][]string{selectors, names} {
		for _, selector := range all {
			if i == 1 && live.Series[selector] {
				continue
			}
			answer, err := client.Range(ctx, "group("+selector+")", grid)
			if err != nil {
				return lost("the series of "+selector, err)
			}
			live.Series[selector] = len(answer.Series) > 0
		}
	}
	return lint.CheckLive(queries, recorded, live), nil
}
