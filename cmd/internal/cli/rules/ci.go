package rules

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/change"
	"treadmill/rules/defaults"
	"treadmill/rules/lint"
	"treadmill/slo"
)

func ciCommand(a *app.App) *cobra.Command {
	ci := ciRun{app: a, scrape: slo.Evaluation}
	c := &cobra.Command{
		Use: "ci RULES...",
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case ci.base == "" && len(args) != 2:
				return app.Usage("want the rules before and after, or --base with a revision of the repository that the rules are in")
			case len(args) == 0:
				return app.Usage("name the files or folders of the rules")
			}
			return nil
		},
		Short: "Say what a pull request does to rules, as one comment",
		Long: `Compares rules before and after a change: findings of the rules that it touches, what of coverage is lost and gained, what
evaluation costs before and after, and which findings are accepted, why and until when. Findings of rules that did not change
are counted and not shown.

With --base the rules before are those of the repository at the commit where the work that is checked out left the history of
that revision, read by the program git. With --prometheus the cost is that of the series which the server has. What is accepted
stands in .treadmill.yaml, or in comments such as "# treadmill:ignore diff/lost until 2027-01-01 reason". -o markdown is one
comment of at most 65,536 characters.`,
		Example: "  treadmill rules ci --base origin/main rules/ -o markdown > comment.md\n" +
			"  treadmill rules ci rules-88.yaml rules-91.yaml --fail-on warning",
		RunE: a.Run(ci.run),
	}
	f := c.Flags()
	f.StringVar(&ci.base, "base", "", "REVISION that the pull request goes to, such as origin/main")
	app.CompleteFlag(c, "base", func(*cobra.Command) []cobra.Completion {
		return []cobra.Completion{"main", "master", "HEAD~1"}
	})
	app.Renamed(c, "kubernetes", "to")
	f.Var(&ci.to, "to", "the version to check for, such as 1.37 (default: the newest whose metrics are known)")
	f.Var(input.Span{W: &ci.scrape}, "scrape", "how often targets are scraped: what a range reads depends on it")
	f.StringVar(&ci.config, "config", "", "FILE: settings of the tree (default: .treadmill.yaml in or above the first path)")
	ci.live.Add(c)
	return a.Returns(c, ciData{})
}

// ciRun is one run of `rules ci`.
type ciRun struct {
	app          *app.App
	base, config string
	to           app.Minor
	scrape       slo.Window
	live         input.Live
}

// state is the rules at one time, and what there is to say of them by themselves.
type state struct {
	files    []rules.File
	findings []diag.Finding
}

func (ci *ciRun) run(ctx context.Context, args []string) (report.View, error) {
	before, after, notes, err := ci.states(ctx, args)
	if err != nil {
		return report.View{}, err
	}
	table, _ := defaults.Everything()
	known, err := cataloguesFor(ci.app, ci.to)
	if err != nil {
		return report.View{}, err
	}
	ci.judge(&before, table, known)
	ci.judge(&after, table, known)
	out := ciResult{change: change.Compare(before.files, after.files), notes: notes, args: args, base: ci.base}
	out.findings, out.others = out.change.Own(before.findings, after.findings)
	out.difference = defaults.Diff(before.files, after.files, table)
	out.findings = append(out.findings, out.lost(ci.base)...)
	if err := ci.costs(ctx, before, after, &out); err != nil {
		return report.View{}, err
	}
	if err := ci.accept(args, &out); err != nil {
		return report.View{}, err
	}
	out.findings = ci.app.Settle(out.findings)
	return out.view(), nil
}

