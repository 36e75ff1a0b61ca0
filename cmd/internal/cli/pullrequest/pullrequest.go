// Package pullrequest joins what single jobs say of the two sides of a pull request into one comment. It runs no job itself: their JSON
// is what a pipeline has at hand, each made in the checkout that it is about.
package pullrequest

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
)

// Group is `treadmill report`.
func Group(a *app.App) *cobra.Command {
	return a.Group("report", "Join what several jobs say", "Joins the JSON of several jobs into one report.", command(a))
}

func command(a *app.App) *cobra.Command {
	c := &cobra.Command{
		Use: "pr BASE HEAD", Args: cobra.ExactArgs(2),
		Short: "Say what a pull request changes, as one comment: APIs, rules, SLOs, dates of the plan, budgets",
		Long: `Joins what the jobs of a pipeline say of a pull request. BASE and HEAD are folders with their JSON, made in the checkout of each
side:

` + listed() + `

Findings that both sides have are counted and not shown: only those that the change brings decide the exit status. A job that
ran on one side alone is told. -o markdown is one comment of at most 65,536 characters.`,
		Example: `  treadmill upgrade scan deploy/ -o json > head/scan.json
  treadmill report pr base/ head/ -o markdown > comment.md`,
		RunE: a.Run(func(_ context.Context, args []string) (report.View, error) {
			base, err := read(a, args[0])
			if err != nil {
				return report.View{}, err
			}
			head, err := read(a, args[1])
			if err != nil {
				return report.View{}, err
			}
			if base.empty() && head.empty() {
				return report.View{}, fmt.Errorf("neither %s nor %s has the JSON of a job: want %s", base.folder, head.folder, names())
			}
			r := compare(base, head)
			r.data.Findings = app.List(a.Settle(r.data.Findings))
			diag.Sort(r.data.Findings)
			return r.view(), nil
		}),
	}
	return a.Returns(c, data{})
}

// listed is a line for each job.
func listed() string {
	var out []string
	for _, j := range jobs(&side{}) {
		out = append(out, fmt.Sprintf("  %-12s %s", j.file, j.command+" -o json"+map[bool]string{true: "", false: "  (in HEAD alone)"}[j.both]))
	}
	return strings.Join(out, "\n")
}

// names are the files of the jobs.
func names() string {
	var out []string
	for _, j := range jobs(&side{}) {
		out = append(out, j.file)
	}
	return strings.Join(out, ", ")
}
