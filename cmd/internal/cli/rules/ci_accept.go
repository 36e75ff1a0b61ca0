package rules

import (
	"fmt"
	"slices"
	"time"

	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/rules/defaults"
	"treadmill/upgrade/apis/scan"
)

// lost are the findings about coverage. That an alert is new or has another expression stands in the table of coverage, and a defect that
// is new counts as much as the page that has it. What was read from a revision has no line any more: the file is the place, and the
// message has the line.
func (r *ciResult) lost(base string) []diag.Finding {
	var out []diag.Finding
	for _, f := range r.difference.Findings {
		switch {
		case f.ID == defaults.New || f.ID == defaults.Reworded:
		case f.ID == defaults.NewDefect:
			r.weigh(f)
		case base != "" && (f.ID == defaults.Lost || f.ID == defaults.LostPage):
			f.Message += fmt.Sprintf(" (it was %s:%s)", base, f.Position)
			f.Position = diag.Position{File: f.File}
			out = append(out, f)
		default:
			out = append(out, f)
		}
	}
	return out
}

// weigh gives the findings of a rule the severity of the page that they are in.
func (r *ciResult) weigh(heavy diag.Finding) {
	for i := range r.findings {
		if f := &r.findings[i]; r.change.SameRule(f.Position, heavy.Position) && f.Severity >= diag.Warning {
			f.Severity = max(f.Severity, heavy.Severity)
		}
	}
}

// accepted is a finding that somebody has accepted.
type accepted struct {
	diag.Finding
	Reason string        `json:"reason"`
	Until  string        `json:"until,omitempty"` // the first day on which it counts again
	By     diag.Position `json:"by"`              // where that is said
}

// accept takes out what comments in the files and the settings of the tree accept, and says what of that has expired.
func (ci *ciRun) accept(args []string, out *ciResult) error {
	set, problems, err := input.Settings(ci.app, ci.config, args[len(args)-1:], nil)
	if err != nil {
		return err
	}
	comments, wrong := input.Comments(ci.app, out.findings, func(f diag.Finding) diag.Finding { return f })
	all := scan.Acceptance{Settings: set, Comments: comments, Now: time.Time(ci.app.Now)}
	found := out.findings
	out.findings = nil
	for _, f := range found {
		if f.File != "" && set.Excludes(f.File) {
			out.others++
			continue
		}
		if why, ok := all.Why(f); ok {
			a := accepted{Finding: f, Reason: why.Reason, By: why.By}
			if !why.Until.IsZero() {
				a.Until = why.Until.Format(time.DateOnly)
			}
			out.accepted = append(out.accepted, a)
			continue
		}
		f.Severity = set.Graded(f)
		out.findings = append(out.findings, f)
	}
	problems = slices.Concat(problems, wrong, all.About())
	out.findings = append(out.findings, slices.DeleteFunc(problems, func(f diag.Finding) bool {
		return f.ID == scan.IgnoreUnused // it may be for a rule that did not change
	})...)
	return nil
}
