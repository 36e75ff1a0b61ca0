package upgrade

import (
	"fmt"
	"path/filepath"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/glob"
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
func fixView(fixed fixedFiles, target upgrade.Minor, written bool) (report.View, error) {
	changes, files := []fix.Change{}, 0
	findings := fixed.said
	for _, f := range fixed.files {
		if changes = append(changes, f.Changes...); len(f.Changes) > 0 {
			files++
		}
	}
	diffs, err := patch(fixed.files)
	if err != nil {
		return report.View{}, err
	}
	t := report.Table{Columns: []report.Column{{Name: "place"}, {Name: "API"}, {Name: "namespace", Wide: true}, {Name: "name"}, {Name: "to"},
		{Name: "served since"}, {Name: "notes", Wide: true}}}
	for _, c := range changes {
		t.Rows = append(t.Rows, report.Row{Tone: report.Good, Cells: []string{c.Position.String(), c.APIVersion + " " + c.Kind, c.Namespace,
			c.Name, c.To, c.ServedSince.String(), strings.Join(c.Notes, "; ")}})
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
	v := report.View{Tables: []report.Table{t}, Findings: findings, Hidden: fixed.hidden,
		Notes: input.AcceptedNotes(fixed.accepted, fixed.hidden), Data: fixData{Version: 1, Target: target, Written: written,
			Changes: changes, Diff: string(diffs), Findings: findings}}
	v.Lead = []string{
		fmt.Sprintf("%s in %s checked for Kubernetes %s: %d %s in %s, %d left as they are.", app.Count(fixed.seen.Seen, "object", "objects"),
			app.Count(fixed.seen.Opened, "file", "files"), target, len(changes), did, app.Count(files, "file", "files"), refused),
	}
	if !written && len(diffs) > 0 {
		v.Document = diffs
	}
	return v, nil
}

// patch is the difference of all files, named as they are seen from the folder that one stands in; where some lie outside of it, from the
// folder above that has them all, which it says.
func patch(files []fixedFile) ([]byte, error) {
	here, err := filepath.Abs(".")
	if err != nil {
		return nil, err
	}
	base, once := here, map[string]bool{}
	var changed []fixedFile
	for _, f := range files {
		if len(f.Changes) == 0 {
			continue
		}
		if f.name != app.StdinName {
			if f.name, err = filepath.Abs(f.name); err != nil {
				return nil, err
			}
			base = common(base, f.name)
		}
		if !once[f.name] {
			once[f.name] = true
			changed = append(changed, f)
		}
	}
	var out []byte
	if above, err := filepath.Rel(here, base); err == nil && above != "." {
		out = fmt.Appendf(out, "Apply this in %s, as it changes files outside of the folder that you are in.\n", above)
	}
	for _, f := range changed {
		if below, ok := glob.Below(base, f.name); ok {
			f.name = below
		}
		out = append(out, textdiff.Unified(f.name, f.old, f.Text)...)
	}
	return out, nil
}

// common is the nearest folder at or above a folder in which a file lies.
func common(folder, file string) string {
	for _, ok := glob.Below(folder, file); !ok && filepath.Dir(folder) != folder; _, ok = glob.Below(folder, file) {
		folder = filepath.Dir(folder)
	}
	return folder
}
