package cli

import (
	"context"
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag/catalogue"
	"treadmill/internal/yamlx"
)

type explainedList struct {
	Version   int         `json:"version"`
	Explained []explained `json:"explained"`
}

// explained is a finding in the machine shape.
type explained struct {
	ID       string            `json:"id"`
	Severity string            `json:"severity"`
	Means    string            `json:"means"`
	Why      string            `json:"why"`
	Fix      string            `json:"fix"`
	Accept   string            `json:"accept"`
	Run      []string          `json:"run"`   // commands that show it, in a folder that holds the files
	Files    map[string]string `json:"files"` // texts by name
}

func explainCommand(a *app.App) *cobra.Command {
	c := &cobra.Command{
		Use: "explain [ID]...", Short: "Explain findings: why they matter, how to fix and how to accept them",
		Long: `Says of each finding what it means, why it matters, how to fix it, how to accept it, and shows an input that has it.
Without an ID it lists all findings. The same is in docs/findings.`,
		Example: "  treadmill explain api/removed\n  treadmill explain",
		RunE: a.Run(func(_ context.Context, ids []string) (report.View, error) {
			if len(ids) == 0 {
				return allFindings()
			}
			return explainView(ids)
		}),
	}
	app.CompleteArgs(c, findingIDs)
	return a.Returns(c, explainedList{})
}

func findingIDs() []cobra.Completion {
	ids, err := catalogue.IDs()
	if err != nil {
		return nil
	}
	return ids
}

func explainView(ids []string) (report.View, error) {
	var texts []string
	list := []explained{}
	for _, id := range ids {
		e, err := catalogue.Find(id)
		if errors.Is(err, catalogue.ErrUnknown) {
			known, _ := catalogue.IDs()
			return report.View{}, app.Usage("there is no finding %q; %s", id, yamlx.DidYouMean(id, known, "`treadmill explain` lists all"))
		}
		if err != nil {
			return report.View{}, err
		}
		texts, list = append(texts, e.Text()), append(list, explain(e))
	}
	return report.View{
		Title: strings.Join(ids, ", "), Document: []byte(strings.Join(texts, "\n")),
		Data: explainedList{Version: 1, Explained: list},
	}, nil
}

func explain(e catalogue.Entry) explained {
	out := explained{
		ID:       e.ID,
		Severity: e.Severity,
		Means:    e.Means,
		Why:      e.Why,
		Fix:      e.Fix,
		Accept:   e.Accept,
		Run:      e.Commands(),
		Files:    e.Files,
	}
	if out.Run == nil {
		out.Run = []string{}
	}
	if out.Files == nil {
		out.Files = map[string]string{}
	}
	return out
}

func allFindings() (report.View, error) {
	sections, err := catalogue.All()
	if err != nil {
		return report.View{}, err
	}
	view, list := report.View{Title: "Findings"}, []explained{}
	for _, s := range sections {
		t := report.Table{Title: s.Title, Columns: []report.Column{{Name: "id"}, {Name: "severity"}, {Name: "means"}}}
		for _, e := range s.Findings {
			full, err := catalogue.Find(e.ID)
			if err != nil {
				return report.View{}, err
			}
			t.Rows, list = append(t.Rows, report.Row{Cells: []string{e.ID, e.Severity, e.Means}}), append(list, explain(full))
		}
		view.Tables = append(view.Tables, t)
	}
	view.Data = explainedList{Version: 1, Explained: list}
	return view, nil
}
