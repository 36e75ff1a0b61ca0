package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
)

// full is a view that has every part.
func full() report.View {
	type row struct {
		Name    string   `json:"name"`
		Version string   `json:"version"`
		Teams   []string `json:"teams"`
	}
	return report.View{
		Title: "treadmill upgrade plan",
		Lead:  []string{"12 hops in 4 campaigns, the first on 2026-11-24."},
		Data: map[string]any{"version": 1, "clusters": []row{
			{"pay-dev-eu", "1.30", []string{}}, {"pay-prod-eu", "1.33", []string{"payments", "on"}}}},
		Tables: []report.Table{{
			Title:   "Campaigns",
			Columns: []report.Column{{Name: "cluster"}, {Name: "hops"}, {Name: "cost", Right: true}, {Name: "reason", Wide: true}},
			Rows: []report.Row{
				{Cells: []string{"pay-dev-eu", "1.33 → 1.34 → 1.36", "1900", "first in its group"}, Tone: report.Good},
				{Cells: []string{"pay-prod-eu", "1.33 → 1.35", "2300.50", "soak | 21d after *staging*"}, Tone: report.Warn},
				{Cells: []string{"search-prod-us", "", "0", "=no version <in> time"}, Tone: report.Bad},
				{Cells: []string{"legacy", "none", "-15", "left alone"}, Tone: report.Muted},
			},
		}},
		Charts: []report.Chart{hops()},
		Findings: []diag.Finding{
			{
				ID:       "plan/infeasible",
				Severity: diag.Error,
				Message:  "search-prod-us cannot reach 1.36 before its support ends",
				Position: diag.Position{File: "fleet.yaml", Line: 31, Column: 5},
			},
			{ID: "windows/outdated", Severity: diag.Info, Message: "the support calendar is 91 days old"},
			{
				ID:       "fleet/unknown-addon",
				Severity: diag.Warning,
				Message:  `no data about add-on "foo, bar": 100%`,
				Position: diag.Position{File: "a folder/fleet.yaml", Line: 7},
			},
		},
		Notes: []string{"Prices are in USD."},
	}
}

// TestGolden keeps the bytes of every format; UPDATE_GOLDEN=1 accepts new ones.
func TestGolden(t *testing.T) {
	views := map[string]report.View{
		"full":     full(),
		"document": {Title: "rules", Document: []byte("groups:\n  - name: a\n"), Data: map[string]any{"version": 1, "groups": []string{"a"}}},
	}
	extensions := map[report.Format]string{report.Text: "txt", report.Wide: "wide.txt", report.Markdown: "md", report.SARIF: "sarif.json",
		report.JUnit: "junit.xml", report.GitHub: "github.txt", report.GitLab: "gitlab.json"}
	for name, v := range views {
		for _, f := range report.Formats() {
			ext, ok := extensions[f]
			if !ok {
				ext = string(f)
			}
			t.Run(name+"."+ext, func(t *testing.T) {
				var b bytes.Buffer
				if err := report.Write(&b, f, v, report.Style{}); err != nil {
					t.Fatal(err)
				}
				golden(t, filepath.Join("testdata", "golden", name+"."+ext), b.Bytes())
			})
		}
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; UPDATE_GOLDEN=1 accepts this:\n%s", file, got)
	}
}

func TestTextFitsATerminal(t *testing.T) {
	var b bytes.Buffer
	if err := report.Write(&b, report.Text, full(), report.Style{Width: 44, Color: true}); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "golden", "full.terminal.txt"), b.Bytes())
}
