package slo

import (
	"fmt"

	"github.com/spf13/pflag"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/rules/compile"
	"treadmill/rules/compile/query"
	"treadmill/rules/scrape"
)

// scrapeFlags name what is scraped, and what of it is dropped.
type scrapeFlags struct{ metrics, relabel string }

func (s *scrapeFlags) add(f *pflag.FlagSet) {
	f.StringVar(
		&s.metrics,
		"metrics",
		"",
		"a page of metrics as the service answers it: says which queries find nothing on it, and the bounds that histograms have",
	)
	f.StringVar(
		&s.relabel,
		"relabel",
		"",
		"metric_relabel_configs of the scrape, or a ServiceMonitor's metricRelabelings: says which queries they leave without series",
	)
}

// checkScrape checks the queries of SLOs against what is scraped.
func checkScrape(a *app.App, s scrapeFlags, drafts []*compile.Draft) ([]diag.Finding, error) {
	if s == (scrapeFlags{}) {
		return nil, nil
	}
	queries := queriesOf(drafts)
	var page scrape.Page
	var drops scrape.Drops
	var findings []diag.Finding
	if s.metrics != "" {
		in, err := a.Read(s.metrics)
		if err != nil {
			return nil, err
		}
		if page, err = scrape.ReadPage(in.Data); err != nil {
			return nil, fmt.Errorf("read %s: %w", in.Name, err)
		}
		findings = scrape.Compare(queries, in.Name, page)
	}
	if s.relabel != "" {
		in, err := a.Read(s.relabel)
		if err != nil {
			return nil, err
		}
		if drops, err = scrape.ReadDrops(in.Data); err != nil {
			return nil, fmt.Errorf("read %s: %w", in.Name, err)
		}
	}
	return append(findings, scrape.Check(queries, page, drops)...), nil
}

// queriesOf are the queries by which SLOs count.
func queriesOf(drafts []*compile.Draft) []scrape.Query {
	var out []scrape.Query
	for _, d := range drafts {
		for _, part := range d.SLO.Parts() {
			m, _ := query.MeasureOf(part)
			for i, expr := range m.Written {
				out = append(out, scrape.Query{SLO: part.ID, Expr: expr, Bad: i == 1 && m.Bad != "", Pos: part.Pos})
			}
		}
	}
	return out
}
