package rules

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/defaults"
)

// replaceFlags are the flags of rules replace.
type replaceFlags struct {
	format    input.RuleFormat
	out       string
	overwrite bool
	options   defaults.ReplaceOptions
	platform  presets
	has       []string
	accepted  []string
	chart     stackFlags
}

func replaceCommand(a *app.App) *cobra.Command {
	f := replaceFlags{format: input.RuleFormat(rules.PrometheusRule)}
	c := &cobra.Command{
		Use: "replace [RULES...]", Args: cobra.ArbitraryArgs,
		Short: "Write the rules that take the place of the installed ones",
		Long: `Gives every known alert the severity of its disposition, mends its mistakes, and puts the alerts of the platform SLOs and what
must watch over those beside it. Writes two steps: 1-burn-in, in which what SLOs replace stays as information, and 2-final,
in which it is gone; each as rules to load and as values for kube-prometheus-stack. Beside them: unit tests, routes for
Alertmanager, a silence for upgrades, and a report of what becomes of each alert. Without --out nothing is written.

With --chart the rules are those that a kube-prometheus-stack renders, and the values are checked by rendering it with
them: they must give exactly the intended rules.`,
		Example: "  treadmill rules replace installed.yaml --out new/\n  treadmill rules prove new/1-burn-in/rules --baseline installed.yaml\n" +
			"  helm pull prometheus-community/kube-prometheus-stack && treadmill rules replace --chart kube-prometheus-stack-*.tgz --values ours.yaml --out new/",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			if len(args) == 0 && f.chart.path == "" {
				return report.View{}, app.Usage("name the rules to replace, or the chart that renders them with --chart")
			}
			return replace(a, ctx, args, f)
		}),
	}
	c.Flags().Var(&f.format, "format", "form of the rules: prometheusrule, prometheus, mimir, vmrule, thanos")
	c.Flags().StringVar(&f.out, "out", "", "folder to write into; without it only what would become of each alert is shown")
	c.Flags().BoolVar(&f.overwrite, "overwrite", false, "write over files in --out that were changed since, or that are somebody else's")
	c.Flags().BoolVar(&f.options.Changed, "changed", false, "treat alerts whose expression was changed like those that were not")
	c.Flags().Var(&f.platform, "preset", "what the platform is, several by comma: managed-control-plane, k3s, kube-proxy-replacement, single-node, autoscaled")
	c.Flags().StringSliceVar(&f.has, "has", nil, "what the cluster has: ingress-nginx, envoy-gateway, hubble, component-slis, remote-write")
	c.Flags().StringSliceVar(&f.accepted, "accepted", nil, "rules that somebody has accepted, such as those before an update: unknown alerts that are not among them become information")
	f.chart.add(c)
	return a.Returns(c, replaceData{})
}

// replace reads the rules, replaces them and writes what --out asks for.
func replace(a *app.App, ctx context.Context, args []string, f replaceFlags) (report.View, error) {
	f.options.Presets = f.platform
	files, findings := input.RuleFiles(a, args)
	if len(f.accepted) > 0 {
		before, problems := input.RuleFiles(a, f.accepted)
		f.options.Accepted, findings = append([]rules.File{}, before...), append(findings, problems...)
	}
	stack, err := readStack(a, f.chart)
	if err != nil {
		return report.View{}, err
	}
	if stack != nil {
		rendered, problems, err := stack.rules(ctx, nil)
		if err != nil {
			return report.View{}, err
		}
		files, findings = append(files, rendered...), append(findings, problems...)
	}
	made, err := newReplacing(files, f)
	if err != nil {
		return report.View{}, err
	}
	if stack != nil && !diag.Any(findings, diag.Error) {
		problems, err := stack.check(ctx, made)
		if err != nil {
			return report.View{}, err
		}
		findings = append(findings, problems...)
	}
	for _, file := range made.final.Files {
		findings = append(findings, rules.CheckFormat(rules.Format(f.format), file.Groups)...)
	}
	view := replaceView(made.burnIn, findings)
	view.Title = "What becomes of each alert"
	if f.out == "" || diag.Any(findings, diag.Error) {
		return view, nil // from half of the rules nothing is written: the other half would be gone
	}
	written, err := made.files(rules.Format(f.format), view)
	if err != nil {
		return view, err
	}
	return view, a.WriteOwn(f.out, written, f.overwrite)
}

// replaceData is the machine shape of `rules replace`.
type replaceData struct {
	Alerts   []defaults.Fate `json:"alerts"`
	Findings []diag.Finding  `json:"findings"`
	Version  int             `json:"version"`
}

func replaceView(r defaults.Replacement, findings []diag.Finding) report.View {
	t := report.Table{Columns: []report.Column{{Name: "alert"}, {Name: "was"}, {Name: "is"}, {Name: "what changed"}, {Name: "watched by"}, {Name: "reason"}}}
	tones := map[string]report.Tone{"critical": report.Bad, "warning": report.Warn, "info": report.Muted, "": report.Muted}
	same, gone := 0, 0
	for _, f := range r.Fates {
		is := f.Became
		switch {
		case f.Gone:
			is = "gone"
			gone++
		case !f.Touched:
			same++
		}
		t.Rows = append(t.Rows, report.Row{Tone: tones[f.Became], Cells: []string{f.Name, f.Severity, is, strings.Join(f.What, ", "), strings.Join(f.ReplacedBy, ", "), f.Reason}})
	}
	return report.View{
		Lead: []string{app.Count(len(r.Fates), "alert", "alerts") + ": " + app.Count(same, "stays as it is", "stay as they are") + ", " +
			app.Count(len(r.Fates)-same-gone, "is changed", "are changed") + ", " + app.Count(gone, "is gone", "are gone")},
		Tables: []report.Table{t}, Findings: findings,
		Data: replaceData{Version: 1, Alerts: app.List(r.Fates), Findings: app.List(findings)},
	}
}
