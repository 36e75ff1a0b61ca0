package rules

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/input"
	"treadmill/cmd/internal/report"
	"treadmill/internal/diag"
	"treadmill/internal/net"
	"treadmill/internal/textdiff"
	"treadmill/rules"
	"treadmill/slo/prom"
)

func pushCommand(a *app.App) *cobra.Command {
	var ruler input.Live
	namespace, write := "treadmill", false
	var c *cobra.Command
	c = &cobra.Command{
		Use: "push --mimir URL RULES...", Args: cobra.MinimumNArgs(1),
		Short: "Load rules into the ruler of Mimir: shows the difference, and writes it with --write",
		Long: `Compares rule files with the groups of one namespace of a Mimir (or Cortex) ruler and shows the difference. --write loads the groups
that are new or changed. Nothing is ever deleted: groups that the server has and the files do not are named and stay. The namespace is
that of --namespace, else the one that the files name, else treadmill.
The rules of a cluster are objects: apply those that rules generate writes, by whatever applies your other objects.`,
		Example: "  treadmill rules generate slos/ --format prometheus --out rules.yaml\n  treadmill rules push rules.yaml --mimir http://mimir:8080/prometheus --prometheus-tenant shop --write",
		RunE: a.Run(func(ctx context.Context, args []string) (report.View, error) {
			files, findings := input.RuleFiles(a, args)
			var want []rules.Group
			for _, f := range files {
				want = append(want, f.Groups...)
			}
			findings = append(findings, twiceNamed(want)...)
			findings = append(findings, rules.CheckFormat(rules.Mimir, want)...)
			namespace, problems := namespaceOf(files, namespace, c.Flags().Changed("namespace"))
			if findings = append(findings, problems...); diag.Any(problems, diag.Error) {
				return pushView(nil, namespace, false, a.Settle(findings)), nil
			}
			if err := net.CheckSegment(namespace); err != nil {
				return report.View{}, app.Usage("the namespace: %w", err)
			}
			client, err := input.ConnectTo(a, ruler, prom.NewRuler)
			if err != nil {
				return report.View{}, err
			}
			answer, err := client.Namespace(ctx, namespace)
			if err != nil {
				return report.View{}, err
			}
			has, problems := rules.ReadNamespace(namespace, answer)
			if diag.Any(problems, diag.Error) {
				return report.View{}, errors.New("what the ruler has cannot be read: " + problems[0].String())
			}
			moves := rules.Moves(has, want)
			if write && !diag.Any(findings, diag.Error) {
				if err := pushed(ctx, client, namespace, moves); err != nil {
					return report.View{}, err
				}
			}
			return pushView(moves, namespace, write && !diag.Any(findings, diag.Error), a.Settle(findings)), nil
		}),
	}
	c.Flags().StringVar(&ruler.Address, "mimir", "", "address of the Prometheus API of Mimir, such as http://mimir:8080/prometheus")
	ruler.AddAccess(c)
	c.Flags().StringVar(&namespace, "namespace", namespace, "namespace of the ruler")
	c.Flags().BoolVar(&write, "write", false, "load what is new or changed")
	app.MustHave(c, "mimir")
	return a.Returns(c, pushData{})
}

// namespaceOf is the namespace that the groups of files go to: the one that was asked for, else the one that the files name.
func namespaceOf(files []rules.File, namespace string, asked bool) (string, []diag.Finding) {
	var names []string
	var out []diag.Finding
	for _, f := range files {
		if names = append(names, f.Namespace); asked && f.Namespace != "" && f.Namespace != namespace {
			out = append(out, diag.Finding{ID: "rules/namespace", Severity: diag.Info, Position: diag.Position{File: f.Name},
				Message: fmt.Sprintf("the file names the namespace %q; its groups go to %q, which --namespace names", f.Namespace, namespace)})
		}
	}
	slices.Sort(names)
	switch names = slices.Compact(names); {
	case asked || len(names) == 0 || len(names) == 1 && names[0] == "":
		return namespace, out
	case len(names) == 1:
		return names[0], nil
	}
	return namespace, []diag.Finding{{ID: "rules/namespace", Severity: diag.Error, Position: diag.Position{File: files[0].Name},
		Message: fmt.Sprintf("the files name different namespaces, or some none (%q): push them one by one, or say --namespace", names)}}
}

// twiceNamed finds groups of one name: a namespace of a ruler holds one of each.
func twiceNamed(groups []rules.Group) []diag.Finding {
	var out []diag.Finding
	seen := map[string]diag.Position{}
	for _, g := range groups {
		if first, twice := seen[g.Name]; twice {
			out = append(out, diag.Finding{ID: rules.FindingGroupTwice, Severity: diag.Error, Position: g.Pos,
				Message: fmt.Sprintf("the group %s is also at %s: a namespace of a ruler holds one of each name", g.Name, first)})
			continue
		}
		seen[g.Name] = g.Pos
	}
	return out
}

func pushed(ctx context.Context, client *prom.Ruler, namespace string, moves []rules.Move) error {
	done := 0
	for _, m := range moves {
		if m.State != rules.New && m.State != rules.Changed {
			continue
		}
		if err := client.Set(ctx, namespace, m.One()); err != nil {
			return fmt.Errorf("%s: %w; %s before it was loaded", m.Group, err, app.Count(done, "group", "groups"))
		}
		done++
	}
	return nil
}

// pushedGroup is a group and what becomes of it.
type pushedGroup struct {
	Name  string      `json:"name"`
	State rules.State `json:"state"`
}

// pushData is the machine shape of `rules push`.
type pushData struct {
	Diff      string         `json:"diff"`
	Findings  []diag.Finding `json:"findings"`
	Groups    []pushedGroup  `json:"groups"`
	Namespace string         `json:"namespace"`
	Version   int            `json:"version"`
	Written   bool           `json:"written"`
}

func pushView(moves []rules.Move, namespace string, written bool, findings []diag.Finding) report.View {
	tones := map[rules.State]report.Tone{
		rules.New:       report.Good,
		rules.Changed:   report.Warn,
		rules.Unchanged: report.Muted,
		rules.Left:      report.Plain,
	}
	t := report.Table{Columns: []report.Column{{Name: "group"}, {Name: "state"}}}
	groups := []pushedGroup{}
	var diffs []byte
	counts := map[rules.State]int{}
	for _, m := range moves {
		counts[m.State]++
		groups = append(groups, pushedGroup{m.Group, m.State})
		if m.State == rules.New || m.State == rules.Changed {
			diffs = append(diffs, textdiff.Unified(namespace+"/"+m.Group, []byte(m.Before), []byte(m.After))...)
		}
		if m.State != rules.Unchanged {
			t.Rows = append(t.Rows, report.Row{Tone: tones[m.State], Cells: []string{m.Group, string(m.State)}})
		}
	}
	verb := "to load: --write does it"
	if written {
		verb = "loaded"
	}
	v := report.View{
		Lead: []string{
			fmt.Sprintf(
				"namespace %s: %d new, %d changed, %s; %d unchanged, %d left",
				namespace,
				counts[rules.New],
				counts[rules.Changed],
				verb,
				counts[rules.Unchanged],
				counts[rules.Left],
			),
		},
		Tables:   []report.Table{t},
		Findings: findings,
		Data:     pushData{Version: 1, Namespace: namespace, Written: written, Groups: groups, Diff: string(diffs), Findings: app.List(findings)},
	}
	if !written && len(diffs) > 0 {
		v.Document = diffs
	}
	return v
}
