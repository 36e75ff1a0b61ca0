package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/compile"
)

// ruleFormat is a rules.Format as a flag.
type ruleFormat rules.Format

func (f *ruleFormat) String() string { return string(*f) }
func (f *ruleFormat) Type() string   { return "format" }

func (f *ruleFormat) Set(name string) error {
	v, err := rules.ParseFormat(name)
	*f = ruleFormat(v)
	return err
}

// seriesNames are the names that recorded series have, as a flag.
type seriesNames string

func (n *seriesNames) String() string { return string(*n) }
func (n *seriesNames) Type() string   { return "names" }

func (n *seriesNames) Set(name string) error {
	if name != "treadmill" && name != "sloth" {
		return fmt.Errorf("want treadmill or sloth")
	}
	*n = seriesNames(name)
	return nil
}

// generated is the machine shape of what became of one SLO.
type generated struct {
	Name   string   `json:"name"`
	Rules  int      `json:"rules"`
	Alerts []string `json:"alerts"`
	File   string   `json:"file,omitempty"`
}

func (a *app) rulesGenerate() *cobra.Command {
	names := seriesNames("treadmill")
	format, out, tests, boards, inhibit := ruleFormat(rules.PrometheusRule), "", "", "", ""
	c := &cobra.Command{
		Use: "generate FILE...", Args: cobra.MinimumNArgs(1),
		Short: "Write burn-rate alert rules for SLOs",
		Long: `Reads SLOs (OpenSLO v1, Sloth) and writes recording and alerting rules: multi-window, multi-burn-rate alerts by the
SRE Workbook's table, whose long windows add up recorded increments in place of reading raw series again.`,
		Example: "  treadmill rules generate slos/ > rules.yaml\n  treadmill rules generate --format prometheus --out rules/ slos/*.yaml",
		RunE: a.run(func(_ context.Context, args []string) (report.View, error) {
			results, findings := a.compiled(args, compile.Options{SlothNames: names == "sloth"})
			files := generatedFiles(rules.Format(format), out, results)
			view := generatedView(results, files, findings)
			if tests != "" {
				view.Findings = append(view.Findings, proofs(files, tests, results)...)
			}
			if err := dashboards(files, boards); err != nil {
				return view, err
			}
			if inhibit != "" {
				files[inhibit] = compile.Inhibit(results)
			}
			if out == "" {
				view.Document = files[""]
				delete(files, "")
			}
			return view, writeFiles(files)
		}),
	}
	c.Flags().Var(&format, "format", "form of the rules: prometheusrule, prometheus, mimir, vmrule, thanos")
	c.Flags().Var(&names, "names", "names of the series: treadmill, or sloth to record Sloth's series too, for its dashboards")
	c.Flags().StringVar(&out, "out", "", "file to write, or folder (existing, or ending in /) for one file per SLO, in place of standard output")
	c.Flags().StringVar(&tests, "tests", "", "folder to write unit tests of the rules to, for promtool test rules and treadmill rules test")
	c.Flags().StringVar(&boards, "dashboards", "", "folder to write dashboards for Grafana to: an overview, and one SLO in detail")
	c.Flags().StringVar(&inhibit, "alertmanager", "", "file to write inhibition rules for Alertmanager to, so that one incident is one notification")
	return c
}

// dashboards adds the dashboards to files, when a folder is given for them.
func dashboards(files map[string][]byte, folder string) error {
	if folder == "" {
		return nil
	}
	boards, err := compile.Dashboards()
	for name, text := range boards {
		files[filepath.Join(folder, name)] = text
	}
	return err
}

// proofs adds the unit tests of the results to files, and says of which SLOs there are none.
func proofs(files map[string][]byte, folder string, results []compile.Result) []diag.Finding {
	var findings []diag.Finding
	for _, r := range results {
		p := compile.Prove(r, compile.Options{})
		if p.Reason != "" && len(r.Groups) > 0 {
			findings = append(findings, diag.Finding{ID: "slo/untested", Severity: diag.Info, Position: r.SLO.Pos,
				Message: "no unit tests are written: " + p.Reason})
		}
		for name, text := range p.Files {
			files[filepath.Join(folder, name)] = text
		}
	}
	return findings
}

// generatedFiles are the files to write by path: one for all SLOs, or one for each in a folder.
func generatedFiles(format rules.Format, out string, results []compile.Result) map[string][]byte {
	files := map[string][]byte{}
	var sets []rules.Set
	for _, r := range results {
		if len(r.Groups) == 0 {
			continue
		}
		set := rules.Set{Name: "slo-" + r.SLO.ID, Labels: map[string]string{"app.kubernetes.io/managed-by": "treadmill"}, Groups: r.Groups}
		if isFolder(out) {
			files[filepath.Join(out, r.SLO.ID+".yaml")] = format.Append(nil, set)
		}
		sets = append(sets, set)
	}
	if !isFolder(out) && (len(sets) > 0 || out == "") {
		files[out] = format.Append([]byte{}, sets...)
	}
	return files
}

// isFolder reports whether a path names a folder: it is one, or it ends as one.
func isFolder(path string) bool {
	info, err := os.Stat(path)
	return path != "" && (err == nil && info.IsDir() || strings.HasSuffix(path, "/"))
}

func generatedView(results []compile.Result, files map[string][]byte, findings []diag.Finding) report.View {
	t := report.Table{Columns: []report.Column{{Name: "slo"}, {Name: "rules", Right: true}, {Name: "alerts"}}}
	slos := []generated{}
	for _, r := range results {
		g := generated{Name: r.SLO.ID, Rules: r.Cost.Rules, Alerts: []string{}}
		for _, b := range r.Burns {
			g.Alerts = append(g.Alerts, string(b.Severity)+" "+b.Long.String()+"/"+b.Short.String())
		}
		slos = append(slos, g)
		t.Rows = append(t.Rows, report.Row{Cells: []string{g.Name, itoa(g.Rules), strings.Join(g.Alerts, ", ")}})
	}
	return report.View{Lead: []string{outcome(results) + " in " + count(len(files), "file", "files")}, Tables: []report.Table{t}, Findings: findings,
		Data: map[string]any{"version": 1, "slos": slos, "findings": emptyList(findings)}}
}
