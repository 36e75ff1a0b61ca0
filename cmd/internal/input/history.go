package input

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/rules/compile"
	"treadmill/rules/compile/query"
	"treadmill/slo"
	"treadmill/slo/policy"
	"treadmill/slo/review"
)

// Measured is an SLO and the events of its groups.
type Measured struct {
	SLO      slo.SLO
	Measure  query.Measure
	Scrape   slo.Window       // between two scrapes of its counters, 0 when that is not known
	Parts    []Measured       // the components of a composite, each as an SLO by itself
	from     time.Time        // where its period, or the span that is asked for, begins
	Groups   []review.History // of a composite: what its components make together
	Findings []diag.Finding
}

// atOnce is how many SLOs are fetched at one time: a server should go on answering others.
const atOnce = 4

// Each fetches the events of every SLO since the time that since gives, and calls work with it. At any time there are at
// most atOnce histories in memory. The results are in the order of the SLOs.
func Each[T any](
	ctx context.Context,
	src Source,
	results []compile.Result,
	since func(slo.SLO) (time.Time, error),
	to time.Time,
	work func(Measured) T,
) []T {
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
func measure(ctx context.Context, src Source, s slo.SLO, since func(slo.SLO) (time.Time, error), to time.Time) Measured {
	if t := src.policy.For(SubjectOf(s, nil, "")); t.Period > 0 {
		s.Period = slo.Period{Length: t.Period}
	}
	if len(s.Components) == 0 {
		return measurePart(ctx, src, s, s, since, to)
	}
	m := Measured{SLO: s}
	var groups [][]review.History
	for _, part := range s.Parts() {
		p := measurePart(ctx, src, s, part, since, to)
		if len(p.Groups) == 0 && !diag.Any(p.Findings, diag.Error) {
			p.Findings = append(p.Findings, diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: s.Pos,
				Message: part.ID + ": the server has no events of this component: check its queries and that the service is scraped"})
		}
		m.Parts, groups, m.Findings = append(m.Parts, p), append(groups, p.Groups), append(m.Findings, p.Findings...)
	}
	m.from, m.Measure = m.Parts[0].from, m.Parts[0].Measure
	if !diag.Any(m.Findings, diag.Error) {
		m.Groups = review.Compose(s, m.Measure.By, groups)
	}
	return m
}

// measurePart fetches the events of one indicator of an SLO, which may be the whole of it.
func measurePart(ctx context.Context, src Source, whole, s slo.SLO, since func(slo.SLO) (time.Time, error), to time.Time) Measured {
	m := Measured{SLO: s}
	fail := func(err error) Measured {
		m.Findings = append(m.Findings, diag.Finding{ID: diag.Unread, Severity: diag.Error, Position: s.Pos, Message: s.ID + ": " + err.Error()})
		return m
	}
	var err error
	if m.from, err = since(s); err != nil {
		return fail(err)
	}
	m.Measure, _ = query.MeasureOf(s)
	if m.Scrape, err = spacing(ctx, src, m.Measure.Probe(), m.from, to); err != nil {
		return fail(err)
	}
	m.Measure = m.Measure.Scraped(m.Scrape)
	grid := slo.NewGrid(m.from, to, m.Measure.Window)
	total, err := src.Range(ctx, m.Measure.Total, grid)
	if err != nil {
		return fail(err)
	}
	query, what := m.Measure.Bad, review.Bad
	if query == "" {
		query, what = m.Measure.Good, review.Good
	}
	part, err := src.Range(ctx, query, grid)
	if err != nil {
		return fail(err)
	}
	m.Findings = src.doubts(ctx, s, m.Measure.Written, m.Measure.By, m.from, to, total, part)
	for _, h := range review.Join(grid, m.Measure.By, total.Series, part.Series, what) {
		m.Findings = append(m.Findings, odd(s, h)...)
		if m.Measure.Slice.Window > 0 {
			h = h.Slices(m.Measure.Slice.Target)
		}
		h, corrected := correct(src.policy, whole, s, h)
		m.Findings = append(m.Findings, corrected...)
		m.Groups = append(m.Groups, h)
	}
	return m
}

// correct takes out of a history what the policy corrects of it, and says how much that is.
func correct(p policy.Policy, whole, s slo.SLO, h review.History) (review.History, []diag.Finding) {
	var out []diag.Finding
	name := s.ID
	if group := h.Name(); group != "" {
		name += " (" + group + ")"
	}
	for _, c := range p.Corrected(SubjectOf(whole, h.Labels, "")) {
		var total, bad float64
		if h, total, bad = h.Without(review.Stretch{From: c.From, To: c.To}); total > 0 {
			out = append(out, diag.Finding{ID: "policy/corrected", Severity: diag.Info, Position: c.Pos,
				Message: fmt.Sprintf("%s: the correction %s takes %.0f events out, %.0f of them bad: %s", name, c.Name, total, bad, c.Reason)})
		}
	}
	return h, out
}

// spacing is how long apart the counters of an SLO were scraped: looked at now and then, as that is what it costs little to ask.
func spacing(ctx context.Context, src Source, probe string, from, to time.Time) (slo.Window, error) {
	const moments = 32
	if probe == "" {
		return 0, nil
	}
	step := slo.Hour * (1 + slo.Window(to.Sub(from))/(moments*slo.Hour))
	answer, err := src.Range(ctx, probe, slo.NewGrid(from, to, step))
	if err != nil || len(answer.Series) == 0 {
		return 0, err
	}
	return query.Spacing(answer.Series[0].Values), nil
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
				Message: fmt.Sprintf("%s: in %s of %s "+format, name, app.Count(n, "step", "steps"), h.Grid.Step)})
		}
	}
	say(
		h.Oddities.Excess,
		"there are more bad or good events than events: check that both queries count the same things; no more than all are counted",
	)
	say(h.Oddities.Negative, "there are fewer than no events, which counts as not known: check that the queries read counters")
	say(h.Oddities.Infinite, "there are infinitely many events, which counts as not known")
	say(h.Oddities.Orphan, "there are bad or good events of which no total is known, which count as not known")
	return out
}

// Usable is the results that have rules: the others have errors, which their findings say.
func Usable(results []compile.Result) []compile.Result {
	return slices.DeleteFunc(slices.Clone(results), func(r compile.Result) bool { return len(r.Groups) == 0 })
}

// Simple is the usable results, with the components of a composite as SLOs by themselves in its place.
func Simple(results []compile.Result) []compile.Result {
	var out []compile.Result
	for _, r := range Usable(results) {
		if len(r.SLO.Components) > 0 {
			out = append(out, compile.All(r.SLO.Parts(), compile.Options{})...)
		} else {
			out = append(out, r)
		}
	}
	return out
}
