package report

import (
	"io"
	"path/filepath"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"treadmill/internal/diag"
)

// writeSARIF writes the findings in SARIF 2.1.0, one rule a finding ID.
func writeSARIF(w io.Writer, v View) error {
	run := sarif.NewRun().WithTool(sarif.NewTool().WithDriver(sarif.NewToolComponent().WithName("treadmill")))
	for _, f := range v.Findings {
		run.AddRule(f.ID)
		result := run.CreateResultForRule(f.ID).
			WithLevel(map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Info: "note"}[f.Severity]).
			WithMessage(sarif.NewTextMessage(f.Message))
		if f.File != "" {
			result.AddLocation(sarif.NewLocationWithPhysicalLocation(sarifPlace(f.Position)))
		}
	}
	r := report.NewV210Report()
	r.AddRun(run)
	return r.PrettyWrite(w)
}

func sarifPlace(p diag.Position) *sarif.PhysicalLocation {
	at := sarif.NewPhysicalLocation().WithArtifactLocation(sarif.NewSimpleArtifactLocation(sarifURI(p.File)))
	if p.Line > 0 {
		region := sarif.NewRegion().WithStartLine(p.Line)
		if p.Column > 0 {
			region.WithStartColumn(p.Column)
		}
		at.WithRegion(region)
	}
	return at
}

// sarifURI is a file's path as a relative URI reference, as code scanning wants it.
func sarifURI(file string) string {
	return strings.NewReplacer("%", "%25", " ", "%20", "<", "%3C", ">", "%3E", "#", "%23", "?", "%3F").Replace(filepath.ToSlash(file))
}
