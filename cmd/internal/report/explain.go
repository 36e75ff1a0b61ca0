package report

import (
	"slices"

	"treadmill/cmd/internal/build"
	"treadmill/internal/diag"
	"treadmill/internal/diag/catalogue"
)

// Explained is what the catalogue says of a finding that a result has.
type Explained struct {
	catalogue.Entry
	Link string // the page about it on the web, where there is one
}

// explain looks up the findings of a result, one entry an ID in the order of IDs. What the catalogue does not know is left out.
func explain(findings []diag.Finding) []Explained {
	var ids []string
	for _, f := range findings {
		ids = append(ids, f.ID)
	}
	slices.Sort(ids)
	info := build.Read()
	var out []Explained
	for _, id := range slices.Compact(ids) {
		if e, err := catalogue.Find(id); err == nil {
			out = append(out, Explained{Entry: e, Link: info.Page("findings/" + id + ".md")})
		}
	}
	return out
}
