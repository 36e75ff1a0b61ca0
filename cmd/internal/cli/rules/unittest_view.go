package rules

import (
	"strconv"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/unittest"
)

// testData is the machine shape of `rules test`.
type testData struct {
	Findings []diag.Finding    `json:"findings"`
	Suites   []unittest.Result `json:"suites"`
	Version  int               `json:"version"`
}

func testView(results []unittest.Result, findings []diag.Finding) report.View {
	tones := map[unittest.Outcome]report.Tone{unittest.Passed: report.Good, unittest.Failed: report.Bad, unittest.NotRun: report.Warn}
	tests := report.Table{Title: "Tests", Columns: []report.Column{{Name: "result"}, {Name: "test"}, {Name: "place"}}}
	diff := report.Table{
		Title:   "Differences: - expected, + came",
		Columns: []report.Column{{Name: "place"}, {Name: "side"}, {Name: "alert or sample"}},
	}
	var cases []report.Case
	counts := map[unittest.Outcome]int{}
	for _, r := range results {
		for _, t := range r.Tests {
			counts[t.Outcome]++
			tests.Rows = append(tests.Rows, report.Row{Tone: tones[t.Outcome], Cells: []string{string(t.Outcome), t.Name, t.Position.String()}})
			c := report.Case{Name: t.Name, Place: t.Position, Skipped: t.Outcome == unittest.NotRun}
			for _, f := range t.Failures {
				findings, c.Findings = append(findings, f.Finding), append(c.Findings, f.Finding)
				for _, d := range diffRows(f) {
					diff.Rows = append(diff.Rows, d)
					c.Output += d.Cells[1] + " " + d.Cells[2] + "\n"
				}
			}
			cases = append(cases, c)
		}
	}
	lead := app.Count(len(tests.Rows), "test", "tests")
	for _, o := range []unittest.Outcome{unittest.Passed, unittest.Failed, unittest.NotRun} {
		if counts[o] > 0 {
			lead += ", " + strconv.Itoa(counts[o]) + " " + string(o)
		}
	}
	return report.View{Lead: []string{lead}, Tables: []report.Table{tests, diff}, Findings: findings, Cases: cases,
		Data: testData{Version: 1, Suites: app.List(results), Findings: app.List(findings)}}
}

func diffRows(f unittest.Failure) []report.Row {
	var rows []report.Row
	for _, m := range f.Missing {
		rows = append(rows, report.Row{Tone: report.Bad, Cells: []string{f.Position.String(), "-", m}})
	}
	for _, u := range f.Unexpected {
		rows = append(rows, report.Row{Tone: report.Good, Cells: []string{f.Position.String(), "+", u}})
	}
	return rows
}
