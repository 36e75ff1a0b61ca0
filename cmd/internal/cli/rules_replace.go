package cli

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/strict"
	"treadmill/rules"
	"treadmill/rules/compile"
	"treadmill/rules/defaults"
	"treadmill/slo"
	"treadmill/slo/openslo"
)

func (a *app) rulesReplace() *cobra.Command {
	format, out, has := ruleFormat(rules.PrometheusRule), "", []string{}
	var o defaults.ReplaceOptions
	var platform presets
	c := &cobra.Command{
		Use: "replace RULES...", Args: cobra.MinimumNArgs(1),
		Short: "Write the rules that take the place of the installed ones",
		Long: `Writes three files: kept.yaml, the installed rules with every known alert at the severity of its disposition and its mistakes
mended; platform.yaml, the alerts of the platform SLOs; guards.yaml, what must watch over those. What SLOs replace stays as
information until --final. Shows what becomes of each alert; without --out nothing is written.`,
		Example: "  treadmill rules replace installed.yaml --out new/\n  treadmill rules prove new/ --baseline installed.yaml",
		RunE: a.run(func(_ context.Context, args []string) (report.View, error) {
			o.Presets = platform
			files, findings := a.ruleFiles(args)
			table, _ := defaults.Known()
			replaced := defaults.Replace(files, table, o)
			view := replaceView(replaced, findings)
			if out == "" || diag.Any(findings, diag.Error) {
				return view, nil // from half of the rules nothing is written: the other half would be gone
			}
			written, err := replacementFiles(rules.Format(format), out, replaced, table, o.Presets, has)
			if err != nil {
				return view, err
			}
			return view, writeFiles(written)
		}),
	}
	c.Flags().Var(&format, "format", "form of the rules: prometheusrule, prometheus, mimir, vmrule, thanos")
	c.Flags().StringVar(&out, "out", "", "folder to write into; without it only what would become of each alert is shown")
	c.Flags().BoolVar(&o.Final, "final", false, "drop the alerts that SLOs replace, in place of keeping them as information")
	c.Flags().BoolVar(&o.Changed, "changed", false, "treat alerts whose expression was changed like those that were not")
	c.Flags().Var(&platform, "preset", "what the platform is, several by comma: managed-control-plane, k3s, kube-proxy-replacement, single-node, autoscaled")
	c.Flags().StringSliceVar(&has, "has", nil, "what the cluster has: ingress-nginx, envoy-gateway, hubble, component-slis, remote-write")
	return c
}

// replacementFiles are the files of a replacement by path.
func replacementFiles(format rules.Format, folder string, r defaults.Replacement, table defaults.Table, platform []defaults.Preset, has []string) (map[string][]byte, error) {
	guards, _ := defaults.Guards()
	platformSets, err := platformRules(table, platform, has)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{
		filepath.Join(folder, "kept.yaml"):     format.Append([]byte{}, ruleSets(r.Files)...),
		filepath.Join(folder, "platform.yaml"): format.Append([]byte{}, platformSets...),
		filepath.Join(folder, "guards.yaml"):   format.Append([]byte{}, ruleSets(guards)...),
	}, nil
}

func ruleSets(files []rules.File) []rules.Set {
	var sets []rules.Set
	for _, f := range files {
		_, name, _ := strings.Cut(f.Object, "/")
		if name == "" {
			name = strings.TrimSuffix(filepath.Base(f.Name), filepath.Ext(f.Name))
		}
		sets = append(sets, rules.Set{Name: name, Labels: managed(), Groups: f.Groups})
	}
	return sets
}

func managed() map[string]string {
	return map[string]string{"app.kubernetes.io/managed-by": "treadmill"}
}

// platformRules compiles the chosen platform SLOs, at the severities that the stack's routes know.
func platformRules(table defaults.Table, platform []defaults.Preset, has []string) ([]rules.Set, error) {
	slos, _ := defaults.Pack(table, platform, has)
	var sets []rules.Set
	for _, s := range slos {
		if !s.Chosen {
			continue
		}
		name, data, err := s.Spec()
		if err != nil {
			return nil, err
		}
		docs, _ := strict.Documents(name, data)
		specs, _ := openslo.Decode(slices.Values(docs))
		for _, spec := range specs {
			spec.Alerting.Page = slo.Route{Labels: map[string]string{"severity": "critical"}}
			spec.Alerting.Ticket = slo.Route{Labels: map[string]string{"severity": "warning"}}
			sets = append(sets, rules.Set{Name: "slo-" + s.ID, Labels: managed(), Groups: compile.Compile(spec, compile.Options{}).Groups})
		}
	}
	return sets, nil
}

func replaceView(r defaults.Replacement, findings []diag.Finding) report.View {
	t := report.Table{Columns: []report.Column{{Name: "alert"}, {Name: "was"}, {Name: "is"}, {Name: "what changed"}, {Name: "watched by"}, {Name: "reason"}}}
	same, gone := 0, 0
	for _, f := range r.Fates {
		is := f.Became
		switch {
		case is == "":
			is = "gone"
			gone++
		case !f.Touched:
			same++
		}
		t.Rows = append(t.Rows, report.Row{Cells: []string{f.Name, f.Severity, is, strings.Join(f.What, ", "), strings.Join(f.ReplacedBy, ", "), f.Reason}})
	}
	return report.View{
		Lead:   []string{count(len(r.Fates), "alert", "alerts") + ": " + itoa(same) + " stay as they are, " + itoa(len(r.Fates)-same-gone) + " are changed, " + itoa(gone) + " are gone"},
		Tables: []report.Table{t}, Findings: findings,
		Data: map[string]any{"version": 1, "alerts": emptyList(r.Fates), "findings": emptyList(findings)},
	}
}
