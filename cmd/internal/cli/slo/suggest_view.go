package slo

import (
	"fmt"
	"path/filepath"
	"strconv"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/backtest"
	"treadmill/slo"
	"treadmill/slo/review"
	"treadmill/slo/spec"
)

// adopt puts the suggested objectives into the texts of their files: name → text. What changes is in the list, what is not taken a finding.
func adopt(a *app.App, slos []suggested, loosen bool) (map[string][]byte, []string, []diag.Finding) {
	byFile := map[string][]spec.Target{}
	var names, changes []string
	var kept []diag.Finding
	tried := make([]backtest.Tried, len(slos))
	for i, s := range slos {
		tried[i] = backtest.Tried{SLO: s.slo, Options: s.Options}
	}
	for i, c := range backtest.Adopt(tried, loosen) {
		s := slos[i]
		to, err := slo.NewObjective(c.To.Div(slo.NewNumber(100, 1)))
		if c.Kept != "" {
			kept = append(kept, diag.Finding{ID: "suggest/kept", Severity: diag.Warning, Position: s.slo.Written.Pos,
				Message: fmt.Sprintf("%s: %s%% is suggested and %s%% kept: %s", s.Name, c.To, c.From, c.Kept)})
		}
		if c.Kept != "" || c.To.Cmp(c.From) == 0 || err != nil {
			continue
		}
		file := s.slo.Pos.File
		if byFile[file] == nil {
			names = append(names, file)
		}
		byFile[file] = append(byFile[file], spec.Target{SLO: s.slo, To: to})
		changes = append(changes, fmt.Sprintf("%s: %s%% becomes %s%% in %s.", s.Name, c.From, c.To, file))
	}
	out := map[string][]byte{}
	for _, name := range names {
		in, err := a.Read(name)
		path := name
		if err == nil {
			path, err = filepath.EvalSymlinks(name)
		}
		if err != nil {
			return nil, nil, []diag.Finding{
				{ID: diag.Unread, Severity: diag.Error, Position: diag.Position{File: name}, Message: app.Cause(err).Error()},
			}
		}
		text, problems := spec.Retarget(in.Data, byFile[name])
		if len(problems) > 0 { // all or nothing
			return nil, nil, problems
		}
		out[path] = text
	}
	return out, changes, kept
}

// suggestData is the machine shape of `slo suggest`.
type suggestData struct {
	Findings []diag.Finding `json:"findings"`
	SLOs     []suggested    `json:"slos"`
	Version  int            `json:"version"`
	Written  []string       `json:"written"`
}

func suggestView(slos []suggested, changes []string, findings []diag.Finding) report.View {
	v := report.View{
		Title:    "SLO targets",
		Lead:     changes,
		Findings: findings,
		Data:     suggestData{Version: 1, SLOs: app.List(slos), Written: app.List(changes), Findings: app.List(findings)},
	}
	for _, s := range slos {
		v.Lead = append(v.Lead, s.advice()...)
		t := report.Table{Title: s.Name + ": " + s.Objective.String() + "% now", Columns: optionColumns("objective")}
		for _, o := range s.Options {
			t.Rows = append(t.Rows, optionRow(o.Objective.String()+"%", o, ""))
		}
		v.Tables = append(v.Tables, t)
		if len(s.Bounds) > 1 {
			b := report.Table{Title: s.Name + ": " + s.Objective.String() + "% within other bounds of its histogram", Columns: optionColumns("le")}
			for _, o := range s.Bounds {
				now := ""
				if o.Current {
					now = "now"
				}
				b.Rows = append(b.Rows, optionRow(o.Le, o.Option, now))
			}
			v.Tables = append(v.Tables, b)
		}
		for _, o := range s.Options {
			if o.Objective.Cmp(s.Objective) == 0 && o.Verdict == backtest.Unmeasurable {
				v.Notes = append(
					v.Notes,
					fmt.Sprintf(
						"%s: %.0f bad events spend the budget of %s%%, so it measures chance: send probes (such as the blackbox exporter's), or join it with services that are alike.",
						s.Name,
						o.BadAllowed,
						s.Objective,
					),
				)
			}
		}
	}
	return v
}

// advice is what comes of what was tried, in sentences.
func (s suggested) advice() []string {
	if len(s.Options) == 0 {
		return nil
	}
	out := []string{s.Name + ": none of the objectives that were tried is suggested; try looser ones with --target."}
	for _, o := range s.Options {
		switch same := o.Objective.Cmp(s.Objective) == 0; {
		case o.Suggested && same:
			out[0] = fmt.Sprintf("%s: keep %s%%, of whose budget %s was spent.", s.Name, s.Objective, review.Percent(o.BudgetSpent))
		case o.Suggested:
			out[0] = fmt.Sprintf(
				"%s: %s%% instead of %s%%, of whose budget %s would have been spent.",
				s.Name,
				o.Objective,
				s.Objective,
				review.Percent(o.BudgetSpent),
			)
		}
	}
	for _, b := range s.Bounds {
		if b.Suggested && !b.Current {
			out = append(out, fmt.Sprintf("%s: %s%% can be kept within le=%q.", s.Name, s.Objective, b.Le))
		}
	}
	return out
}

func optionColumns(first string) []report.Column {
	out := []report.Column{{Name: first, Right: true}}
	for _, c := range []report.Column{{Name: "budget spent"}, {Name: "confidence"}, {Name: "bad events allowed", Rank: 2},
		{Name: "traffic", Keep: true, Rank: 1},
		{Name: "incidents", Rank: 3}, {Name: "pages"}, {Name: "precision", Rank: 3}, {Name: "recall", Rank: 3}} {
		c.Right = !c.Keep
		out = append(out, c)
	}
	return append(out, report.Column{Name: "choice"})
}

func optionRow(first string, o backtest.Option, mark string) report.Row {
	tone := report.Plain
	if o.Suggested {
		tone = report.Good
		if mark += ", suggested"; mark[0] == ',' {
			mark = mark[2:]
		}
	}
	return report.Row{
		Tone: tone,
		Cells: []string{first, review.Percent(o.BudgetSpent), fmt.Sprintf("%.0f%%", 100*o.Confidence), fmt.Sprintf("%.0f", o.BadAllowed),
			string(
				o.Verdict,
			), strconv.Itoa(o.Incidents), strconv.Itoa(o.Score.Pages), app.ShareCell(o.Score.Precision), app.ShareCell(o.Score.Recall), mark},
	}
}
