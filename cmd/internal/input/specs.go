package input

import (
	"fmt"
	"slices"

	"treadmill/cmd/internal/app"
	"treadmill/internal/diag"
	"treadmill/internal/yamlx"
	"treadmill/rules/compile"
	"treadmill/slo"
	"treadmill/slo/spec"
)

// Compiled reads the specs that the arguments name and makes the rules of each SLO.
func Compiled(a *app.App, args []string) ([]compile.Result, []diag.Finding) {
	slos, findings := specs(a, args)
	results := compile.All(slos, compile.Options{})
	var all told
	for _, r := range results {
		all.add(r.SLO.ID, r.SLO.Pos, r.Findings)
	}
	return results, append(findings, all.findings()...)
}

// Drafted reads the specs that the arguments name and drafts the rules of each SLO.
func Drafted(a *app.App, args []string, options compile.Options) ([]*compile.Draft, []diag.Finding) {
	slos, findings := specs(a, args)
	drafts := compile.Prepare(slos, options)
	var all told
	for _, d := range drafts {
		all.add(d.SLO.ID, d.SLO.Pos, d.Findings)
	}
	return drafts, append(findings, all.findings()...)
}

// specs reads the SLOs that the arguments name. Documents are parsed one at a time, so that only the SLOs are held.
func specs(a *app.App, args []string) ([]slo.SLO, []diag.Finding) {
	inputs, findings := a.ReadAll(args, ".yaml", ".yml", ".json")
	foreign := map[string]int{}
	slos, problems := spec.Read(func(yield func(yamlx.Document) bool) {
		for i, in := range inputs {
			empty := true
			for docs, problems := range yamlx.Each(in.Name, in.Data) {
				if in.Stray(problems, "apiVersion", "slos", "sloth", "indicator") {
					break // which leaves it empty
				}
				findings = append(findings, problems...)
				empty = empty && len(docs) == 0 && len(problems) == 0
				for _, doc := range docs {
					if in.Folder != "" && spec.Foreign(doc.Root) {
						foreign[in.Folder]++
					} else if !yield(doc) {
						return
					}
				}
			}
			switch {
			case empty && in.Folder != "":
				foreign[in.Folder]++
			case empty:
				findings = append(findings, diag.Finding{ID: "spec/empty", Severity: diag.Error, Position: diag.Position{File: in.Name},
					Message: "the file is empty; want SLOs of OpenSLO, Sloth or Pyrra"})
			}
			inputs[i].Data = nil
		}
	})
	findings = append(findings, app.PassedOver(foreign, "no SLO of OpenSLO, Sloth or Pyrra")...)
	if findings = append(findings, problems...); len(slos) == 0 && len(inputs) > 0 && !diag.Any(findings, diag.Error) &&
		!windowsAlone(findings) {
		findings = append(findings, diag.Finding{ID: "spec/empty", Severity: diag.Error, Position: diag.Position{File: inputs[0].Name},
			Message: "there is no SLO in what was read"})
	}
	return slos, findings
}

// windowsAlone reports whether what was read is windows for SLOs of Sloth: a file to check by itself.
func windowsAlone(findings []diag.Finding) bool {
	return slices.ContainsFunc(findings, func(f diag.Finding) bool { return f.ID == "spec/windows" })
}

// Outcome says how many of the SLOs became rules.
func Outcome(drafts []*compile.Draft) string {
	good, alerts := 0, 0
	for _, d := range drafts {
		if !d.Failed() {
			good++
			alerts += d.Alerts
		}
	}
	return fmt.Sprintf("%s with %s", app.Count(good, "SLO", "SLOs"), app.Count(alerts, "alert", "alerts"))
}
