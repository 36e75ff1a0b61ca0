package arch_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "treadmill"

// arrows says which of our packages a package may import, tests left aside. A pattern ending in /... takes the packages below too.
// Those of common may be imported by all.
var arrows = map[string][]string{
	"cmd/treadmill":       {"cmd/internal/cli"},
	"cmd/docgen":          {"cmd/internal/cli", "upgrade/windows", "upgrade/addons"},
	"cmd/internal/cli":    {"cmd/internal/report", "cmd/internal/export", "upgrade/...", "slo/...", "rules/..."},
	"cmd/internal/report": {},
	"cmd/internal/export": {},
	"internal/diag":       {},
	"internal/yamlx":      {},
	"internal/glob":       {},
	"internal/arch":       {},
	"internal/gomodule":   {},

	"upgrade":                       {},
	"upgrade/windows":               {"upgrade"},
	"upgrade/addons":                {"upgrade", "upgrade/windows"}, // days, and the releases that lags are counted from
	"upgrade/apis/lifecycle":        {"upgrade"},
	"upgrade/fleet/gen":             {"upgrade/fleet"},
	"upgrade/apis/lifecycle/gen":    {"upgrade", "upgrade/apis/lifecycle", "internal/gomodule"},
	"upgrade/apis/warn/gen":         {"internal/gomodule"},
	"upgrade/calendar":              {"upgrade"},
	"upgrade/fleet":                 {"upgrade", "upgrade/windows", "upgrade/addons", "upgrade/calendar"},
	"upgrade/plan":                  {"upgrade", "upgrade/plan/model", "upgrade/plan/place", "upgrade/plan/relax", "upgrade/plan/baseline", "upgrade/plan/solver", "upgrade/windows", "upgrade/addons", "upgrade/calendar", "upgrade/fleet"},
	"upgrade/plan/model":            {"upgrade", "upgrade/plan/solver", "upgrade/windows", "upgrade/addons", "upgrade/calendar", "upgrade/fleet"},
	"upgrade/plan/place":            {"upgrade/fleet", "upgrade/plan/model", "upgrade/plan/solver"},
	"upgrade/plan/relax":            {"upgrade/calendar", "upgrade/fleet", "upgrade/plan/model", "upgrade/plan/place", "upgrade/plan/solver"},
	"upgrade/plan/baseline":         {"upgrade/plan/model"},
	"upgrade/plan/verify":           {"upgrade", "upgrade/plan", "upgrade/windows", "upgrade/addons", "upgrade/calendar", "upgrade/fleet"},
	"upgrade/plan/solver":           {},
	"upgrade/apis/warn":             {"upgrade"},
	"upgrade/apis/read":             {"upgrade", "upgrade/apis/render/helm", "upgrade/apis/render/gitops", "upgrade/apis/render/kustomize", "upgrade/apis/warn"},
	"upgrade/apis/render/gitops":    {},
	"upgrade/apis/render/kustomize": {},
	"upgrade/apis/render/helm":      {"upgrade"},
	"upgrade/apis/scan":             {"upgrade", "upgrade/apis/lifecycle", "upgrade/apis/read", "upgrade/apis/warn"},
	"upgrade/apis/fix":              {"upgrade", "upgrade/apis/lifecycle", "upgrade/apis/read", "upgrade/apis/scan"},
	"upgrade/apis/auditlog":         {"upgrade", "upgrade/apis/lifecycle", "upgrade/apis/read"},
	"upgrade/kube":                  {"upgrade", "upgrade/apis/lifecycle", "upgrade/apis/read", "upgrade/apis/scan", "upgrade/apis/auditlog", "upgrade/inventory", "upgrade/preflight"},
	"upgrade/inventory":             {"upgrade", "upgrade/addons", "upgrade/fleet"},
	"upgrade/history":               {"upgrade"},
	"upgrade/gate":                  {"upgrade", "upgrade/windows", "upgrade/calendar", "upgrade/fleet", "upgrade/plan", "upgrade/history"},
	"upgrade/preflight":             {"upgrade", "upgrade/addons"},
	"upgrade/preflight/gen":         {"internal/gomodule"},

	"slo":         {},
	"slo/openslo": {"slo"},
	"slo/sloth":   {"slo"},
	"slo/pyrra":   {"slo"},
	"slo/spec":    {"slo", "slo/openslo", "slo/sloth", "slo/pyrra"},
	"slo/prom":    {"slo"},
	"slo/review":  {"slo"},

	"rules":          {"slo"},
	"rules/compile":  {"rules", "slo"},
	"rules/defaults": {"rules", "rules/noise", "slo"},
	"rules/noise":    {"slo"},
	"rules/eval":     {"rules"},
	"rules/tsdb":     {"rules/eval"},
	"rules/unittest": {"rules", "rules/eval"},
	"rules/prove":    {"rules", "rules/eval"},
	"rules/scrape":   {"rules"},
	"rules/quality":  {"rules", "slo"},
	"rules/lint":     {"rules", "upgrade"}, // which version has which metric
	"rules/lint/gen": {"internal/gomodule"},
	"rules/backtest": {"rules", "rules/eval", "rules/compile", "slo", "slo/review"},
}

