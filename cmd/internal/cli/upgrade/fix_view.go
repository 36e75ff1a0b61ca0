package upgrade

import (
	"fmt"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/textdiff"
	"treadmill/upgrade"
	"treadmill/upgrade/apis/fix"
)

// fixData is the machine shape of `upgrade fix`.
type fixData struct {
	Changes  []fix.Change   `json:"changes"`
	Diff     string         `json:"diff"`
	Findings []diag.Finding `json:"findings"`
	Target   upgrade.Minor  `json:"target"`
	Version  int            `json:"version"`
	Written  bool           `json:"written"`
}

// fixView shows what was rewritten, or would be, and what was not.
func fixView(fixed fixedFiles, target upgrade.Minor, written bool) report.View {
	changes, files := []fix.Change{}, 0
	findings := append([]diag.Finding{}, fixed.seen.Findings...)
	var diffs []byte
	for _, f := range fixed.files {
		changes, findings = append(changes, f.Changes...), append(findings, f.Findings...)
		if len(f.Changes) > 0 {
			files++
			diffs = append(diffs, textdiff.Unified(f.name, f.old, f.Text)...)
		}
	}
	diag.Sort(findings)
	t := report.Table{Columns: []report.Column{{Name: "place"}, {Name: "API"}, {Name: "namespace", Wide: true}, {Name: "name"}, {Name: "to"},
		{Name: "served since"}, {Name: "notes", Wide: true}}}
	for _, c := range changes {
		t.Rows = append(
			t.Rows,
			report.Row{Tone: report.Good, Cells: []string{c.Position.String(), c.APIVersion + " " + c.Kind, c.Namespace, c.Name,
				c.To, c.ServedSince.String(), strings.Join(c.Notes, "; ")}},
		)
	}
	did := "can be rewritten"
	if written {
		did = "rewritten"
	}
	refused := 0
	for _, f := range findings {
		if f.ID == fix.Refused {
			refused++
		}
	}
	v := report.View{Tables: []report.Table{t}, Findings: findings, Data: fixData{Version: 1, Target: target, Written: written,
		Changes: changes, Diff: string(diffs), Findings: findings}}
	v.Lead = []string{
		fmt.Sprintf("%s in %s checked for Kubernetes %s: %d %s in %s, %d left as they are.", app.Count(fixed.seen.Seen, "object", "objects"),
			app.Count(fixed.seen.Opened, "file", "files"), target, len(changes), did, app.Count(files, "file", "files"), refused),
	}
	if !written && len(diffs) > 0 {
		v.Document = diffs
	}
	return v
}
