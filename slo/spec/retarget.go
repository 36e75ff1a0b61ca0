package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"treadmill/internal/diag"
	"treadmill/slo"
)

// Target is another objective for an SLO that was read.
type Target struct {
	SLO slo.SLO
	To  slo.Objective
}

// Retarget writes other objectives into the text of a file: the number alone changes, in the words of the dialect (a fraction or
// percent, with the quotes that it had), and every other byte stays. An objective that does not stand in the file as a number is
// a finding: that of a composite, which is reckoned, or one behind an alias.
func Retarget(data []byte, targets []Target) ([]byte, []diag.Finding) {
	targets = slices.Clone(targets)
	slices.SortStableFunc(targets, func(a, b Target) int { // from the end, so that places before stay
		p, q := a.SLO.Written.Pos, b.SLO.Written.Pos
		return cmp.Or(q.Line-p.Line, q.Column-p.Column)
	})
	lines := strings.SplitAfter(string(data), "\n")
	var findings []diag.Finding
	for _, t := range targets {
		if err := retarget(lines, t); err != nil {
			findings = append(
				findings,
				diag.Finding{ID: "suggest/unwritten", Severity: diag.Error, Position: t.SLO.Pos, Message: t.SLO.ID + ": " + err.Error()},
			)
		}
	}
	slices.Reverse(findings)
	return []byte(strings.Join(lines, "")), findings
}

func retarget(lines []string, t Target) error {
	w := t.SLO.Written
	if w.Pos.Line < 1 || w.Pos.Line > len(lines) {
		return fmt.Errorf("the objective is not a number in the file: write %s by hand", t.To.Percent())
	}
	line := []rune(lines[w.Pos.Line-1])
	from := min(max(w.Pos.Column-1, 0), len(line))
	if from < len(line) && (line[from] == '"' || line[from] == '\'') {
		from++
	}
	to := from
	for to < len(line) && strings.ContainsRune("0123456789.+-eE", line[to]) {
		to++
	}
	scale := slo.NewNumber(1, 1)
	if w.Percent {
		scale = slo.NewNumber(100, 1)
	}
	if old, err := slo.ParseNumber(string(line[from:to])); err != nil || old.Cmp(t.SLO.Objective.Mul(scale)) != 0 {
		return fmt.Errorf("the objective at %s is not the number %s: write %s by hand", w.Pos, t.SLO.Objective.Mul(scale), t.To.Mul(scale))
	}
	lines[w.Pos.Line-1] = string(line[:from]) + t.To.Mul(scale).String() + string(line[to:])
	return nil
}
