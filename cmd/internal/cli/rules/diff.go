package rules

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules/defaults"
)

func diffCommand(a *app.App) *cobra.Command {
	c := &cobra.Command{
		Use: "diff OLD NEW", Args: cobra.ExactArgs(2),
		Short: "Say what coverage a new version of rules gains and loses",
		Long: `Compares two sets of alert rules, such as those of two versions of a chart. A page that is gone, or that has a defect it
did not have, is an error, so that an automatic update of the chart fails.`,
		Example: "  treadmill rules diff rules-88.yaml rules-91.yaml",
		RunE: a.Run(func(_ context.Context, args []string) (report.View, error) {
			before, findings := input.RuleFiles(a, args[:1])
			after, more := input.RuleFiles(a, args[1:])
			table, _ := defaults.Everything()
			diff := defaults.Diff(before, after, table)
			return diffView(diff, append(append(findings, more...), diff.Findings...)), nil
		}),
	}
	return a.Returns(c, diffData{})
}

// diffData is the machine shape of `rules diff`.
type diffData struct {
	Changes  []defaults.Change `json:"changes"`
	Findings []diag.Finding    `json:"findings"`
	Same     int               `json:"same"` // alerts that did not change
	Version  int               `json:"version"`
}

func diffView(diff defaults.Difference, findings []diag.Finding) report.View {
	counts := map[defaults.Kind]int{}
	for _, c := range diff.Changes {
		counts[c.Kind]++
	}
	return report.View{
		Lead: []string{fmt.Sprintf("%s removed, %d changed, %d added, %d the same",
			app.Count(counts[defaults.Removed], "alert", "alerts"), counts[defaults.Altered], counts[defaults.Added], diff.Same)},
		Tables: []report.Table{changeTable(diff.Changes)}, Findings: findings,
		Data: diffData{Version: 1, Same: diff.Same, Changes: app.List(diff.Changes), Findings: app.List(findings)},
	}
}

// changeTable shows the alerts that are not the same, the lost ones first.
func changeTable(changes []defaults.Change) report.Table {
	tones := map[defaults.Kind]report.Tone{defaults.Removed: report.Bad, defaults.Altered: report.Warn, defaults.Added: report.Good}
	t := report.Table{Columns: []report.Column{{Name: "change"}, {Name: "alert"}, {Name: "severity"}, {Name: "disposition"}, {Name: "what"},
		{Name: "old expression", Wide: true}, {Name: "new expression", Wide: true}}}
	for _, c := range changes {
		t.Rows = append(t.Rows, report.Row{Tone: tones[c.Kind], Cells: []string{string(c.Kind), c.Name, c.Severity, string(c.Disposition),
			strings.Join(c.What, ", "), sideExpr(c.Old), sideExpr(c.New)}})
	}
	return t
}

func sideExpr(s *defaults.Side) string {
	if s == nil {
		return ""
	}
	return strings.Join(strings.Fields(s.Expr), " ")
}
