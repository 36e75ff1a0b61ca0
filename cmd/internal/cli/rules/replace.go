package rules

import (
	"bytes"
	"context"
	"maps"
	"runtime"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/rules"
	"treadmill/rules/contain"
	"treadmill/rules/defaults"
	"treadmill/rules/noise"
	"treadmill/rules/swap"
)

// replaceFlags are the flags of rules replace.
type replaceFlags struct {
	format       input.RuleFormat
	out          string
	overwrite    bool
	changed      bool
	platform     platformFlags
	accepted     []string
	alertmanager string
	states       int
	chart        stackFlags
}

func replaceCommand(a *app.App) *cobra.Command {
	f := replaceFlags{format: input.RuleFormat(rules.PrometheusRule)}
	c := &cobra.Command{
		Use: "replace [RULES...]", Args: cobra.ArbitraryArgs,
		Short: "Write the rules that take the place of the installed ones, in steps that can be taken back",
		Long: `Gives every known alert the severity of its disposition, mends its mistakes, and puts the alerts of the platform SLOs and what
must watch over those beside it. Writes two steps, each as rules to load and as values for kube-prometheus-stack: in 1-burn-in
the installed rules are as they were and the new alerts reach nobody, in 2-final the new ones take over. Beside them: unit
tests, routes for Alertmanager, a silence for upgrades, and a report of what becomes of each alert and who watches from then
on. Without --out nothing is written.

An alert counts as replaced only if a search finds no state of which it tells somebody and the new rules nobody: values that make
its expression true, of one, some and all of 3 to 1,000 objects, played to the rules of the second step. Where there is one the
alert stays, and the report shows the state. --states says how many are tried.

With --chart the rules are those that a kube-prometheus-stack renders, what the platform lacks is read from its values, and the
written values are checked by rendering the chart with them: they must give exactly the intended rules. With --alertmanager,
or the configuration that the chart renders, alerts are followed through your routes and inhibit rules: nothing is written where
burn-in would be heard, or a new alert would reach nobody, go astray or be muted by another.`,
		Example: "  treadmill rules replace installed.yaml --out new/\n  treadmill rules prove new/2-final/rules --baseline installed.yaml\n" +
			"  helm pull prometheus-community/kube-prometheus-stack && treadmill rules replace --chart kube-prometheus-stack-*.tgz --values ours.yaml --out new/",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			if len(args) == 0 && f.chart.path == "" {
				return report.View{}, app.Usage("name the rules to replace, or the chart that renders them with --chart")
			}
			return replace(ctx, a, args, f)
		}),
	}
	c.Flags().Var(&f.format, "format", "form of the rules: prometheusrule, prometheus, mimir, vmrule, thanos")
	c.Flags().StringVar(&f.out, "out", "", "folder to write into; without it only what would become of each alert is shown")
	c.Flags().BoolVar(&f.overwrite, "overwrite", false, "write over files in --out that were changed since, or that are somebody else's")
	c.Flags().BoolVar(&f.changed, "changed", false, "treat alerts whose expression was changed like those that were not")
	f.platform.add(c)
	c.Flags().
		StringSliceVar(&f.accepted, "accepted", nil, "rules that somebody has accepted, such as those before an update: unknown alerts that are not among them become information")
	c.Flags().
		StringVar(&f.alertmanager, "alertmanager", "", "configuration of your Alertmanager, to say who is told; with --chart the one that it renders, unless given")
	c.Flags().IntVar(&f.states, "states", 2, "how many states are searched for each alert that SLOs replace; 0 searches none")
	f.chart.add(c)
	return a.Returns(c, replaceData{})
}

// replace reads the rules, replaces them and writes what --out asks for.
func replace(ctx context.Context, a *app.App, args []string, f replaceFlags) (report.View, error) {
	in, err := readInstalled(ctx, a, args, f)
	if err != nil {
		return report.View{}, err
	}
	table, _ := defaults.Known()
	made, err := swap.New(in.files, table, in.options)
	if err != nil {
		return report.View{}, err
	}
	if f.states > 0 {
		made.Contain(ctx, contain.Options{States: f.states}, runtime.GOMAXPROCS(0))
	}
	if in.stack != nil {
		made.Chart = in.stack.chart()
		if !diag.Any(in.findings, diag.Error) {
			problems, err := in.stack.check(ctx, made)
			if err != nil {
				return report.View{}, err
			}
			in.findings = append(in.findings, problems...)
		}
	}
	for _, file := range made.Final.Files {
		in.findings = append(in.findings, rules.CheckFormat(rules.Format(f.format), file.Groups)...)
	}
	if in.routes != nil {
		in.findings = append(in.findings, made.Routes(in.routesName, *in.routes)...)
	}
	view := replaceView(made, in)
	if f.out == "" || diag.Any(in.findings, diag.Error) {
		return view, nil // from half of the rules nothing is written: the other half would be gone
	}
	written := made.Files(rules.Format(f.format))
	for name, format := range map[string]report.Format{"report.md": report.Markdown, "report.html": report.HTML} {
		var b bytes.Buffer
		if err := report.Write(&b, format, view, report.Style{Origin: a.Origin()}); err != nil {
			return view, err
		}
		maps.Copy(written, map[string][]byte{name: b.Bytes()})
	}
	return view, a.WriteOwn(f.out, written, f.overwrite)
}

// installed is what is replaced, and where it runs.
type installed struct {
	files      []rules.File
	options    defaults.ReplaceOptions
	stack      *stack
	routes     *noise.Config // of the owner's Alertmanager; nil where it is not known
	routesName string
	findings   []diag.Finding
}

func readInstalled(ctx context.Context, a *app.App, args []string, f replaceFlags) (in installed, err error) {
	in.options = defaults.ReplaceOptions{Platform: f.platform.platform(), Changed: f.changed}
	in.files, in.findings = input.RuleFiles(a, args)
	if len(f.accepted) > 0 {
		before, problems := input.RuleFiles(a, f.accepted)
		in.options.Accepted, in.findings = append([]rules.File{}, before...), append(in.findings, problems...)
	}
	if in.stack, err = readStack(a, f.chart); err != nil {
		return in, err
	}
	var config []byte
	if in.stack != nil {
		made, err := in.stack.render(ctx, nil)
		if err != nil {
			return in, err
		}
		in.files, in.findings = append(in.files, made.rules...), append(in.findings, made.findings...)
		in.options.Platform.Presets = append(in.options.Platform.Presets, swap.FromValues(made.values)...)
		config, in.routesName = made.alertmanager, in.stack.path
	}
	if f.alertmanager != "" {
		read, err := a.Read(f.alertmanager)
		if err != nil {
			return in, err
		}
		config, in.routesName = read.Data, read.Name
	}
	if config == nil {
		return in, nil
	}
	routes, problems := noise.ReadConfig(in.routesName, config)
	if in.findings = append(in.findings, problems...); !diag.Any(problems, diag.Error) {
		in.routes = &routes
		if swap.InfoIsSilent(routes) {
			in.options.Platform.Has = append(in.options.Platform.Has, "info-unrouted")
		}
	}
	return in, nil
}
