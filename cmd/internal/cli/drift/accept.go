package drift

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/internal/diag"
	"treadmill/internal/drift"
	"treadmill/upgrade/apis/scan"
)

// acceptance is how many differences somebody knows already, and how many of those are no more.
type acceptance struct{ ignored, known, inputs, gone int }

// accept takes out the differences that comments in the files or the baseline accept.
func (c *comparison) accept() (acceptance, error) {
	var got acceptance
	ignores, wrong := input.Comments(c.app, c.found, func(f drift.Finding) diag.Finding { return f.Finding })
	ignores = slices.DeleteFunc(ignores, func(i scan.Ignore) bool { return !strings.HasPrefix(i.ID, "drift/") })
	c.findings = append(c.findings, wrong...)
	comments := scan.Acceptance{Comments: ignores, Now: c.app.Time()}
	c.found = slices.DeleteFunc(c.found, func(f drift.Finding) bool { return comments.Accepts(f.Finding) })
	got.ignored = comments.Ignored
	for _, f := range comments.About() {
		if f.ID != scan.IgnoreUnused { // it may be for a cluster that was not read
			c.findings = append(c.findings, f)
		}
	}
	if c.baseline == "" {
		return got, nil
	}
	in, err := c.app.Read(c.baseline)
	if err != nil {
		return got, err
	}
	baseline, err := drift.ReadBaseline(in.Data)
	if err != nil {
		return got, fmt.Errorf("%s: %w", c.baseline, err)
	}
	c.found, got.known, got.gone = baseline.Accept(c.found)
	all := len(c.findings)
	c.findings = baseline.Inputs(c.findings)
	got.inputs = all - len(c.findings)
	return got, nil
}

// notes say what was left out.
func (g acceptance) notes() []string {
	var notes []string
	if g.ignored > 0 {
		notes = append(notes, app.Count(g.ignored, "difference is", "differences are")+" ignored by a comment.")
	}
	if g.known > 0 {
		notes = append(notes, app.Count(g.known, "difference is", "differences are")+" in the baseline.")
	}
	if g.inputs > 0 {
		notes = append(notes, app.Count(g.inputs, "finding about an input is", "findings about inputs are")+" in the baseline.")
	}
	if g.gone > 0 {
		notes = append(notes,
			app.Count(g.gone, "difference", "differences")+" of the baseline did not come up again: write it anew to keep it that way.")
	}
	return notes
}
