package treadmill

import (
	"context"
	"io/fs"
	"slices"
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules"
	"treadmill/rules/backtest"
	"treadmill/rules/compile"
	"treadmill/rules/defaults"
	"treadmill/rules/eval"
	"treadmill/rules/lint"
	"treadmill/slo"
	"treadmill/slo/review"
	"treadmill/slo/spec"
)

// SLOs reads objectives in the dialects of OpenSLO, Sloth and Pyrra from files and folders.
func SLOs(fsys fs.FS, paths []string) ([]slo.SLO, []Finding) {
	files, findings := collect(fsys, paths, ".yaml", ".yml", ".json")
	slos, problems := spec.Read(func(yield func(yamlx.Document) bool) {
		for _, f := range files {
			docs, problems := yamlx.Documents(f.name, f.data)
			findings = append(findings, problems...)
			for _, d := range docs {
				if !yield(d) {
					return
				}
			}
		}
	})
	return slos, diag.Sort(append(findings, problems...))
}

// Generate makes the recording and alerting rules of SLOs. An SLO of which no rules can be made has none, and findings that say why.
func Generate(slos []slo.SLO, o compile.Options) ([]compile.Result, []Finding) {
	results := compile.All(slos, o)
	var findings []Finding
	for _, r := range results {
		findings = append(findings, r.Findings...)
	}
	return results, diag.Sort(findings)
}

// Text is the rules of SLOs in a format, such as [rules.Prometheus].
func Text(results []compile.Result, format rules.Format) []byte {
	var sets []rules.Set
	for _, r := range results {
		if len(r.Groups) > 0 {
			sets = append(sets, rules.Set{Name: r.SLO.ID, Namespace: r.SLO.Object.Namespace, Labels: r.SLO.Object.Labels, Groups: r.Groups})
		}
	}
	return format.Append(nil, sets...)
}

// Backtest replays the rules of SLOs over history from a time on: what would have fired, and which spans spent two percent of a budget or
// more. History is a file of samples, OpenMetrics text with timestamps or series in the notation of promtool's tests.
func Backtest(ctx context.Context, fsys fs.FS, slos []slo.SLO, history string, since, now time.Time) ([]backtest.Result, []Finding, error) {
	files, findings := collect(fsys, []string{history})
	store := eval.NewStore()
	for _, f := range files {
		findings = append(findings, backtest.ReadSamples(store, f.name, f.data)...)
	}
	if diag.Any(findings, Error) {
		return nil, findings, nil
	}
	var out []backtest.Result
	for _, s := range slos {
		past, problem, err := replay(ctx, backtest.Local{Store: store}, s, since, now)
		if err != nil {
			return nil, nil, err
		}
		if problem != "" {
			findings = append(findings, diag.Errorf(diag.Unread, s.Pos, "%s: %s", s.ID, problem))
			continue
		}
		out = append(out, past.Run(review.LeastIncident))
	}
	return out, diag.Sort(findings), nil
}

// replay asks the samples what the queries of an SLO gave. The problem says why nothing can be said.
func replay(ctx context.Context, samples backtest.Local, s slo.SLO, since, now time.Time) (p backtest.Past, problem string, err error) {
	r := compile.ReplayOf(s, compile.Options{})
	p = backtest.Past{SLO: s, Replay: r, Since: since, Grid: slo.NewGrid(since.Add(-time.Duration(backtest.Warmup(&r))), now, r.Every)}
	for _, part := range r.Parts {
		total, err := samples.Range(ctx, part.Total, p.Grid)
		if err != nil {
			return p, "", err
		}
		some, err := samples.Range(ctx, part.Bad+part.Good, p.Grid)
		if err != nil {
			return p, "", err
		}
		if len(total.Series) == 0 {
			return p, "the history has no events of it", nil
		}
		p.Parts = append(p.Parts, backtest.Counts{Total: total.Series, Part: some.Series})
	}
	return p, "", nil
}

// ruleFiles reads alert rules from files and folders.
func ruleFiles(fsys fs.FS, paths []string) ([]rules.File, []Finding) {
	files, findings := collect(fsys, paths, ".yaml", ".yml", ".json")
	var out []rules.File
	for _, f := range files {
		read, problems := rules.Read(f.name, f.data)
		out, findings = append(out, read...), append(findings, problems...)
	}
	return out, findings
}

// Audit says of each alert in files and folders what to do about it: page, ticket, keep as information, replace by an SLO, or drop.
func Audit(fsys fs.FS, paths []string, platform defaults.Platform) (defaults.Report, []Finding) {
	files, findings := ruleFiles(fsys, paths)
	table, problems := defaults.Known()
	report := defaults.Audit(files, table, platform)
	return report, diag.Sort(slices.Concat(findings, problems, report.Findings))
}

// Lint finds what alert rules and dashboards ask of the components of Kubernetes that a version does not have.
func Lint(fsys fs.FS, paths []string, target Version) (lint.Report, []Finding, error) {
	known, err := lint.Kubernetes()
	if err != nil {
		return lint.Report{}, nil, err
	}
	files, findings := collect(fsys, paths, ".yaml", ".yml", ".json")
	var read []rules.File
	var panels []lint.Query
	for _, f := range files {
		more, problems := rules.Read(f.name, f.data)
		queries, dashboards := lint.Dashboards(f.name, f.data)
		if dashboards > 0 {
			problems = slices.DeleteFunc(problems, func(p Finding) bool { return p.ID == rules.FindingNotRules })
		}
		read, panels, findings = append(read, more...), append(panels, queries...), append(findings, problems...)
	}
	queries, recorded := lint.Rules(read)
	report := lint.Check(append(queries, panels...), recorded, known, target)
	return report, diag.Sort(append(findings, report.Findings...)), nil
}
