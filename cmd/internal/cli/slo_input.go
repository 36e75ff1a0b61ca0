package cli

import (
	"fmt"

	"treadmill/internal/diag"
	"treadmill/internal/strict"
	"treadmill/rules/compile"
	"treadmill/slo/spec"
)

// compiled reads the specs that the arguments name and makes the rules of each SLO.
func (a *app) compiled(args []string, options compile.Options) ([]compile.Result, []diag.Finding) {
	inputs, findings := a.readAll(args, ".yaml", ".yml", ".json")
	var docs []strict.Document
	for _, in := range inputs {
		found, problems := strict.Documents(in.name, in.data)
		docs, findings = append(docs, found...), append(findings, problems...)
		if len(found) == 0 && len(problems) == 0 {
			findings = append(findings, diag.Finding{ID: "spec/empty", Severity: diag.Error, Position: diag.Position{File: in.name},
				Message: "the file is empty; want SLOs of OpenSLO or Sloth"})
		}
	}
	slos, problems := spec.Read(docs)
	findings = append(findings, problems...)
	results := compile.All(slos, options)
	for _, r := range results {
		findings = append(findings, r.Findings...)
	}
	return results, findings
}

// outcome says how many of the SLOs became rules.
func outcome(results []compile.Result) string {
	good, alerts := 0, 0
	for _, r := range results {
		if len(r.Groups) == 0 {
			continue
		}
		good++
		for _, g := range r.Groups {
			for _, rule := range g.Rules {
				if rule.Alert != "" {
					alerts++
				}
			}
		}
	}
	return fmt.Sprintf("%s with %s", count(good, "SLO", "SLOs"), count(alerts, "alert", "alerts"))
}
