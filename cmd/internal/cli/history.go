package cli

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"treadmill/internal/diag"
	"treadmill/rules/compile"
	"treadmill/slo"
	"treadmill/slo/review"
)

// measured is an SLO and the events of its groups.
type measured struct {
	slo      slo.SLO
	measure  compile.Measure
	scrape   slo.Window       // between two scrapes of its counters, 0 when that is not known
	parts    []measured       // the components of a composite, each as an SLO by itself
	from     time.Time        // where its period, or the span that is asked for, begins
	groups   []review.History // of a composite: what its components make together
	findings []diag.Finding
}

// atOnce is how many SLOs are fetched at one time: a server should go on answering others.
const atOnce = 4

// each fetches the events of every SLO since the time that since gives, and calls work with it. At any time there are at
// most atOnce histories in memory. The results are in the order of the SLOs.
func each[T any](ctx context.Context, src source, results []compile.Result, since func(slo.SLO) (time.Time, error), to time.Time, work func(measured) T) []T {
	out := make([]T, len(results))
	var wg sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i, r := range results {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			out[i] = work(measure(ctx, src, r.SLO, since, to))
		})
	}
	wg.Wait()
	return out
}

// measure fetches the events of one SLO. What is not known of a component is not known of the composite either.
func measure(ctx context.Context, src source, s slo.SLO, since func(slo.SLO) (time.Time, error), to time.Time) measured {
	if len(s.Components) == 0 {
		return measurePart(ctx, src, s, since, to)
	}
	m := measured{slo: s}
	var groups [][]review.History
	for _, part := range s.Parts() {
		p := measurePart(ctx, src, part, since, to)
		if len(p.groups) == 0 && !diag.Any(p.findings, diag.Error) {
			p.findings = append(p.findings, diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: s.Pos,
				Message: part.ID + ": the server has no events of this component: check its queries and that the service is scraped"})
		}
		m.parts, groups, m.findings = append(m.parts, p), append(groups, p.groups), append(m.findings, p.findings...)
	}
	m.from, m.measure = m.parts[0].from, m.parts[0].measure
	if !diag.Any(m.findings, diag.Error) {
		m.groups = review.Compose(s, m.measure.By, groups)
	}
	return m
}

// measurePart fetches the events of one indicator.
func measurePart(ctx context.Context, src source, s slo.SLO, since func(slo.SLO) (time.Time, error), to time.Time) measured {
	m := measured{slo: s}
	fail := func(err error) measured {
		m.findings = append(m.findings, diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: s.Pos, Message: s.ID + ": " + err.Error()})
		return m
	}
	var err error
	if m.from, err = since(s); err != nil {
		return fail(err)
	}
	m.measure, _ = compile.MeasureOf(s)
	if m.scrape, err = spacing(ctx, src, m.measure.Probe(), m.from, to); err != nil {
		return fail(err)
	}
	plain := m.measure
	m.measure = plain.Precise(m.scrape)
	grid := slo.NewGrid(m.from, to, m.measure.Window)
	total, err := src.Range(ctx, m.measure.Total, grid)
	if err != nil {
		return fail(err)
	}
	query, what := m.measure.Bad, review.Bad
	if query == "" {
		query, what = m.measure.Good, review.Good
	}
	part, err := src.Range(ctx, query, grid)
	if err != nil {
		return fail(err)
	}
	m.findings = src.doubts(ctx, s, []string{plain.Total, plain.Bad + plain.Good}, plain.By, m.from, to, total, part)
	for _, h := range review.Join(grid, m.measure.By, total.Series, part.Series, what) {
		m.findings = append(m.findings, odd(s, h)...)
		if m.measure.Slice.Window > 0 {
			h = h.Slices(m.measure.Slice.Target)
		}
		m.groups = append(m.groups, h)
	}
	return m
}

// spacing is how long apart the counters of an SLO were scraped: looked at now and then, as that is what it costs little to ask.
func spacing(ctx context.Context, src source, probe string, from, to time.Time) (slo.Window, error) {
	const moments = 32
	if probe == "" {
		return 0, nil
	}
	step := slo.Hour * (1 + slo.Window(to.Sub(from))/(moments*slo.Hour))
	answer, err := src.Range(ctx, probe, slo.NewGrid(from, to, step))
	if err != nil || len(answer.Series) == 0 {
		return 0, err
	}
	return compile.Spacing(answer.Series[0].Values), nil
}

// odd reports what in a history cannot be true.
func odd(s slo.SLO, h review.History) []diag.Finding {
	var out []diag.Finding
	name := s.ID
	if group := h.Name(); group != "" {
		name += " (" + group + ")"
	}
	say := func(n int, format string) {
		if n > 0 {
			out = append(out, diag.Finding{ID: "history/odd", Severity: diag.Warning, Position: s.Pos,
				Message: fmt.Sprintf("%s: in %s of %s "+format, name, count(n, "step", "steps"), h.Grid.Step)})
		}
	}
	say(h.Oddities.Excess, "there are more bad or good events than events: check that both queries count the same things; no more than all are counted")
	say(h.Oddities.Negative, "there are fewer than no events, which counts as not known: check that the queries read counters")
	say(h.Oddities.Infinite, "there are infinitely many events, which counts as not known")
	say(h.Oddities.Orphan, "there are bad or good events of which no total is known, which count as not known")
	return out
}

// usable is the results that have rules: the others have errors, which their findings say.
func usable(results []compile.Result) []compile.Result {
	return slices.DeleteFunc(slices.Clone(results), func(r compile.Result) bool { return len(r.Groups) == 0 })
}

// simple is the usable results, with the components of a composite as SLOs by themselves in its place.
func simple(results []compile.Result) []compile.Result {
	var out []compile.Result
	for _, r := range usable(results) {
		if len(r.SLO.Components) > 0 {
			out = append(out, compile.All(r.SLO.Parts(), compile.Options{})...)
		} else {
			out = append(out, r)
		}
	}
	return out
}