// states reads the rules before and after.
func (ci *ciRun) states(ctx context.Context, args []string) (before, after state, notes []string, err error) {
	if ci.base == "" {
		before.files, before.findings = input.RuleFiles(ci.app, args[:1])
		after.files, after.findings = input.RuleFiles(ci.app, args[1:])
		same := ci.untouched(after.findings, func(file string) []byte { return ci.text(filepath.Join(args[0], below(args[1], file))) })
		about := unknown(before.findings, func(file string) bool { return same[filepath.Join(args[1], below(args[0], file))] })
		after.findings = append(after.findings, about...)
		return before, after, nil, nil
	}
	old, err := input.RulesAt(ctx, ci.app, ci.base, args)
	if err != nil {
		return before, after, nil, err
	}
	if !old.Common {
		notes = append(notes, "No commit is known here at which the work that is checked out left "+ci.base+
			", as in a shallow clone: it is compared with "+ci.base+" itself, and what that got meanwhile looks lost.")
	}
	before = state{files: old.Rules, findings: old.Findings}
	if len(old.Left) > 0 {
		after.files, after.findings = input.RuleFiles(ci.app, old.Left)
	}
	same := ci.untouched(after.findings, func(file string) []byte { return old.Texts[file] })
	for _, f := range unknown(old.Findings, func(file string) bool { return same[file] }) {
		f.Message += fmt.Sprintf(" (it was %s:%s)", ci.base, f.Position)
		f.Position = diag.Position{File: f.File}
		after.findings = append(after.findings, f)
	}
	return before, after, notes, nil
}

// below is the name of a file from an argument on, "" for the argument itself.
func below(arg, file string) string {
	rel, err := filepath.Rel(arg, file)
	if err != nil || rel == "." {
		return ""
	}
	return rel
}

// text is what is in a file; nil for one that cannot be read, of which others tell.
func (ci *ciRun) text(file string) []byte {
	in, err := ci.app.Read(file)
	if err != nil {
		return nil
	}
	return in.Data
}

// untouched are the files with problems that have the text that they had. That they do not parse is no fault of the change, and is told
// as an info.
func (ci *ciRun) untouched(after []diag.Finding, was func(file string) []byte) map[string]bool {
	same := map[string]bool{}
	for i := range after {
		f := &after[i]
		if f.ID == diag.Unread || f.File == "" || f.Severity < diag.Error {
			continue
		}
		if _, known := same[f.File]; !known {
			old := was(f.File)
			same[f.File] = old != nil && bytes.Equal(old, ci.text(f.File))
		}
		if same[f.File] && f.ID == diag.Syntax {
			f.Severity = diag.Info
			f.Message += "; the change does not touch the file"
		}
	}
	return same
}

// unknown are the problems for which it is not known what there was before a change: they are not its own, and yet what it has lost is
// not known. Files that it does not touch have lost nothing.
func unknown(before []diag.Finding, untouched func(file string) bool) []diag.Finding {
	var out []diag.Finding
	for _, f := range before {
		switch {
		case f.ID == diag.Unread:
			out = append(out, f)
		case untouched(f.File):
		case f.Severity == diag.Error:
			f.ID, f.Severity = "diff/unknown", diag.Warning
			f.Message = "before the change: " + f.Message + "; what it loses of that is not known"
			out = append(out, f)
		}
	}
	return out
}

// judge adds what audit and lint find to what reading has found.
func (ci *ciRun) judge(s *state, table defaults.Table, known catalogues) {
	queries, recorded := lint.Rules(s.files)
	s.findings = slices.Concat(s.findings, defaults.Audit(s.files, table, defaults.Platform{}).Findings, lint.Duplicates(s.files),
		known.check(queries, recorded, ci.scrape).Findings)
}

// costs counts what evaluation reads, before and after.
func (ci *ciRun) costs(ctx context.Context, before, after state, out *ciResult) error {
	pace := lint.Pace{Scrape: time.Duration(ci.scrape), Every: time.Duration(slo.Evaluation)}
	var series map[string]float64
	if ci.live.Address != "" {
		client, err := input.Client(ci.app, ci.live)
		if err != nil {
			return err
		}
		queries, _ := lint.Rules(slices.Concat(before.files, after.files))
		if series, err = seriesOf(ctx, ci.app, client, lint.Selected(queries)); err != nil {
			return err
		}
	}
	out.before, out.after = lint.CostOf(before.files, pace, series), lint.CostOf(after.files, pace, series)
	return nil
}
