package rules

import (
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/compile/dashboard"
	"treadmill/rules/compile/promtest"
	"treadmill/rules/swap"
)

// generation is the rules of a run, which are made while they are written.
type generation struct {
	format   rules.Format
	out      string
	folder   bool              // out is a folder, for one file per family
	labels   map[string]string // of the objects, beside those of the specs
	families [][]*compile.Draft
	options  compile.Options
	beside   beside
}

// beside is what goes beside the rules, each where a place for it is given.
type beside struct{ tests, boards, inhibit, backfill string }

// set is the rules of one family of SLOs, in the object of the first.
func (g generation) set(family []*compile.Draft) rules.Set {
	first := family[0].SLO
	return rules.Set{
		Name:      "slo-" + first.Local(),
		Namespace: first.Object.Namespace,
		Labels:    swap.Managed(first.Object.Labels, g.labels),
		Groups:    compile.Groups(family),
	}
}

// text writes all rules as one text.
func (g generation) text(w io.Writer) error {
	first := ""
	if len(g.families) > 0 {
		first = "slo-" + g.families[0][0].SLO.Local()
	}
	if _, err := w.Write(g.format.Head(nil, first)); err != nil {
		return err
	}
	return app.WriteOrdered(w, len(g.families), func(i int, b []byte) []byte { return g.format.AppendSet(b, i, g.set(g.families[i])) })
}

// file is where the rules of a family go.
func (g generation) file(family []*compile.Draft) string {
	if g.folder {
		return filepath.Join(g.out, family[0].SLO.File()+".yaml")
	}
	return g.out
}

// stale says where the folder holds a file of an SLO that an earlier run wrote, and whose rules are now in that of another
// one: Prometheus would evaluate both.
func (g generation) stale() []diag.Finding {
	var out []diag.Finding
	for _, family := range g.families {
		for _, d := range family[1:] {
			old := filepath.Join(g.out, d.SLO.File()+".yaml")
			if _, err := os.Stat(old); g.folder && err == nil {
				out = append(out, diag.Finding{ID: "slo/stale", Severity: diag.Warning, Position: d.SLO.Pos,
					Message: old + " is of an earlier run: the rules of " + d.SLO.ID + " are now in " + g.file(
						family,
					) + ", with those of the SLOs that count the same events; remove the old file"})
			}
		}
	}
	return out
}

// isFolder reports whether a path names a folder: it is one, or it ends as one.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return path != "" && (err == nil && info.IsDir() || strings.HasSuffix(path, "/"))
}

// write writes the files of a run: rules, unless they go to standard output, and what goes beside them. It says of which
// SLOs there are no tests.
func (g generation) write(files *app.Pending) ([]diag.Finding, error) {
	if err := g.rules(files); err != nil {
		return nil, err
	}
	var untested []diag.Finding
	if g.beside.tests != "" {
		for _, family := range g.families {
			findings, err := proofs(files, g.beside.tests, family, g.options)
			if untested = append(untested, findings...); err != nil {
				return untested, err
			}
		}
	}
	return untested, g.others(files)
}

// others writes what is beside rules and tests.
func (g generation) others(files *app.Pending) error {
	if g.beside.boards != "" {
		all, err := dashboard.Of(slices.Concat(g.families...))
		if err == nil {
			err = files.AddAll(g.beside.boards, all)
		}
		if err != nil {
			return err
		}
	}
	if g.beside.backfill != "" {
		if err := g.fill(files, g.beside.backfill); err != nil {
			return err
		}
	}
	if g.beside.inhibit == "" {
		return nil
	}
	return files.AddAll("", map[string][]byte{g.beside.inhibit: compile.Inhibit(slices.Concat(g.families...))})
}

// rules writes the rules to their files.
func (g generation) rules(files *app.Pending) error {
	switch {
	case g.out == "" || len(g.families) == 0:
		return nil
	case !g.folder:
		return files.Add(g.out, g.text)
	}
	for _, family := range g.families {
		if err := files.AddAll("", map[string][]byte{g.file(family): g.format.Append(nil, g.set(family))}); err != nil {
			return err
		}
	}
	return nil
}

// proofs writes the unit tests of a family, and says of which SLOs they do not reach the queries.
func proofs(files *app.Pending, folder string, family []*compile.Draft, options compile.Options) ([]diag.Finding, error) {
	var findings []diag.Finding
	groups := compile.Groups(family)
	for _, d := range family {
		r := d.Result
		r.Groups = groups
		tests := promtest.Of(r, options)
		if tests.Reason != "" {
			findings = append(findings, diag.Finding{ID: "slo/untested", Severity: diag.Info, Position: d.SLO.Pos,
				Message: "the unit tests begin at the events that are recorded, as " + tests.Reason})
		}
		if err := files.AddAll(folder, tests.Files); err != nil {
			return findings, err
		}
	}
	return findings, nil
}

// files is how many texts hold the rules.
func (g generation) files() int {
	switch {
	case g.folder:
		return len(g.families)
	case g.out != "" && len(g.families) == 0:
		return 0
	}
	return 1
}

func (g generation) view(drafts []*compile.Draft, findings []diag.Finding) report.View {
	t := report.Table{Columns: []report.Column{{Name: "slo"}, {Name: "rules", Right: true}, {Name: "windows"}}}
	places := map[string]string{}
	for _, family := range g.families {
		for _, d := range family {
			places[d.SLO.ID] = g.file(family)
		}
	}
	slos := make([]generated, 0, len(drafts))
	for _, d := range drafts {
		if d.Failed() {
			continue // findings say why nothing comes of it
		}
		s := generated{Name: d.SLO.ID, Rules: d.Cost.Rules, Alerts: d.Pairs(), File: places[d.SLO.ID]}
		slos = append(slos, s)
		t.Rows = append(t.Rows, report.Row{Cells: []string{s.Name, strconv.Itoa(s.Rules), strings.Join(s.Alerts, ", ")}})
	}
	return report.View{
		Lead:     []string{input.Outcome(drafts) + " in " + app.Count(g.files(), "file", "files")},
		Tables:   []report.Table{t},
		Findings: findings,
		Data:     generateData{Version: 1, SLOs: slos, Findings: app.List(findings)},
	}
}
