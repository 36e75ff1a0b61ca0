package cli_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"treadmill/cmd/internal/app"
	"treadmill/cmd/internal/cli"
)

// complete asks what comes next, as the scripts of all shells do; the last word is the one that is being typed.
func complete(t *testing.T, words ...string) (offered []string, directive string) {
	t.Helper()
	got := run(func(e *app.Env) {
		e.Getenv = func(name string) string {
			return map[string]string{"KUBECONFIG": "../../../testdata/kubeconfig/unreachable.yaml"}[name]
		}
	}, append([]string{cobra.ShellCompRequestCmd}, words...)...)
	lines := strings.Split(strings.TrimSpace(got.stdout), "\n")
	for _, line := range lines[:len(lines)-1] {
		word, _, _ := strings.Cut(line, "\t")
		offered = append(offered, word)
	}
	return offered, lines[len(lines)-1]
}

func TestCompletionScripts(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := run(nil, "completion", shell); got.status != 0 || !strings.Contains(got.stdout, cobra.ShellCompRequestCmd) || got.stderr != "" {
			t.Errorf("%s: status %d, %d bytes, stderr %q", shell, got.status, len(got.stdout), got.stderr)
		}
	}
}

// What can be listed is offered; what cannot is a file, or nothing.
func TestCompletion(t *testing.T) {
	const fleet, words, files = "../../../testdata/example/fleet.yaml", ":4", ":0"
	for line, want := range map[string]struct {
		some      string // words that are offered, with spaces between
		none      string // words that are not
		directive string
	}{
		"rules |":                                   {"audit backtest generate", "scan", words},
		"upgrade |":                                 {"plan scan windows", "audit", words},
		"version -o |":                              {"text json sarif", "", words},
		"version -o j|":                             {"json junit", "text", words},
		"version --fail-on |":                       {"info warning error", "", words},
		"version --now |":                           {"", "", words},
		"version |":                                 {"", "", words},
		"upgrade plan --|":                          {"--fleet --horizon --calendar --output --quarter --late", "", ""},
		"slo gate --|":                              {"--prometheus --openmetrics --min-budget --on-no-data", "", ""},
		"upgrade record --|":                        {"--fleet --cluster --records --outcome", "", ""},
		"upgrade plan -f |":                         {"yaml yml json", "", ":8"}, // the endings of files that are offered
		"upgrade plan --quarter |":                  {"2026Q4 2027Q1", "2026Q3", words},
		"upgrade windows |":                         {"upstream eks gke aks openshift", "", words},
		"upgrade windows e|":                        {"eks", "gke", words},
		"upgrade windows eks |":                     {"gke", "eks", words},
		"upgrade windows --provider eks,|":          {"eks,gke", "eks,eks eks", words},
		"upgrade addons c|":                         {"cert-manager cilium", "traefik", words},
		"upgrade scan --to |":                       {"1.36 1.37 1.38", "1.20", words},
		"upgrade scan --from 1.3|":                  {"1.35", "", words},
		"upgrade scan |":                            {"", "", files},
		"upgrade scan --metrics |":                  {"live", "", files},
		"upgrade scan --context |":                  {"nowhere *", "", words},
		"upgrade gate -f " + fleet + " --cluster |": {"pay-prod-eu shop-dev", "", words},
		"upgrade gate -f " + fleet + " --cluster shop-|":                  {"shop-dev", "pay-dev", words},
		"upgrade gate -f nowhere.yaml --cluster |":                        {"", "", words},
		"upgrade gate --on-no-data |":                                     {"open closed", "", words},
		"upgrade record -f " + fleet + " --cluster pay-prod-eu --spent |": {"payments-availability=", "", words},
		"upgrade export --format |":                                       {"prometheusrule vmrule", "", words},
		"rules generate --format |":                                       {"prometheus mimir thanos", "", words},
		"rules generate --names |":                                        {"treadmill sloth", "", words},
		"rules generate |":                                                {"", "", files},
		"rules lint --to |":                                               {"1.37", "", words},
		"rules lint --kubernetes |":                                       {"1.37", "", words},
		"rules audit --has |":                                             {"hubble", "", words},
		"rules replace --has |":                                           {"ingress-nginx", "", words},
		"serve --fail-on |":                                               {"warning", "", words},
		"rules audit --preset |":                                          {"k3s single-node", "", words},
		"rules audit --preset k3s,s|":                                     {"k3s,single-node", "k3s,k3s", words},
		"rules pack |":                                                    {"apiserver-availability", "", words},
		"rules pack --has |":                                              {"hubble", "", words},
		"rules prove --only api-servers-|":                                {"api-servers-down", "", words},
		"rules backtest --baseline |":                                     {"ALERTS", "", files},
		"slo convert --to |":                                              {"openslo sloth pyrra", "", words},
		"slo migrate --from |":                                            {"sloth pyrra", "", words},
		"slo migrate --old |":                                             {"", "sloth", files},
		"slo report --period |":                                           {"month quarter", "", words},
		"explain api/|":                                                   {"api/removed api/deprecated", "fleet/empty", words},
	} {
		args := strings.Split(strings.TrimSuffix(line, "|"), " ")
		offered, directive := complete(t, args...)
		for _, word := range strings.Fields(want.some) {
			if !slices.Contains(offered, word) {
				t.Errorf("%s: no %q in %q", line, word, offered)
			}
		}
		for _, word := range strings.Fields(want.none) {
			if slices.Contains(offered, word) {
				t.Errorf("%s: %q is offered, among %q", line, word, offered)
			}
		}
		if want.directive != "" && directive != want.directive {
			t.Errorf("%s: directive %s, want %s", line, directive, want.directive)
		}
	}
}

// Every flag whose help lists its words completes to them.
func TestListedWordsAreCompleted(t *testing.T) {
	var out bytes.Buffer
	tree, _ := cli.Tree(env(&out, &out))
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			walk(sub)
		}
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if _, has := c.GetFlagCompletionFunc(f.Name); !has && f.Value.Type() != "bool" && !strings.HasPrefix(f.Value.Type(), "string") {
				t.Errorf("%s --%s takes a %s and completes to files", c.CommandPath(), f.Name, f.Value.Type())
			}
		})
	}
	walk(tree)
}
