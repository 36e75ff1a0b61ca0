package input

import (
	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/rules"
)

// RuleFiles reads every rule that the arguments name.
func RuleFiles(a *app.App, args []string) ([]rules.File, []diag.Finding) {
	inputs, findings := a.ReadAll(args, ".yaml", ".yml", ".json")
	var files []rules.File
	for _, in := range inputs {
		fs, problems := rules.Read(in.Name, in.Data)
		files, findings = append(files, fs...), append(findings, problems...)
	}
	return files, findings
}

// RuleFormat is a rules.Format as a flag.
type RuleFormat rules.Format

func (f *RuleFormat) String() string { return string(*f) }

func (f *RuleFormat) Type() string { return "format" }

func (f *RuleFormat) Set(name string) error {
	v, err := rules.ParseFormat(name)
	*f = RuleFormat(v)
	return err
}
