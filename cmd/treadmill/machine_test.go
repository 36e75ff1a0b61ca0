package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli"
)

// machineRuns are command lines, run from the root of the repository, that give each command something to say.
// A new command gets a line here; TestMachineShapes checks what product-wide promises its JSON must keep.
func machineRuns() map[string][]string {
	return map[string][]string{
		"treadmill version":         {""},
		"treadmill init":            {"testdata/init"}, // where all is kept
		"treadmill explain":         {"", "api/removed crd/stored"},
		"treadmill serve":           {}, // ends when it is told to: TestServe of cmd/internal/cli reads its pages
		"treadmill upgrade changes": {"--from 1.34 --to 1.37", "--from 1.30 --to 1.38 testdata/example/manifests"},
		"treadmill data status":     {""},
		"treadmill data verify":     {"README.md"},
		"treadmill data update":     {}, // takes a signed snapshot: TestDataUpdate of cmd/internal/cli gives it one
		"treadmill upgrade plan": {
			"-f testdata/example/fleet.yaml",
			"-f testdata/example/fleet.yaml --approve 30d --records testdata/example/campaigns.yaml --slo testdata/example/slos --openmetrics testdata/example/history.yaml",
		},
		"treadmill upgrade gate": {
			"-f testdata/example/fleet.yaml --cluster pay-prod-eu --records testdata/example/campaigns.yaml --slo testdata/example/slos --openmetrics testdata/example/history.yaml",
		},
		"treadmill upgrade watch": {
			"-f testdata/example/fleet.yaml --cluster pay-prod-eu --start 2026-11-20T09:00:00Z --slo testdata/example/slos --openmetrics testdata/example/history.yaml",
		},
		"treadmill upgrade record": {
			"-f testdata/example/fleet.yaml --cluster pay-dev --to 1.34 --start 2026-10-06T07:00:00Z --records testdata/example/campaigns.yaml",
		}, // it is recorded already
		"treadmill review": {
			"--quarter 2026Q4 -f testdata/example/fleet.yaml --records testdata/example/campaigns.yaml --slo testdata/example/slos --openmetrics testdata/example/history.yaml",
		},
		"treadmill upgrade export":  {"-f testdata/example/fleet.yaml", "--rules"},
		"treadmill upgrade check":   {"-f testdata/example/fleet.yaml"},
		"treadmill upgrade windows": {"", "--provider eks --all"},
		"treadmill upgrade addons":  {"", "ingress-nginx cert-manager"},
		"treadmill rules audit": {
			"testdata/rules/kube-prometheus.yaml",
			"testdata/rules/kube-prometheus.yaml --openmetrics testdata/noise/history.yaml --since 14d",
		},
		"treadmill report pr":   {"testdata/pullrequest/base testdata/pullrequest/head"},
		"treadmill upgrade fix": {"testdata/example/manifests --to 1.38"},
		"treadmill upgrade scan": {
			"testdata/example/manifests --to 1.38",
			"testdata/gitops",
			"--audit-log testdata/example/apiserver/audit.log",
		},
		"treadmill drift":             {"-f testdata/example/fleet.yaml --allow-partial --kubeconfig testdata/kubeconfig/unreachable.yaml"},
		"treadmill upgrade inventory": {"--allow-partial --kubeconfig testdata/kubeconfig/unreachable.yaml"},
		"treadmill upgrade preflight": {"--allow-partial --kubeconfig testdata/kubeconfig/unreachable.yaml"},
		"treadmill rules diff":        {"testdata/rules/kube-prometheus.yaml testdata/unittest/plain.yaml"},
		"treadmill rules ci":          {"testdata/rules/kube-prometheus.yaml testdata/unittest/plain.yaml"},
		"treadmill rules lint":        {"testdata/lint", "testdata/lint --to 1.38"},
		"treadmill rules pack":        {""},
		"treadmill rules push":        {}, // needs a server: cmd/internal/cli tests it
		"treadmill rules prove":       {"testdata/rules/kube-prometheus.yaml --only quiet-sunday"},
		"treadmill rules test":        {"testdata/unittest/passing.yaml", "testdata/unittest/failing.yaml"},
		"treadmill rules generate":    {"testdata/example/slos"},
		"treadmill slo report": {
			"testdata/example/slos/payments-availability.yaml --openmetrics testdata/example/history.yaml --period 15d --trend 1",
		},
		"treadmill slo suggest": {
			"testdata/example/slos/payments-availability.yaml --openmetrics testdata/example/history.yaml --since 5d --target 99,99.9",
		},
		"treadmill slo gate":       {"testdata/example/slos/payments-availability.yaml --openmetrics testdata/example/history.yaml"},
		"treadmill slo explain":    {"testdata/example/slos"},
		"treadmill slo validate":   {"testdata/example/slos"},
		"treadmill rules backtest": {"testdata/example/slos --openmetrics testdata/example/history.yaml --since 10d"},
		"treadmill slo convert":    {"testdata/example/slos --to sloth"},
		"treadmill slo migrate": {
			"testdata/migrate/sloth.yaml --from sloth",
			"testdata/migrate/sloth.yaml --from sloth --openmetrics testdata/migrate/history.yaml --since 5d",
		},
		"treadmill rules replace": {"testdata/rules/kube-prometheus.yaml"},
	}
}

