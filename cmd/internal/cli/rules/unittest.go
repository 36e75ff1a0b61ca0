package rules

import (
	"context"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules"
	"treadmill/rules/unittest"
)

func testCommand(a *app.App) *cobra.Command {
	c := &cobra.Command{
		Use: "test FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Run unit tests of rules",
		Long: `Runs test files in the format of promtool test rules with Prometheus's own engine, in this process. The rule files that
they name may be plain ones or hold PrometheusRule objects, many to a file.`,
		Example: "  treadmill rules test tests/*.yaml\n  treadmill rules test tests/ -o junit > report.xml",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			inputs, findings := a.ReadAll(args, ".yaml", ".yml", ".json")
			r := suiteRunner{app: a, findings: findings, files: map[string][]rules.File{}, broken: map[string]bool{}}
			named, _ := a.Expand(args) // ReadAll has told what cannot be listed
			for _, in := range inputs {
				// In a folder, rules lie beside their tests.
				if slices.Contains(named, in.Name) || in.Name == app.StdinName || unittest.IsSuite(in.Name, in.Data) {
					r.run(ctx, in)
				}
			}
			if len(r.results) == 0 && !diag.Any(r.findings, diag.Error) {
				r.findings = append(
					r.findings,
					diag.Finding{
						ID:       "unittest/none",
						Severity: diag.Error,
						Position: diag.Position{File: args[0]},
						Message:  "there is no test file in what was read",
					},
				)
			}
			return testView(r.results, r.findings), ctx.Err()
		}),
	}
	return a.Returns(c, testData{})
}

// suiteRunner runs test files and reads each rule file that they name once.
type suiteRunner struct {
	app      *app.App
	files    map[string][]rules.File
	broken   map[string]bool
	results  []unittest.Result
	findings []diag.Finding
}

func (r *suiteRunner) run(ctx context.Context, in app.Input) {
	suite, problems := unittest.Read(in.Name, in.Data)
	r.findings = append(r.findings, problems...)
	sound := !diag.Any(problems, diag.Error)
	var files []rules.File
	for _, p := range suite.RuleFiles {
		path := p.V
		if !filepath.IsAbs(path) && in.Name != app.StdinName {
			path = filepath.Join(filepath.Dir(in.Name), path)
		}
		names, problems := r.app.Expand([]string{path})
		r.findings, sound = append(r.findings, r.app.Settle(problems)...), sound && len(problems) == 0
		for _, name := range names {
			files = append(files, r.ruleFile(name, p)...)
			sound = sound && !r.broken[name]
		}
	}
	if sound {
		r.results = append(r.results, unittest.Run(ctx, suite, files))
	} else {
		r.results = append(r.results, unittest.Unrun(suite))
	}
}

func (r *suiteRunner) ruleFile(name string, at yamlx.At[string]) []rules.File {
	if files, known := r.files[name]; known {
		return files
	}
	in, err := r.app.ReadMet(name)
	if err != nil {
		r.broken[name] = true
		r.findings = append(
			r.findings,
			r.app.Settle([]diag.Finding{{ID: diag.Unread, Severity: diag.Error, Position: at.Pos, Message: "rule file " + err.Error()}})...)
		return nil
	}
	files, problems := rules.Read(in.Name, in.Data)
	r.files[name], r.broken[name] = files, diag.Any(problems, diag.Error)
	r.findings = append(r.findings, problems...)
	return files
}
