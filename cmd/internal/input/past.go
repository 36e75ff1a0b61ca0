package input

import (
	"context"
	"time"

	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/rules/compile"
	"treadmill/slo"
)

// FetchPast reads the history of one SLO over a time, from as long before it as its rules look back, and as far as others do that are to be
// played over it; nil when it cannot.
func FetchPast(ctx context.Context, src Source, s slo.SLO, others slo.Window, since, now time.Time) (*backtest.Past, []diag.Finding) {
	replay := compile.ReplayOf(s, compile.Options{})
	warmup := max(others, backtest.Warmup(&replay))
	p := &backtest.Past{SLO: s, Replay: replay, Since: since, Grid: slo.NewGrid(since.Add(-time.Duration(warmup)), now, replay.Every)}
	var findings []diag.Finding
	fail := func(message string) (*backtest.Past, []diag.Finding) {
		return nil, append(findings, diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: s.Pos, Message: s.ID + ": " + message})
	}
	for _, part := range replay.Parts {
		total, err := src.Range(ctx, part.Total, p.Grid)
		if err != nil {
			return fail(err.Error())
		}
		some, err := src.Range(ctx, part.Bad+part.Good, p.Grid)
		if err != nil {
			return fail(err.Error())
		}
		findings = append(findings, src.doubts(ctx, s, part.Written, replay.By, since, now, total, some)...)
		switch {
		case len(total.Series) > 0:
		case part.Name == "":
			return fail(noEvents)
		default:
			return fail("there are no events of its component " + part.Name + ": check its queries and the retention of the server")
		}
		p.Parts = append(p.Parts, backtest.Counts{Total: total.Series, Part: some.Series})
	}
	for _, h := range p.Histories() {
		findings = append(findings, Gaps(s, h, since, now)...)
	}
	return p, findings
}
