package drift

import (
	"fmt"
	"slices"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/internal/drift"
	"treadmill/upgrade/apis/scan"
)

// acceptance is how many differences somebody knows already, and how many of those are no more.
type acceptance struct{ ignored, known, gone int }

// accept takes out the differences that comments in the files or the baseline accept.
func (c *comparison) accept() (acceptance, error) {
	var got acceptance
	var ignores []scan.Ignore
	read := map[string]bool{app.StdinName: true, "": true}
	for _, f := range c.found {
		if read[f.File] {
			continue
		}
		read[f.File] = true
		if in, err := c.app.Read(f.File); err == nil { // else it is a cluster
			all, wrong := scan.Ignores(f.File, string(in.Data))
			ignores, c.findings = append(ignores, slices.DeleteFunc(all, func(i scan.Ignore) bool {
				return !strings.HasPrefix(i.ID,
					"drift/")
			})...), append(c.findings, wrong...)
		}
	}
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
	if g.gone > 0 {
		notes = append(
			notes,
			app.Count(g.gone, "difference", "differences")+" of the baseline did not come up again: write it anew to keep it that way.",
		)
	}
	return notes
}
