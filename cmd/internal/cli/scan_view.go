package cli

import (
	"fmt"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/upgrade"
	"treadmill/upgrade/lifecycle"
	"treadmill/upgrade/manifest"
	"treadmill/upgrade/scan"
)

// scanView shows what a scan found and what it looked at.
func scanView(seen manifest.Result, found []scan.Finding, table *lifecycle.Table, target upgrade.Minor) report.View {
	apis := report.Table{Columns: []report.Column{{Name: "place"}, {Name: "API"}, {Name: "namespace", Wide: true}, {Name: "name"}, {Name: "state"},
		{Name: "deprecated"}, {Name: "removed"}, {Name: "use"}}}
	removed := 0
	all := []scan.Finding{}
	var findings []diag.Finding
	for _, f := range found {
		apis.Rows = append(apis.Rows, apiRow(f))
		if f.ID == scan.Removed {
			removed++
		}
		all, findings = append(all, f), append(findings, f.Finding)
	}
	v := report.View{Tables: []report.Table{apis}, Tabled: true}
	if len(seen.Findings) > 0 {
		inputs := report.Table{Title: "Not read", Columns: []report.Column{{Name: "place"}, {Name: "severity"}, {Name: "problem"}, {Name: "ID"}}}
		for _, f := range seen.Findings {
			inputs.Rows = append(inputs.Rows, report.Row{Tone: report.ToneOf(f.Severity), Cells: []string{f.Position.String(), f.Severity.String(), f.Message, f.ID}})
			all = append(all, scan.Finding{Finding: f, Source: manifest.File})
		}
		v.Tables = append(v.Tables, inputs)
		findings = append(findings, seen.Findings...)
	}
	v.Findings = findings
	v.Lead = []string{fmt.Sprintf("%s in %s checked for Kubernetes %s: %d removed, %d deprecated.",
		count(seen.Seen, "object", "objects"), count(seen.Files, "file", "files"), target, removed, len(found)-removed)}
	if table.Newest.Less(target) {
		v.Notes = append(v.Notes, fmt.Sprintf("Kubernetes %s is the newest release that the catalogue of %s knows; what leaves later is as planned then.",
			table.Newest, table.Date))
	}
	scan.Sort(all)
	v.Data = map[string]any{"version": 1, "target": target, "catalogue": map[string]any{"newest": table.Newest, "date": table.Date},
		"files": seen.Files, "objects": seen.Seen, "findings": all}
	return v
}

func apiRow(f scan.Finding) report.Row {
	use, state := "-", "deprecated"
	if f.ID == scan.Removed {
		state = "removed"
	}
	if f.Replacement != nil {
		if use = f.Replacement.APIVersion; f.Replacement.Kind != f.Kind {
			use += " " + f.Replacement.Kind
		}
	}
	leaves := f.RemovedIn.String()
	if f.Evidence == lifecycle.Planned {
		leaves += " planned"
	}
	return report.Row{Tone: report.ToneOf(f.Severity), Cells: []string{f.Position.String(), f.APIVersion + " " + f.Kind, f.Namespace, f.Name,
		state, f.DeprecatedIn.String(), leaves, use}}
}
