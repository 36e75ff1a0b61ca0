package input

import (
	"slices"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/rules"
)

// RuleFiles reads every rule that the arguments name.
func RuleFiles(a *app.App, args []string) ([]rules.File, []diag.Finding) {
	files, findings, _ := RulesAnd(a, args, "without rules", func(app.Input) bool { return false })
	return files, findings
}

// RulesAnd reads every rule that the arguments name, where files without rules may be of another use: other takes those that it knows.
// What lies in a folder and is neither is counted, in words that say what it is.
func RulesAnd(
	a *app.App,
	args []string,
	words string,
	other func(app.Input) bool,
) (files []rules.File, findings []diag.Finding, others int) {
	inputs, findings := a.ReadAll(args, ruleExtensions()...)
	return rulesIn(inputs, findings, words, other)
}

// ruleExtensions are how the names of files end that may hold rules.
func ruleExtensions() []string { return []string{".yaml", ".yml", ".json"} }

// rulesIn finds the rules of inputs, to the findings of their reading.
func rulesIn(inputs []app.Input, findings []diag.Finding, words string, other func(app.Input) bool) ([]rules.File, []diag.Finding, int) {
	var files []rules.File
	others, foreign := 0, map[string]int{}
	for _, in := range inputs {
		fs, problems := rules.Read(in.Name, in.Data)
		if in.Stray(problems, "groups", "rule_files", "tests", "Prometheus") {
			foreign[in.Folder]++
			continue
		}
		used := other(in)
		if used {
			others++
		}
		if i := slices.IndexFunc(problems, func(f diag.Finding) bool { return f.ID == rules.FindingNotRules }); i >= 0 &&
			in.Name == app.StdinName {
			problems[i].Severity = diag.Error // what was to write rules into the pipe has written none
			problems[i].Message = "holds no rules: want a \"groups:\" list or PrometheusRule objects"
		}
		notRules := func(f diag.Finding) bool { return f.ID == rules.FindingNotRules }
		if slices.ContainsFunc(problems, notRules) && (used || in.Folder != "") {
			if problems = slices.DeleteFunc(problems, notRules); !used {
				foreign[in.Folder]++
			}
		}
		files, findings = append(files, fs...), append(findings, problems...)
	}
	findings = append(findings, app.PassedOver(foreign, words)...)
	if len(files) == 0 && others == 0 && len(foreign) > 0 {
		findings = append(findings, diag.Finding{ID: rules.FindingNotRules, Severity: diag.Error, Position: diag.Position{File: inputs[0].Folder},
			Message: "holds no rules: want a \"groups:\" list or PrometheusRule objects"})
	}
	return files, findings, others
}

// RuleFormat is a rules.Format as a flag.
type RuleFormat rules.Format

func (f *RuleFormat) String() string { return string(*f) }

// Type names the form of the value in the help.
func (f *RuleFormat) Type() string { return "format" }

// Words lists the formats.
func (f *RuleFormat) Words() []string {
	var out []string
	for _, one := range rules.Formats() {
		out = append(out, string(one))
	}
	return out
}

// Set reads the value.
func (f *RuleFormat) Set(name string) error {
	v, err := rules.ParseFormat(name)
	*f = RuleFormat(v)
	return err
}
