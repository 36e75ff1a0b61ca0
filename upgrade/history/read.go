package history

import (
	"time"

	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
)

// document is the file as it is written.
type document struct {
	Version   yamlx.At[int] `yaml:"version,required"`
	Campaigns []Campaign    `yaml:"campaigns"`
}

// Read reads a file of past campaigns and finds everything that is wrong with it. No text is a file without campaigns.
func Read(name string, data []byte) (File, []diag.Finding) {
	f := File{Name: name, text: data}
	docs, findings := yamlx.Documents(name, data)
	if len(docs) == 0 {
		return f, findings
	}
	fail := func(at diag.Position, format string, args ...any) {
		findings = append(findings, diag.Errorf("record/wrong", at, format, args...))
	}
	if len(docs) > 1 {
		fail(yamlx.Position(name, docs[1].Root), "a file of past campaigns is one document; this is another")
		return f, diag.Sort(findings)
	}
	var d document
	findings = append(findings, yamlx.Decode(docs[0], &d)...)
	if d.Version.Set() && d.Version.V != Version {
		fail(d.Version.Pos, "version %d is not known: this program reads version %d", d.Version.V, Version)
	}
	f.Campaigns = d.Campaigns
	for i, c := range f.Campaigns {
		switch {
		case c.Start.V.IsZero() || c.End.V.IsZero() || c.From.V.IsZero() || c.To.V.IsZero():
			continue // the decoder has said so
		case c.End.V.Before(c.Start.V.Time):
			fail(c.End.Pos, "the campaign ends before it begins")
		case c.End.V.Sub(c.Start.V.Time) > 92*24*time.Hour:
			fail(c.End.Pos, "the campaign lasts longer than a quarter of a year; record its hops one by one")
		case c.To.V.Less(c.From.V) && c.Outcome != RolledBack:
			fail(c.To.Pos, "the campaign goes from %s back to %s: write outcome: %s where it was rolled back", c.From.V, c.To.V, RolledBack)
		}
		for _, earlier := range f.Campaigns[:i] {
			if c.Same(earlier) {
				fail(c.Pos, "the campaign stands in line %d already, so that it would count twice", earlier.Pos.Line)
			}
		}
	}
	return f, diag.Sort(findings)
}