// common are the packages that know nothing of the subject.
var common = []string{"internal/diag", "internal/yamlx", "internal/glob"}

// fences says which packages alone may import a heavy library; tests may use any.
var fences = map[string][]string{
	"github.com/spf13/cobra":                         {"cmd/internal/cli", "cmd/docgen"},
	"github.com/owenrumney/go-sarif/":                {"cmd/internal/report"},
	"github.com/prometheus/prometheus/promql/parser": {"rules/..."},
	"github.com/prometheus/prometheus/promql$":       {"rules/eval"},
	"github.com/prometheus/prometheus/template":      {"rules/eval"},
	"github.com/prometheus/prometheus/storage":       {"rules/eval", "rules/tsdb"},
	"github.com/prometheus/prometheus/rules":         {}, // with tsdb it brings 400 packages, cloud SDKs among them
	"github.com/prometheus/prometheus/tsdb$":         {},
	"github.com/prometheus/prometheus/tsdb/":         {"rules/eval", "rules/tsdb"},
	"github.com/prometheus/client_golang/api":        {"slo/prom"},
	"github.com/prometheus/client_golang/prometheus": {"cmd/internal/export"},
	"github.com/prometheus/alertmanager/":            {"rules/noise"},
	"k8s.io/client-go":                               {"upgrade/kube"},
	"helm.sh/helm/":                                  {"upgrade/apis/render/helm"},
	"sigs.k8s.io/kustomize/":                         {"upgrade/apis/render/kustomize"},
	"github.com/teambition/rrule-go":                 {"upgrade/calendar"},
	"github.com/arran4/golang-ical":                  {"upgrade/calendar"},
	"github.com/bmatcuk/doublestar/":                 {"internal/glob"},
	"go.yaml.in/yaml/v3":                             {"internal/yamlx", "cmd/internal/report", "upgrade/...", "slo/...", "rules/..."},
}

// process are the packages through which code touches the process; only the command line may.
var process = map[string][]string{
	"os":        {"cmd/...", "internal/gomodule", "upgrade/fleet/gen", "upgrade/apis/lifecycle/gen", "upgrade/apis/warn/gen", "rules/lint/gen", "upgrade/preflight/gen"},
	"os/signal": {"cmd/treadmill"},
	"os/exec":   {"internal/gomodule"},
	"log":       {},
	"flag":      {"cmd/docgen", "internal/gomodule", "upgrade/fleet/gen"},
}

func TestArrows(t *testing.T) {
	for pkg, imports := range packages(t) {
		allowed, known := arrows[pkg]
		if !known {
			t.Errorf("package %s is not in the drawing: add it to arrows, and to docs/ARCHITECTURE.md", pkg)
		}
		for _, imp := range imports {
			inner, ours := strings.CutPrefix(imp, module+"/")
			switch {
			case ours && !slices.Contains(common, inner) && !matches(allowed, inner):
				t.Errorf("%s imports %s, which the drawing does not allow", pkg, inner)
			case !ours:
				checkFence(t, pkg, imp)
			}
		}
	}
}

func checkFence(t *testing.T, pkg, imp string) {
	t.Helper()
	for heavy, allowed := range fences {
		exact, isExact := strings.CutSuffix(heavy, "$")
		if (isExact && imp == exact || !isExact && strings.HasPrefix(imp, heavy)) && !matches(allowed, pkg) {
			t.Errorf("%s imports %s, which is fenced in %v", pkg, imp, allowed)
		}
	}
	if allowed, ok := process[imp]; ok && !matches(allowed, pkg) {
		t.Errorf("%s imports %s: only the command line touches the process", pkg, imp)
	}
}

func matches(patterns []string, pkg string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		prefix, tree := strings.CutSuffix(p, "/...")
		return p == pkg || tree && (pkg == prefix || strings.HasPrefix(pkg, prefix+"/"))
	})
}

// packages maps every package of the module to what its files import, tests left out.
func packages(t *testing.T) map[string][]string {
	t.Helper()
	root := filepath.Join("..", "..")
	out := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if file != root && (strings.HasPrefix(name, ".") || name == "testdata" || file == filepath.Join(root, "internal", "tools")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		pkg := path.Clean(filepath.ToSlash(rel))
		out[pkg] = append(out[pkg], []string{}...)
		for _, spec := range parsed.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			out[pkg] = append(out[pkg], imp)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 5 {
		t.Fatalf("found only %d packages below %s", len(out), root)
	}
	return out
}
