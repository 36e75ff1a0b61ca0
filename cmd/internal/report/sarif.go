package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"

	"github.com/owenrumney/go-sarif/v3/pkg/report"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"treadmill/internal/diag"
)

// writeSARIF writes the findings in SARIF 2.1.0, one rule a finding ID. Findings without a place are notifications of
// the run and no results: GitHub refuses a whole file for one result without a location.
func writeSARIF(w io.Writer, v View) error {
	driver := sarif.NewToolComponent().WithName("treadmill")
	driver.Contents = nil
	run := sarif.NewRun().WithTool(sarif.NewTool().WithDriver(driver)).WithColumnKind("unicodeCodePoints")
	run.NewlineSequences = nil
	done := sarif.NewInvocation().WithExecutionSuccessful(true)
	run.AddInvocation(done)
	prints := fingerprints{}
	for _, f := range v.Findings {
		level := map[diag.Severity]string{diag.Error: "error", diag.Warning: "warning", diag.Info: "note"}[f.Severity]
		if f.ID == diag.Unread && f.Severity == diag.Error {
			done.WithExecutionSuccessful(false)
		}
		if f.File == "" {
			done.AddToolExecutionNotification(sarif.NewNotification().WithLevel(level).
				WithMessage(sarif.NewTextMessage(f.Message)).WithAssociatedRule(sarif.NewReportingDescriptorReference().WithID(f.ID)))
			continue
		}
		run.AddRule(f.ID)
		run.CreateResultForRule(f.ID).WithLevel(level).WithMessage(sarif.NewTextMessage(f.Message)).
			WithPartialFingerprints(prints.of(f)).AddLocation(sarif.NewLocationWithPhysicalLocation(sarifPlace(f.Position)))
	}
	for _, e := range explain(v.Findings) {
		if slices.ContainsFunc(v.Findings, func(f diag.Finding) bool { return f.ID == e.ID && f.File != "" }) {
			describe(run.AddRule(e.ID), e)
		}
	}
	r := report.NewV210Report()
	r.AddRun(run)
	return writeSparse(w, r)
}

// fingerprints tell findings apart by what they say and not by their line, so that one stays the same while its file is edited around it.
type fingerprints map[string]int

func (p fingerprints) of(f diag.Finding) map[string]string {
	sum := sha256.Sum256([]byte(f.ID + "\x00" + sarifURI(f.File) + "\x00" + f.Message))
	hash := hex.EncodeToString(sum[:8])
	p[hash]++
	return map[string]string{"primaryLocationLineHash": fmt.Sprintf("%s:%d", hash, p[hash])}
}

// describe says in a rule what the catalogue says of the finding.
func describe(rule *sarif.ReportingDescriptor, e Explained) {
	rule.WithShortDescription(message(e.Sentence(), "")).WithFullDescription(message(e.Why, "")).WithHelp(message(e.Text(), e.Page()))
	if e.Link != "" {
		rule.WithHelpURI(e.Link)
	}
}

func message(text, markdown string) *sarif.MultiformatMessageString {
	out := sarif.NewMultiformatMessageString().WithText(text)
	if markdown != "" {
		out.WithMarkdown(markdown)
	}
	return out
}

// writeSparse writes a report without what the library adds to every object: empty lists, and the -1 that stands for
// "no index". The list of results stays even when it is empty: without it, a reader must take the scan for not done.
func writeSparse(w io.Writer, r *sarif.Report) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	var doc map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		return err
	}
	sparse(doc)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}

// sparse drops what says nothing and reports whether anything is left.
func sparse(v any) bool {
	switch v := v.(type) {
	case map[string]any:
		for key, field := range v {
			if !sparse(field) && key != "results" {
				delete(v, key)
			}
		}
		return len(v) > 0
	case []any:
		for _, item := range v {
			sparse(item)
		}
		return len(v) > 0
	case json.Number:
		return v != "-1"
	}
	return v != nil
}

func sarifPlace(p diag.Position) *sarif.PhysicalLocation {
	at := sarif.NewPhysicalLocation().WithArtifactLocation(sarif.NewSimpleArtifactLocation(sarifURI(p.File)))
	if p.Line > 0 {
		region := sarif.NewRegion().WithStartLine(p.Line)
		if p.Column > 0 {
			region.WithStartColumn(p.Column)
			if p.EndLine > 0 {
				region.WithEndLine(p.EndLine).WithEndColumn(p.EndColumn)
			}
		}
		at.WithRegion(region)
	}
	return at
}

// sarifURI is a file's path as a URI reference, relative where the path is, as code scanning wants it.
func sarifURI(file string) string { return (&url.URL{Path: filepath.ToSlash(file)}).String() }