// nullable are the fields that are null when there is nothing: one thing or none, never lists.
func nullable() []string {
	return []string{"replacement", "noise", "baseline", "extendedEnd", "extendedSupport", "precision", "recall", "pageRecall", "compared"}
}

// TestMachineShapes: JSON has version 1 and no null list, YAML says the same, and the same input gives the same bytes.
func TestMachineShapes(t *testing.T) {
	t.Chdir("../..")
	runs := machineRuns()
	tree, _ := cli.Tree(quiet("treadmill"))
	for _, command := range leaves(tree) {
		lines, ok := runs[command]
		if !ok {
			t.Errorf("%s is not in machineRuns", command)
		}
		for _, line := range lines {
			t.Run(strings.TrimSpace(command+" "+line), func(t *testing.T) {
				args := append(strings.Fields(command), strings.Fields(line)...)
				checkMachine(t, append(args, "--now", "2026-11-23"))
			})
		}
	}
}

func checkMachine(t *testing.T, args []string) {
	t.Helper()
	first, again := capture(t, append(args, "-o", "json")), capture(t, append(args, "-o", "json"))
	if !bytes.Equal(first, again) {
		t.Errorf("two runs differ:\n%s\n%s", first, again)
	}
	var fromJSON, fromYAML map[string]any
	if err := json.Unmarshal(first, &fromJSON); err != nil {
		t.Fatalf("not a JSON object: %v\n%s", err, first)
	}
	if err := checkSchema("docs/schema/out", args, first); err != nil {
		t.Error(err)
	}
	if fromJSON["version"] != 1.0 {
		t.Errorf("version is %v, want 1", fromJSON["version"])
	}
	for _, place := range nulls("", fromJSON) {
		t.Errorf("%s is null: a list must be [], and another absent value left out", place)
	}
	if err := yaml.Unmarshal(capture(t, append(args, "-o", "yaml")), &fromYAML); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(fromYAML)
	if err != nil {
		t.Fatal(err)
	}
	var same map[string]any
	if err := json.Unmarshal(text, &same); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(same, fromJSON) {
		t.Error("yaml and json differ")
	}
}

// capture runs a command whose findings may fail it, but which must do its work.
func capture(t *testing.T, args []string) []byte {
	t.Helper()
	var stdout, stderr bytes.Buffer
	e := quiet(args...)
	e.Stdout, e.Stderr = &stdout, &stderr
	if status := cli.Main(context.Background(), e); status > 1 {
		t.Fatalf("%v: status %d\n%s", args, status, stderr.String())
	}
	return stdout.Bytes()
}

func quiet(args ...string) app.Env {
	return app.Env{
		Args: args, Getenv: func(string) string { return "" }, Now: time.Now, Stdin: strings.NewReader(""),
		Stdout: &bytes.Buffer{}, Stderr: &bytes.Buffer{}, Open: func(name string) (fs.File, error) { return os.Open(name) },
	}
}

// leaves lists the commands that do work.
func leaves(c *cobra.Command) []string {
	if !c.HasSubCommands() {
		return []string{c.CommandPath()}
	}
	var out []string
	for _, sub := range c.Commands() {
		if sub.Name() != "completion" && sub.Name() != "help" {
			out = append(out, leaves(sub)...)
		}
	}
	return out
}

// nulls lists the places of null that are not allowed.
func nulls(at string, v any) []string {
	var out []string
	switch v := v.(type) {
	case map[string]any:
		for key, field := range v {
			if field != nil || !slices.Contains(nullable(), key) {
				out = append(out, nulls(at+"."+key, field)...)
			}
		}
	case []any:
		for i, item := range v {
			out = append(out, nulls(fmt.Sprintf("%s[%d]", at, i), item)...)
		}
	case nil:
		out = append(out, at)
	}
	return out
}
